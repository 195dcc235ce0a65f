//! Commits as evidence of how far a restore would bring one: a commit counts where its WAL lies, not merely before some position.

use serde::{Deserialize, Serialize};

use crate::ids::SystemIdentifier;
use crate::time::Timestamp;
use crate::wal::Lsn;

/// A commit that is known to lie before a position of the log, as a reading of the live database shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Commit {
    /// The cluster it was read from; `None`: not written down.
    pub system: Option<SystemIdentifier>,
    /// The timeline that the cluster was on; `None`: not written down. Then the commit counts only where no timeline had branched off
    /// yet.
    pub timeline: Option<u32>,
    /// A position behind the commit.
    pub lsn: Lsn,
    pub at: Timestamp,
}

impl Commit {
    /// Whether it may have happened in that cluster.
    pub(super) fn is_of(&self, system: Option<SystemIdentifier>) -> bool {
        self.system.is_none() || system.is_none() || self.system == system
    }
}

/// The oldest commit whose WAL isn't in the archive yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unarchived {
    /// No window, or no commit is known: nothing can be said.
    Unknown,
    /// Every known commit has arrived.
    Nothing,
    /// Commits from this time on haven't.
    Since(Timestamp),
}

/// An ancestry: each timeline with the position up to which it is followed, oldest first.
pub(super) struct Line(pub Vec<(u32, Lsn)>);

impl Line {
    pub fn end(&self) -> Lsn {
        self.0.last().map_or(Lsn(0), |(_, end)| *end)
    }

    pub fn timelines(&self) -> Vec<u32> {
        self.0.iter().map(|(timeline, _)| *timeline).collect()
    }

    fn newest(&self) -> u32 {
        self.0.last().map_or(0, |(timeline, _)| *timeline)
    }

    /// Whether the commit is on this ancestry. `trunk` is where the first timeline branched off.
    pub fn holds(&self, commit: &Commit, trunk: Lsn) -> bool {
        match commit.timeline {
            None => commit.lsn <= self.end().min(trunk),
            Some(timeline) => self.follows(timeline).is_some_and(|until| commit.lsn <= until),
        }
    }

    fn follows(&self, timeline: u32) -> Option<Lsn> {
        self.0.iter().find(|(own, _)| *own == timeline).map(|(_, until)| *until)
    }

    /// Whether the commit's WAL is still to come: it lies behind the end, or on a timeline of which nothing has arrived. What was
    /// written on a timeline after it had been left is lost history, which no archive is waiting for.
    fn awaits(&self, commit: &Commit) -> bool {
        match commit.timeline {
            None => commit.lsn > self.end(),
            Some(timeline) if timeline == self.newest() => commit.lsn > self.end(),
            Some(timeline) => timeline > self.newest(),
        }
    }
}

/// An idle database is read again and again with the same newest commit, at positions that move on without any; so a commit has arrived
/// as soon as one reading shows it, or a later one, within the archive.
pub(super) fn oldest_unarchived(lines: &[Line], commits: &[Commit], system: Option<SystemIdentifier>) -> Unarchived {
    let own: Vec<_> = commits.iter().filter(|commit| commit.is_of(system)).collect();
    let Some(newest) = own.iter().max_by_key(|commit| commit.at) else {
        return Unarchived::Unknown;
    };
    // The line that production is on; else the newest one.
    let on_line = |line: &&Line| newest.timeline.is_none_or(|timeline| line.newest() == timeline);
    let best = lines
        .iter()
        .filter(on_line)
        .max_by_key(|line| (line.newest(), line.end()));
    let Some(best) = best.or_else(|| lines.iter().max_by_key(|line| (line.newest(), line.end()))) else {
        return Unarchived::Unknown;
    };
    let arrived = own
        .iter()
        .filter(|commit| best.holds(commit, Lsn(u64::MAX)))
        .map(|commit| commit.at)
        .max();
    let waiting = own.iter().filter(|commit| best.awaits(commit)).map(|commit| commit.at);
    match waiting.filter(|at| arrived.is_none_or(|arrived| *at > arrived)).min() {
        Some(at) => Unarchived::Since(at),
        None => Unarchived::Nothing,
    }
}
