//! Backup × key version, from what was read: dumps whose envelopes were tried, and what was in use over time.

use chrono::TimeDelta;
use domain::coverage::{Stock, Trial};
use domain::inventory::{Coverage, Keys};
use domain::rotation::Span;
use domain::time::Timestamp;

use crate::collect::SourceReading;

/// What is known of the keys and their past.
#[derive(Clone, Copy, Debug)]
pub struct Custody<'a> {
    pub keys: &'a Keys,
    /// What the envelopes of the live database opened with, and what Ampora ran with.
    pub envelopes: &'a [Span],
    pub in_use: &'a [Span],
    /// How long the policy promises to keep a backup.
    pub kept_for: Option<TimeDelta>,
    pub now: Timestamp,
}

/// The cells for the backups of one source.
#[must_use]
pub fn coverage(reading: &SourceReading, custody: &Custody<'_>) -> Vec<Coverage> {
    let Some(first) = reading.backups.first() else {
        return Vec::new();
    };
    let trials = reading.dumps.iter().map(|(label, dump)| Trial {
        source: &first.source,
        label,
        openings: &dump.openings,
        parsed: dump.sampled.saturating_sub(dump.unparsed),
        at: dump.read_at,
    });
    let trials: Vec<_> = trials.collect();
    domain::coverage::coverage(&Stock {
        backups: &reading.backups,
        trials: &trials,
        keys: custody.keys,
        dated: is_dated(custody.keys),
        envelopes: custody.envelopes,
        in_use: custody.in_use,
        kept_for: custody.kept_for,
        now: custody.now,
    })
}

/// A folder knows when its files were written, which a copy changes.
fn is_dated(keys: &Keys) -> bool {
    !keys.versions.iter().any(|version| version.manager.starts_with("file "))
}
