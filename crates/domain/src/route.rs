//! "Restore to here": every way to a moment, with what it takes and what it loses, the best one first. A way goes only where its window
//! was proven to reach; a moment that nothing reaches is answered with the nearest ones that can be reached.

mod copies;
mod missed;
mod replay;

use std::cmp::Reverse;

use chrono::TimeDelta;

use crate::backup::{Backup, Kind};
use crate::inventory::{Coverage, CoverageStatus};
use crate::plan::{Basis, DataLoss, Range};
use crate::time::Timestamp;
use crate::wal::Lsn;
use crate::window::{Commit, Gap, Window};

pub use missed::{Missed, Nearest};

/// What there is to restore from, of sources that may be believed now.
#[derive(Clone, Copy, Debug)]
pub struct Stock<'a> {
    pub backups: &'a [Backup],
    pub windows: &'a [Window],
    pub gaps: &'a [Gap],
    pub commits: &'a [Commit],
    pub production: Production,
    /// Which key version opens which backup. Empty: not known here.
    pub coverage: &'a [Coverage],
    pub past: &'a [Past],
}

/// What is known of production, against which a loss is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Production {
    /// Its newest known commit.
    pub newest: Option<Timestamp>,
    /// It was asked just now; else it is remembered, and may have written more since.
    pub live: bool,
    pub as_of: Timestamp,
}

/// A restore that was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Past {
    pub source: String,
    pub seconds: u32,
}

/// Where recovery is told to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// At the moment that was asked for.
    Time,
    /// At the end of the WAL: no commit is known beyond the moment, and PostgreSQL refuses a time that no commit follows.
    Latest,
    /// Nowhere: a dump or a snapshot has no moment but its own.
    AsTaken,
}

/// WAL that is replayed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replay {
    /// The ancestry that is followed, oldest first.
    pub timelines: Vec<u32>,
    /// Where the backup was begun; `None`: its source doesn't tell.
    pub from: Option<Lsn>,
    /// The end of what is needed, as far as commits are known; at most the end of the window.
    pub to: Option<Lsn>,
}

/// Seconds that restores like it took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Took {
    pub min: u32,
    pub max: u32,
    /// How many there were.
    pub of: usize,
}

/// One way to the moment, or as close before it as this source can come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    pub source: String,
    /// 0: the source has no repositories.
    pub repo: u32,
    /// What is restored, in this order: the full one first, the chosen backup last. Empty: a managed service chooses by itself.
    pub chain: Vec<String>,
    pub kind: Option<Kind>,
    pub target: Target,
    /// The moment that the copy will show, never later than the one asked for.
    pub reaches: Timestamp,
    /// Whether it surely shows that moment; else, at worst, one as early as the backup's own.
    pub exact: bool,
    /// `None`: nothing is replayed that Muster can see.
    pub replay: Option<Replay>,
    pub loss: DataLoss,
    /// `None`: no restore from this source was measured yet.
    pub takes: Option<Took>,
    /// The key version it needs, where that is known.
    pub key: Option<Coverage>,
}

impl Way {
    /// The backup that is chosen. `None`: a managed service chooses by itself.
    #[must_use]
    pub fn backup(&self) -> Option<&str> {
        self.chain.last().map(String::as_str)
    }
}

/// The answer to "restore to here".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The best one first.
    pub ways: Vec<Way>,
    /// Why no way reaches the very moment, and what comes nearest. `None`: one does.
    pub missed: Option<Missed>,
}

/// Every way to `at`.
#[must_use]
pub fn ways_to(at: Timestamp, stock: &Stock<'_>) -> Answer {
    let mut ways = replay::ways(at, stock);
    ways.extend(copies::ways(at, stock));
    ways.sort_by_cached_key(|way| rank(way, at));
    let reached = ways
        .iter()
        .any(|way| way.reaches == at && (way.exact || way.target != Target::AsTaken));
    Answer {
        missed: (!reached).then(|| missed::missed(at, stock)),
        ways,
    }
}

/// A copy that no key opens comes last; then the closest one first, the surest, the fastest, the newest history.
fn rank(way: &Way, at: Timestamp) -> (bool, TimeDelta, bool, u32, Reverse<Option<u32>>, String) {
    let shut = |key: &Coverage| matches!(key.today(), CoverageStatus::Missing | CoverageStatus::Refuted);
    let newest_timeline = way.replay.as_ref().and_then(|replay| replay.timelines.last().copied());
    (
        way.key.as_ref().is_some_and(shut),
        at - way.reaches,
        !way.exact,
        way.takes.map_or(u32::MAX, |took| took.max),
        Reverse(newest_timeline),
        way.source.clone(),
    )
}

impl Stock<'_> {
    /// What production has and the copy won't. `sure` is the moment up to which the copy holds everything for certain; `None`: nothing
    /// is certain.
    fn loss(&self, reaches: Timestamp, sure: Option<Timestamp>) -> DataLoss {
        let Production { newest, live, as_of } = self.production;
        let lost = |since: Timestamp| newest.map(|newest| (newest - since).num_seconds().max(0));
        let seconds = lost(reaches).map(|min| Range {
            min,
            max: sure.and_then(lost).filter(|_| live),
        });
        let basis = match seconds {
            None => Basis::Unknown,
            Some(Range { min, max }) if max == Some(min) => Basis::Exact,
            Some(_) => Basis::Bounded,
        };
        DataLoss {
            basis,
            seconds,
            ..DataLoss::unknown(as_of)
        }
    }

    fn takes(&self, source: &str) -> Option<Took> {
        let like_it = self.past.iter().filter(|past| past.source == source);
        let seconds: Vec<_> = like_it.map(|past| past.seconds).collect();
        Some(Took {
            min: *seconds.iter().min()?,
            max: *seconds.iter().max()?,
            of: seconds.len(),
        })
    }

    /// What opens this backup: a version that was proven to rather than one that should.
    fn key(&self, backup: &str) -> Option<Coverage> {
        let own = self.coverage.iter().filter(|coverage| coverage.backup == backup);
        let order = |coverage: &&Coverage| match coverage.today() {
            CoverageStatus::Proven => 0,
            CoverageStatus::Expected => 1,
            CoverageStatus::Unknown => 2,
            CoverageStatus::Missing => 3,
            CoverageStatus::Refuted => 4,
        };
        own.min_by_key(order).cloned()
    }
}

#[cfg(test)]
mod tests;
