//! Planning a restore of the same database to a point in time: facts in, a resolved way or every reason against it out. Nothing is asked
//! here, so each rule can be read and tested by itself.

mod hold;
mod refusal;
mod wal;

use std::collections::BTreeSet;

use crate::backup::Backup;
use crate::ids::SystemIdentifier;
use crate::plan::{Kept, RecoveryStop};
use crate::route::{Answer, Stock, Way, ways_to};
use crate::time::Timestamp;
use crate::wal::{Lsn, Segment};
use crate::window::{Archive, Window};

pub use hold::goes_with_the_next;
pub use refusal::Refusal;
pub use wal::{hole, newest_end};

/// What is wished for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// `None`: the latest state that the archive holds.
    pub at: Option<Timestamp>,
    pub exclusive: bool,
    /// Other databases of the cluster that may go back with it.
    pub affects: BTreeSet<String>,
    /// Where the cluster stands, instead of beside it.
    pub in_place: bool,
}

/// The cluster's host and directory. What could not be looked at is in `reasons`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    pub pgdata: String,
    pub system_identifier: Option<SystemIdentifier>,
    pub running: bool,
    /// Bytes free beside it.
    pub free: Option<u64>,
    /// Bytes of the directory, and of its WAL.
    pub size: Option<(u64, u64)>,
    /// Programs that keep the server up by themselves, and signs of other servers that follow it.
    pub managers: Vec<String>,
    /// Connected or slot-holding standbys.
    pub standbys: Vec<String>,
    /// The run that holds the host.
    pub held_by: Option<String>,
    /// All databases but templates. `None`: the cluster could not be asked.
    pub databases: Option<Vec<String>>,
    /// Ampora's own.
    pub database: String,
    /// Whether there is a command that stops the server, and one that starts it.
    pub hooks: bool,
    /// What else speaks against it, in words.
    pub reasons: Vec<String>,
}

/// Everything that was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Of this source alone.
    pub stock: Stock<'a>,
    pub archives: &'a [Archive],
    pub place: &'a Place,
    /// Muster's own database.
    pub own: Option<SystemIdentifier>,
}

/// A way that can be gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolved {
    pub way: Way,
    pub stop: RecoveryStop,
    pub timelines: Vec<u32>,
    pub replay_from: Lsn,
    pub expected_end: Lsn,
    /// Bytes that it takes beside the data directory, or in place what is copied aside and what the cluster grows by.
    pub needs: u64,
    /// What of the old cluster is copied aside. `None`: all of it stays, since it isn’t replaced in place.
    pub kept: Option<Kept>,
}

/// What a copy takes beyond its data: WAL that is fetched, and what the server writes until it is swapped.
const MARGIN: u64 = 256 * 1024 * 1024;

/// Resolves a wish.
///
/// # Errors
/// With every reason against it.
pub fn resolve(asked: &Asked, facts: &Facts<'_>) -> Result<Resolved, Vec<Refusal>> {
    let mut reasons = place_reasons(asked, facts);
    match way(asked, facts) {
        Err(reason) => {
            reasons.push(reason);
            Err(reasons)
        }
        Ok(mut resolved) => {
            if asked.in_place {
                reasons.extend(keep(&mut resolved, facts.place));
            }
            if let Some(free) = facts.place.free
                && free < resolved.needs
            {
                reasons.push(Refusal::TooLittleRoom {
                    free,
                    needs: resolved.needs,
                });
            }
            if reasons.is_empty() { Ok(resolved) } else { Err(reasons) }
        }
    }
}

/// Chooses what is copied aside: everything where it fits, else the WAL, which nothing brings back.
fn keep(resolved: &mut Resolved, place: &Place) -> Option<Refusal> {
    let (Some(free), Some((whole, wal))) = (place.free, place.size) else {
        return Some(Refusal::RoomUnknown);
    };
    let grows = resolved.needs.saturating_sub(whole).max(MARGIN);
    let kept = if free >= whole.saturating_add(grows) {
        Kept::Everything
    } else {
        Kept::Wal
    };
    resolved.needs = grows.saturating_add(if kept == Kept::Wal { wal } else { whole });
    resolved.kept = Some(kept);
    None
}

/// What speaks against this cluster, whatever the moment.
fn place_reasons(asked: &Asked, facts: &Facts<'_>) -> Vec<Refusal> {
    let place = facts.place;
    let mut reasons: Vec<_> = place.reasons.iter().cloned().map(Refusal::Unfit).collect();
    let written_by: BTreeSet<_> = facts
        .archives
        .iter()
        .filter_map(|archive| archive.system)
        .map(|id| id.to_string())
        .collect();
    if let Some(found) = place.system_identifier {
        if facts.own == Some(found) {
            reasons.push(Refusal::OwnCluster);
        }
        if !written_by.contains(&found.to_string()) {
            reasons.push(Refusal::Foreign {
                pgdata: place.pgdata.clone(),
                found,
                expected: written_by.into_iter().collect(),
            });
        }
    }
    if place.free.is_none() && place.reasons.is_empty() {
        reasons.push(Refusal::RoomUnknown);
    }
    if !place.hooks {
        reasons.push(Refusal::NoHooks { running: place.running });
    }
    reasons.extend(place.managers.iter().cloned().map(Refusal::Managed));
    reasons.extend(place.standbys.iter().cloned().map(Refusal::Followed));
    reasons.extend(place.held_by.iter().cloned().map(Refusal::Held));
    reasons.extend(databases(asked, place));
    reasons
}

/// A physical restore takes all databases of a cluster back; each but Ampora's own has to be named.
fn databases(asked: &Asked, place: &Place) -> Option<Refusal> {
    let all = place.databases.as_ref()?;
    let unnamed = all
        .iter()
        .filter(|name| **name != place.database && !asked.affects.contains(*name));
    let unnamed: Vec<_> = unnamed.cloned().collect();
    if !unnamed.is_empty() {
        return Some(Refusal::OtherDatabases(unnamed));
    }
    let unknown = asked.affects.iter().filter(|name| !all.contains(name));
    let unknown: Vec<_> = unknown.cloned().collect();
    (!unknown.is_empty()).then_some(Refusal::NoSuchDatabases(unknown))
}

fn way(asked: &Asked, facts: &Facts<'_>) -> Result<Resolved, Refusal> {
    let newest = newest(facts.stock.windows).ok_or(Refusal::NoWindow)?;
    let at = asked.at.unwrap_or(newest.to);
    let Answer { ways, missed } = ways_to(at, &facts.stock);
    if let Some(missed) = missed {
        return Err(Refusal::Missed {
            at,
            missed: Box::new(missed),
            newest: newest.to,
        });
    }
    let latest = asked.at.is_none();
    let of_window = |way: &Way| {
        let replay = way.replay.as_ref();
        !latest || replay.is_some_and(|replay| replay.timelines == newest.timelines) && way.repo == newest.repo
    };
    let way = ways
        .into_iter()
        .find(|way| way.replay.is_some() && of_window(way))
        .ok_or(Refusal::NoBackup)?;
    resolved(asked, facts, way, at)
}

fn resolved(asked: &Asked, facts: &Facts<'_>, way: Way, at: Timestamp) -> Result<Resolved, Refusal> {
    let backup = chosen(&way, facts.stock.backups).ok_or(Refusal::NoBackup)?;
    let replay = way.replay.clone().ok_or(Refusal::NoBackup)?;
    let from = replay.from.ok_or(Refusal::NoBackup)?;
    let timelines = replay.timelines;
    let archive = archive(&way, &timelines, facts.archives).ok_or(Refusal::NoBackup)?;
    let needed = replay.to.ok_or(Refusal::NoBackup)?;
    let (stop, expected_end) = match asked.at {
        None => (RecoveryStop::Latest, newest_end(archive, &timelines).unwrap_or(needed)),
        Some(_) => (
            RecoveryStop::Time {
                time: at,
                exclusive: asked.exclusive,
            },
            // The segment is fetched as a whole; a later reading of the same commits tells the same.
            Segment::before(0, needed, archive.segment_size).end(archive.segment_size),
        ),
    };
    if let Some(missing) = hole(archive, &timelines, from, expected_end) {
        return Err(Refusal::Torn {
            missing: missing.name(archive.segment_size),
            reaches: at,
        });
    }
    let size = backup.size_bytes.unwrap_or_default();
    let wal = expected_end.0.saturating_sub(from.0);
    Ok(Resolved {
        way,
        stop,
        timelines,
        replay_from: from,
        expected_end,
        needs: size.saturating_add(wal).saturating_add(MARGIN),
        kept: None,
    })
}

/// The window that leads furthest: of the newest history, the one that ends last.
fn newest(windows: &[Window]) -> Option<&Window> {
    let physical = windows.iter().filter(|window| window.end_lsn.is_some());
    physical.max_by_key(|window| (window.timelines.last().copied(), window.end_lsn, window.to))
}

fn chosen<'a>(way: &Way, backups: &'a [Backup]) -> Option<&'a Backup> {
    let label = way.backup()?;
    backups
        .iter()
        .find(|backup| backup.label == label && backup.repo == Some(way.repo))
}

/// The archive that a way is replayed from. A repository has one for each cluster that wrote to it.
fn archive<'a>(way: &Way, timelines: &[u32], archives: &'a [Archive]) -> Option<&'a Archive> {
    let last = timelines.last().copied()?;
    let of_repo = archives.iter().filter(|archive| archive.repo == way.repo);
    let mut holding = of_repo.filter(|archive| archive.segments.keys().any(|segment| segment.timeline == last));
    holding.next_back()
}

#[cfg(test)]
mod tests;
