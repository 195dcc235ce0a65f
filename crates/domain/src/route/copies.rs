//! Dumps and snapshots: copies of one moment, which no WAL carries on.

use super::{Stock, Target, Way};
use crate::backup::{Backup, Kind};
use crate::status::Status;
use crate::time::Timestamp;

/// The moment of a copy, and whether it is known. A dump shows what was there when it was begun; one that doesn't tell when that was
/// shows something from before its end.
pub(super) fn moment(backup: &Backup) -> Option<(Timestamp, bool)> {
    match (backup.kind, backup.started_at) {
        (Kind::Dump, None) => backup.stopped_at.map(|stopped| (stopped, false)),
        (Kind::Dump | Kind::Snapshot, Some(started)) => Some((started, true)),
        (Kind::Snapshot, None) => backup.stopped_at.map(|stopped| (stopped, true)),
        (Kind::Full | Kind::Diff | Kind::Incr, _) => None,
    }
}

/// Usable copies with their moments.
pub(super) fn usable<'a>(stock: &Stock<'a>) -> impl Iterator<Item = (Timestamp, bool, &'a Backup)> {
    let usable = stock.backups.iter().filter(|backup| backup.status == Status::Ok);
    usable.filter_map(|backup| moment(backup).map(|(at, exact)| (at, exact, backup)))
}

/// The newest copy of each source and kind that isn't later than the moment.
pub(super) fn ways(at: Timestamp, stock: &Stock<'_>) -> Vec<Way> {
    let mut newest: Vec<(Timestamp, bool, &Backup)> = Vec::new();
    for copy in usable(stock).filter(|(own, ..)| *own <= at) {
        let alike =
            |other: &&mut (Timestamp, bool, &Backup)| other.2.source == copy.2.source && other.2.kind == copy.2.kind;
        match newest.iter_mut().find(alike) {
            Some(older) if older.0 < copy.0 => *older = copy,
            Some(_) => {}
            None => newest.push(copy),
        }
    }
    newest
        .into_iter()
        .map(|(own, exact, backup)| way(own, exact, backup, stock))
        .collect()
}

fn way(own: Timestamp, exact: bool, backup: &Backup, stock: &Stock<'_>) -> Way {
    Way {
        source: backup.source.clone(),
        repo: backup.repo.unwrap_or(0),
        chain: vec![backup.label.clone()],
        kind: Some(backup.kind),
        target: Target::AsTaken,
        reaches: own,
        exact,
        replay: None,
        loss: stock.loss(own, exact.then_some(own)),
        takes: stock.takes(&backup.source),
        key: stock.key(&backup.label),
    }
}
