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

/// The upgrades in a history, oldest first. A migration head that goes back is no upgrade: the database was restored.
#[must_use]
pub fn upgrades(what: Part, history: &[Seen]) -> Vec<Upgrade> {
    let runs = in_order(history);
    let changes = runs.windows(2).filter(|pair| pair[0].value != pair[1].value);
    let went_back = |pair: &[&Seen]| what == Part::MigrationHead && is_older(&pair[1].value, &pair[0].value);
    changes
        .filter(|pair| !went_back(pair))
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

/// Whether one migration is known to be older than another.
fn is_older(migration: &str, than: &str) -> bool {
    matches!((written(migration), written(than)), (Some(own), Some(other)) if own < other)
}

/// When a migration was written, in the fourteen digits that EF puts in front of its name: `20260201093000_AddPeers`. Ids of another form
/// have no order. <https://learn.microsoft.com/ef/core/managing-schemas/migrations/managing>
fn written(migration: &str) -> Option<&str> {
    let stamp = migration.get(..14)?;
    stamp.bytes().all(|digit| digit.is_ascii_digit()).then_some(stamp)
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
    let begun = from.and_then(|from| runs.iter().rposition(|run| run.since <= from));
    let (Some(from), Some(first)) = (from, begun) else {
        return BTreeSet::new();
    };
    let to = to.unwrap_or(from).max(from);
    // A run that nobody saw last until the end of the backup may have given way to the next one before it.
    let gives_way = |at: &usize| {
        runs.get(at + 1)
            .is_some_and(|next| runs[*at].until < to || next.since <= to)
    };
    let last = (first..runs.len()).find(|at| !gives_way(at)).unwrap_or(first);
    runs[first..=last].iter().map(|run| run.value.clone()).collect()
}

fn in_order(history: &[Seen]) -> Vec<&Seen> {
    let mut runs: Vec<_> = history.iter().collect();
    runs.sort_by_key(|run| (run.since, run.until));
    runs
}

#[cfg(test)]
mod tests;
