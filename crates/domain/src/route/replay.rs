//! Ways through WAL: a backup, and everything that was written from it to the moment.

use std::collections::BTreeMap;

use super::{Replay, Stock, Target, Way};
use crate::backup::{Backup, Kind};
use crate::status::Status;
use crate::time::Timestamp;
use crate::wal::Lsn;
use crate::window::Window;

/// Backups by source, repository and label.
type Index<'a> = BTreeMap<(&'a str, Option<u32>, &'a str), &'a Backup>;

/// One way for each window that covers the moment.
pub(super) fn ways(at: Timestamp, stock: &Stock<'_>) -> Vec<Way> {
    let physical = stock.backups.iter().filter(|backup| is_physical(backup.kind));
    let index: Index<'_> = physical
        .map(|backup| ((backup.source.as_str(), backup.repo, backup.label.as_str()), backup))
        .collect();
    let covering = stock
        .windows
        .iter()
        .filter(|window| window.from <= at && at <= window.to);
    covering.filter_map(|window| way(at, window, &index, stock)).collect()
}

const fn is_physical(kind: Kind) -> bool {
    matches!(kind, Kind::Full | Kind::Diff | Kind::Incr)
}

fn way(at: Timestamp, window: &Window, index: &Index<'_>, stock: &Stock<'_>) -> Option<Way> {
    let chosen = match window.end_lsn {
        Some(end) => Some(choose(at, window, end, index, stock.windows)?),
        None => None,
    };
    let label = chosen.as_ref().map(|(backup, _)| backup.label.as_str());
    let replay = chosen.as_ref().map(|(backup, _)| Replay {
        timelines: window.timelines.clone(),
        from: backup.start_lsn,
        to: needed(at, window, stock),
    });
    let latest = at == window.to;
    // Of a window whose end is known by a segment's arrival only, no more is sure than the backup itself.
    let held = match (&chosen, window.exact) {
        (_, true) => Some(at),
        (Some((backup, _)), false) => backup.stopped_at,
        (None, false) => Some(window.from),
    };
    Some(Way {
        source: window.source.clone(),
        repo: window.repo,
        kind: chosen.as_ref().map(|(backup, _)| backup.kind),
        target: if latest { Target::Latest } else { Target::Time },
        reaches: at,
        exact: window.exact,
        replay,
        loss: stock.loss(at, held),
        takes: stock.takes(&window.source),
        key: label.and_then(|label| stock.key(label)),
        chain: chosen.map(|(_, chain)| chain).unwrap_or_default(),
    })
}

/// The newest usable backup on the way to the moment, with its whole chain.
fn choose<'a>(
    at: Timestamp,
    window: &Window,
    end: Lsn,
    index: &Index<'a>,
    windows: &[Window],
) -> Option<(&'a Backup, Vec<String>)> {
    let mut candidates: Vec<_> = index
        .values()
        .filter_map(|backup| Some((backup.stopped_at?, *backup)))
        .filter(|(stopped, backup)| {
            let before_end = backup.stop_lsn.is_none_or(|stop| stop <= end);
            *stopped <= at && before_end && leads_into(backup, *stopped, window, windows)
        })
        .collect();
    candidates.sort_by_key(|(stopped, _)| std::cmp::Reverse(*stopped));
    candidates
        .into_iter()
        .find_map(|(_, backup)| Some((backup, chain(backup, index)?)))
}

/// Whether replay from this backup certainly goes along this window. Where the archive holds several histories of that time, a backup
/// doesn't tell which of them it belongs to; but the window was found from the one it begins with.
fn leads_into(backup: &Backup, stopped: Timestamp, window: &Window, windows: &[Window]) -> bool {
    let of = |window: &Window| window.source == backup.source && backup.repo.is_none_or(|repo| repo == window.repo);
    let holds = |window: &Window| of(window) && window.from <= stopped && stopped <= window.to;
    let alone = || windows.iter().filter(|window| holds(window)).count() == 1;
    holds(window) && (stopped == window.from || alone())
}

/// What has to be restored before it, the full one first. `None`: a part is missing or not usable.
fn chain(backup: &Backup, index: &Index<'_>) -> Option<Vec<String>> {
    let mut chain = Vec::new();
    let mut part = backup;
    // A chain is no longer than there are backups; one that bites its own tail leads nowhere.
    while chain.len() < index.len() {
        if part.status != Status::Ok {
            return None;
        }
        chain.push(part.label.clone());
        if part.kind == Kind::Full {
            chain.reverse();
            return Some(chain);
        }
        let parent = part.parent.as_deref()?;
        part = index.get(&(part.source.as_str(), part.repo, parent))?;
    }
    None
}

/// Where the WAL that is needed ends: behind the first commit known to be later, else with the window. Commits of older timelines don't
/// tell, since they may have been made after those were left.
fn needed(at: Timestamp, window: &Window, stock: &Stock<'_>) -> Option<Lsn> {
    let newest = window.timelines.last().copied();
    let later = stock
        .commits
        .iter()
        .filter(|commit| commit.at > at && newest.is_some() && commit.timeline == newest);
    let first = later.map(|commit| commit.lsn).min();
    first.into_iter().chain(window.end_lsn).min()
}
