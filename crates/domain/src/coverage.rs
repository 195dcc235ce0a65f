//! Backup × key version: which version of the master key opens which backup, how that is known, and what is about to take it away. Opening
//! proves; where nobody tried, what was in use at the moment that the backup shows lets expect; and what neither tells is unknown.

mod answer;
mod ending;
mod expected;
mod tried;

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::backup::{Backup, Kind};
use crate::custody::State;
use crate::inventory::{Coverage, CoverageStatus, KeyVersion, Keys};
use crate::key::Fingerprint;
use crate::rotation::Span;
use crate::time::Timestamp;

pub use answer::{Answer, Ending, Urgency, by_backup, endings};

/// What the matrix is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Stock<'a> {
    pub backups: &'a [Backup],
    /// Backups whose envelopes were tried.
    pub trials: &'a [Trial<'a>],
    pub keys: &'a Keys,
    /// Whether times of versions are the manager's own word. Those of files say when a file was written.
    pub dated: bool,
    /// What the envelopes of the live database opened with, and what Ampora ran with, from the first look on.
    pub envelopes: &'a [Span],
    pub in_use: &'a [Span],
    /// How long a backup is kept. `None`: not known.
    pub kept_for: Option<TimeDelta>,
    pub now: Timestamp,
}

/// What came of trying keys on the envelopes of a backup: of a dump that was read, of a backup that was restored in a drill.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    pub source: &'a str,
    pub label: &'a str,
    /// Keys that opened some, and how many.
    pub openings: &'a [(Fingerprint, u32)],
    /// Envelopes that were tried.
    pub parsed: u32,
    pub at: Timestamp,
}

/// The cells, backup by backup in their order. Every backup has one at least.
#[must_use]
pub fn coverage(stock: &Stock<'_>) -> Vec<Coverage> {
    if let Some(why) = stock.keys.undescribed() {
        let why = format!("which versions the manager has isn’t known: {why}");
        return stock.backups.iter().map(|backup| unknown(backup, &why)).collect();
    }
    let trials: BTreeMap<_, _> = stock
        .trials
        .iter()
        .filter(|trial| trial.parsed > 0)
        .map(|trial| ((trial.source, trial.label), trial))
        .collect();
    let cells = |backup: &Backup| match trials.get(&(backup.source.as_str(), backup.label.as_str())) {
        Some(trial) => stock.tried(backup, trial),
        None => stock.expected(backup),
    };
    stock.backups.iter().flat_map(cells).collect()
}

impl Stock<'_> {
    /// Versions with this key that the manager still has.
    fn with_key(&self, key: &Fingerprint) -> Vec<&KeyVersion> {
        let same = |version: &&KeyVersion| version.fingerprint.as_ref() == Some(key);
        self.there().filter(same).collect()
    }

    fn there(&self) -> impl Iterator<Item = &KeyVersion> {
        self.keys.versions.iter().filter(|version| !is_gone(version))
    }

    /// Versions that may hold any key, since they can't be read.
    fn unread(&self) -> Option<String> {
        let unread = self.there().filter(|version| version.fingerprint.is_none());
        let names: Vec<_> = unread.map(|version| version.version.as_str()).collect();
        (!names.is_empty()).then(|| format!("version {}, which can’t be read, may be it", names.join(", ")))
    }

    /// The cell for a key that no version of the manager is known to hold.
    fn without_version(&self, backup: &Backup, key: &Fingerprint) -> Coverage {
        let name = key.short();
        let replica = self
            .keys
            .replicas
            .iter()
            .find(|replica| replica.fingerprint.as_ref() == Some(key));
        if let Some(replica) = replica {
            return Coverage {
                warning: Some(format!(
                    "the manager doesn’t have key {name}; only {} has it",
                    replica.name
                )),
                ..cell(backup, None, CoverageStatus::Expected)
            };
        }
        match self.unread() {
            Some(unread) => Coverage {
                detail: format!("it needs key {name}; {unread}"),
                ..cell(backup, None, CoverageStatus::Unknown)
            },
            None => Coverage {
                detail: format!("it needs key {name}, which no version of the manager holds"),
                ..cell(backup, None, CoverageStatus::Missing)
            },
        }
    }
}

/// The moment whose envelopes a backup holds: of a dump its beginning, of everything else its end.
fn moment(backup: &Backup) -> Option<Timestamp> {
    match backup.kind {
        Kind::Dump => backup.started_at,
        _ => backup.stopped_at.or(backup.started_at),
    }
}

fn is_gone(version: &KeyVersion) -> bool {
    version.state == State::Destroyed.word() || version.state == "absent"
}

fn cell(backup: &Backup, version: Option<&KeyVersion>, status: CoverageStatus) -> Coverage {
    Coverage {
        backup: backup.label.clone(),
        version: version.map(|version| version.version.clone()),
        status,
        proven_at: None,
        detail: String::new(),
        warning: None,
        at: None,
    }
}

fn unknown(backup: &Backup, why: impl Into<String>) -> Coverage {
    Coverage {
        detail: why.into(),
        ..cell(backup, None, CoverageStatus::Unknown)
    }
}

#[cfg(test)]
mod tests;
