//! Backups whose envelopes were tried.

use std::collections::BTreeMap;

use super::{Stock, Trial, cell, unknown};
use crate::backup::Backup;
use crate::inventory::{Coverage, CoverageStatus, KeyVersion};
use crate::key::Fingerprint;

impl Trial<'_> {
    /// A key that is held under several names opens the same envelopes under each.
    fn openers(&self) -> BTreeMap<&Fingerprint, u32> {
        let mut openers = BTreeMap::new();
        for (key, opened) in self.openings.iter().filter(|(_, opened)| *opened > 0) {
            openers.insert(key, *opened);
        }
        openers
    }

    fn opened(&self) -> u64 {
        self.openers().values().map(|opened| u64::from(*opened)).sum()
    }

    fn unopened(&self) -> u64 {
        u64::from(self.parsed).saturating_sub(self.opened())
    }

    /// Whether everything opened, but for a few that must be damaged.
    fn is_whole(&self) -> bool {
        let (parsed, unopened) = (u64::from(self.parsed), self.unopened());
        unopened == 0 || (unopened <= (parsed / 1000).max(3) && unopened * 100 <= parsed)
    }

    fn opened_by(&self, key: &Fingerprint) -> u32 {
        self.openers().get(key).copied().unwrap_or(0)
    }

    fn said(&self) -> String {
        format!("{} of {} envelopes opened", self.opened(), self.parsed)
    }
}

impl Stock<'_> {
    /// A cell for each version that was at hand, and one for what no version opened.
    pub(super) fn tried(&self, backup: &Backup, trial: &Trial<'_>) -> Vec<Coverage> {
        let openers = trial.openers();
        let mut cells: Vec<_> = self
            .there()
            .filter_map(|version| self.of_version(backup, trial, version, openers.len()))
            .collect();
        if trial.is_whole() {
            let elsewhere = openers.into_keys().filter(|key| self.with_key(key).is_empty());
            cells.extend(elsewhere.map(|key| Coverage {
                proven_at: Some(trial.at),
                ..self.without_version(backup, key)
            }));
        } else {
            cells.push(self.unopened(backup, trial));
        }
        cells
    }

    /// `None`: the version can't be read, or its key wasn't at hand and isn't needed.
    fn of_version(&self, backup: &Backup, trial: &Trial<'_>, version: &KeyVersion, openers: usize) -> Option<Coverage> {
        let key = version.fingerprint.as_ref()?;
        if trial.opened_by(key) == 0 {
            let came_later = version.created_at.is_some_and(|created_at| created_at > trial.at);
            return (!came_later).then(|| cell(backup, Some(version), CoverageStatus::Refuted));
        }
        if !trial.is_whole() {
            return Some(Coverage {
                detail: format!("opens {} of {} envelopes", trial.opened_by(key), trial.parsed),
                ..cell(backup, Some(version), CoverageStatus::Refuted)
            });
        }
        let proven = Coverage {
            proven_at: Some(trial.at),
            detail: trial.said(),
            ..cell(backup, Some(version), CoverageStatus::Proven)
        };
        let proven = self.ending(backup, proven, key);
        Some(match openers {
            1 => proven,
            _ => Coverage {
                detail: format!(
                    "opens {} of {} envelopes; it takes {openers} keys",
                    trial.opened_by(key),
                    trial.parsed
                ),
                ..proven
            },
        })
    }

    /// What to say of envelopes that nothing opened.
    fn unopened(&self, backup: &Backup, trial: &Trial<'_>) -> Coverage {
        let later = self.there().filter(|version| {
            let created_at = version.created_at;
            created_at.is_some_and(|created_at| created_at > trial.at)
        });
        let later: Vec<_> = later.map(|version| version.version.as_str()).collect();
        if !later.is_empty() {
            let names = later.join(", ");
            return unknown(
                backup,
                format!("{}; version {names} came later and wasn’t tried", trial.said()),
            );
        }
        match self.unread() {
            Some(unread) => unknown(backup, format!("{}; {unread}", trial.said())),
            None => Coverage {
                detail: format!("{}: the manager lacks the key of the rest", trial.said()),
                ..cell(backup, None, CoverageStatus::Missing)
            },
        }
    }
}
