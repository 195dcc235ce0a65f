//! Upgrades of Ampora, seen as changes of what was observed: neither a migration row nor an image says when it arrived.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::backup::Backup;
use crate::history::Seen;
use crate::time::Timestamp;

/// Which part of Ampora's version changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The newest applied migration of the database.
    MigrationHead,
    /// The digest of the running image.
    Image,
}

impl Part {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MigrationHead => "migration head",
            Self::Image => "image",
        }
    }
}

/// One change. It happened after `last_old` and not after `first_new`; nothing was looked at in between.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Upgrade {
    pub what: Part,
    pub from: String,
    pub to: String,
    /// The last observation of the old value.
    pub last_old: Timestamp,
    /// The first observation of the new one.
    pub first_new: Timestamp,
}

/// The upgrades in a history, oldest first. A migration head that goes back is no upgrade: the database was restored. (Ids of EF
/// migrations begin with their UTC time, so they sort by age: <https://learn.microsoft.com/ef/core/managing-schemas/migrations/>.)
#[must_use]
pub fn upgrades(what: Part, history: &[Seen]) -> Vec<Upgrade> {
    let runs = in_order(history);
    let changes = runs.windows(2).filter(|pair| pair[0].value != pair[1].value);
    let forward = changes.filter(|pair| what == Part::Image || pair[0].value < pair[1].value);
    forward
        .map(|pair| Upgrade {
            what,
            from: pair[0].value.clone(),
            to: pair[1].value.clone(),
            // Two workers that looked at once may have written runs that overlap.
            last_old: pair[0].until.min(pair[1].since),
            first_new: pair[1].since,
        })
        .collect()
}

/// Which images may have written each backup, by label: the digests that ran while it was taken. Between two runs both may have; none
/// is listed for a backup older than the history, or without a time.
#[must_use]
pub fn writers(backups: &[Backup], images: &[Seen]) -> BTreeMap<String, BTreeSet<String>> {
    let runs = in_order(images);
    let mut writers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for backup in backups {
        let digests = running(&runs, backup.started_at.or(backup.stopped_at), backup.stopped_at);
        writers.entry(backup.label.clone()).or_default().extend(digests);
    }
    writers
}

fn running(runs: &[&Seen], from: Option<Timestamp>, to: Option<Timestamp>) -> BTreeSet<String> {
    let Some(from) = from else {
        return BTreeSet::new();
    };
    let to = to.unwrap_or(from).max(from);
    // The last run that had begun by then, and all that began before the backup was done; the next one if nobody looked in time.
    let Some(first) = runs.iter().rposition(|run| run.since <= from) else {
        return BTreeSet::new();
    };
    let next_began = |at: usize| {
        runs.get(at + 1)
            .is_some_and(|next| runs[at].until < to || next.since <= to)
    };
    let last = (first..runs.len()).find(|at| !next_began(*at)).unwrap_or(first);
    runs[first..=last].iter().map(|run| run.value.clone()).collect()
}

fn in_order(history: &[Seen]) -> Vec<&Seen> {
    let mut runs: Vec<_> = history.iter().collect();
    runs.sort_by_key(|run| (run.since, run.until));
    runs
}
