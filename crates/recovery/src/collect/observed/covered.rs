//! Which of the keys opens which of the backups that were seen, and of which sources that isn't known.

use chrono::TimeDelta;
use domain::inventory::{Coverage, Keys, Uncovered};
use domain::observation::{self, Known, Observation};
use domain::rotation::spans;
use domain::status::Status;
use domain::time::Timestamp;

use super::Observed;
use crate::collect::SourceReading;
use crate::drills::with_drills;
use crate::keys::{Custody, coverage};

impl Observed {
    /// The proof of the keys with the coverage of the backups, if it may be believed.
    #[must_use]
    pub fn keys_with_coverage(&self, now: Timestamp) -> Option<Keys> {
        let keys = self.keys.known(now).fresh()?;
        let cells = self.fresh(now).flat_map(|reading| self.covered(reading, keys, now));
        let uncovered = self.sources.iter().filter_map(|(_, source)| {
            let detail = unlisted(source, now)?;
            let source = source.source.clone();
            Some(Uncovered { source, detail })
        });
        Some(Keys {
            coverage: cells.collect(),
            uncovered: uncovered.collect(),
            ..keys.clone()
        })
    }

    /// Which of these keys opens which kept backup.
    ///
    /// # Errors
    /// If a source can't be believed now: its backups would be passed over.
    pub fn whole_coverage(&self, keys: &Keys, now: Timestamp) -> Result<Vec<Coverage>, String> {
        if self.sources.is_empty() {
            return Err("no source of backups is configured".into());
        }
        let mut cells = Vec::new();
        for (_, source) in &self.sources {
            if let Some(why) = unlisted(source, now) {
                return Err(format!("{}: {why}", source.source));
            }
            let listed = source.known(now).fresh();
            cells.extend(listed.into_iter().flat_map(|reading| self.covered(reading, keys, now)));
        }
        Ok(cells)
    }

    fn covered(&self, reading: &SourceReading, keys: &Keys, now: Timestamp) -> Vec<Coverage> {
        let stands_for = observation::limit(TimeDelta::seconds(self.keys.interval_s.into()));
        let custody = Custody {
            keys,
            envelopes: &spans(&self.history.envelopes, stands_for, now),
            in_use: &spans(&self.history.in_use, stands_for, now),
            kept_for: self.kept_for,
            now,
        };
        with_drills(coverage(reading, &custody), &self.drill_proofs, keys)
    }
}

/// Why it isn't known which backups a source has.
fn unlisted(source: &Observation<SourceReading>, now: Timestamp) -> Option<String> {
    match source.known(now) {
        Known::Fresh { value, .. } if value.status == Status::Unknown => Some(value.detail.clone()),
        Known::Fresh { .. } => None,
        Known::Unknown { reason, .. } => Some(reason),
    }
}
