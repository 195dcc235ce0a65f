//! The spans of time that can really be restored to: backups, WAL segments and timeline histories taken together. The smallest and the
//! largest segment of an archive prove nothing, since they hide every hole between them.

mod commit;
mod ends;
mod holes;
mod runs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::SystemIdentifier;
use crate::time::Timestamp;
use crate::wal::{Lsn, Segment};

pub use commit::{Commit, Unarchived};
use ends::{End, ends};
use runs::Runs;

/// A span that can be restored to, any second of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Window {
    pub source: String,
    /// 0: a managed service, which has no repositories to number.
    pub repo: u32,
    /// Stop time of the first backup that reaches it.
    pub from: Timestamp,
    pub to: Timestamp,
    /// `None`: a managed service, which restores to times and doesn't show its WAL.
    pub end_lsn: Option<Lsn>,
    /// The ancestry that is followed, oldest first. Empty where `end_lsn` is `None`.
    pub timelines: Vec<u32>,
    /// `to` is the time of a known commit, or the last time a managed service says it restores to; else it is the time the last segment
    /// reached the repository, or `from` if that isn't known either.
    pub exact: bool,
}

/// The repository of a source, as people read it.
#[must_use]
pub fn place(source: &str, repo: u32) -> String {
    match repo {
        0 => source.to_owned(),
        _ => format!("{source} repo{repo}"),
    }
}

/// WAL that is missing behind a window.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Gap {
    pub source: String,
    pub repo: u32,
    /// The timeline that lacks something.
    pub timeline: u32,
    /// Name of the first missing file: a segment, or the `.history` without which nobody knows where its timeline began.
    pub first_missing: String,
    pub last_missing: String,
    pub from: Timestamp,
    /// Stop time of the next usable backup; `None`: there is none.
    pub to: Option<Timestamp>,
}

impl Gap {
    /// What is missing, as people read it.
    #[must_use]
    pub fn missing(&self) -> String {
        if self.first_missing == self.last_missing {
            self.first_missing.clone()
        } else {
            format!("{} to {}", self.first_missing, self.last_missing)
        }
    }
}

/// A backup that the tool calls good (`error` is false, not absent), with the WAL it needs to be consistent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anchor {
    pub stopped_at: Timestamp,
    pub first: Segment,
    pub last: Segment,
    /// Where recovery becomes consistent. `None` counts as the end of `last`: a timeline that branched off inside that segment may have
    /// left before the backup was whole.
    pub stop_lsn: Option<Lsn>,
}

/// Where a timeline left its parent, from its `.history` file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Branch {
    pub parent: u32,
    pub switch: Lsn,
}

/// What lies in the WAL archive of one repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Archive {
    pub source: String,
    pub repo: u32,
    /// The cluster that wrote the WAL, if the source tells. Commits of another one are no evidence here.
    pub system: Option<SystemIdentifier>,
    /// Bytes in a segment, a power of two.
    pub segment_size: u64,
    /// Each segment with the time it reached the repository; `None`: the source doesn't tell.
    pub segments: BTreeMap<Segment, Option<Timestamp>>,
    /// The newest branch point of each timeline whose history file is there.
    pub branches: BTreeMap<u32, Branch>,
}

impl Archive {
    /// Windows and the gaps that end them. `commits` are known commit times with their positions (heartbeats, vital signs).
    ///
    /// A timeline that was left keeps a window of its own if it holds WAL from behind the switch: what a restore has undone can still
    /// be had there.
    #[must_use]
    pub fn windows(&self, anchors: &[Anchor], commits: &[Commit]) -> (Vec<Window>, Vec<Gap>) {
        let runs = Runs::of(self);
        let usable = runs.usable(anchors);
        let ends = ends(&runs, &usable);
        let windows: Vec<_> = ends.iter().map(|end| self.window(&runs, end, commits)).collect();
        let gaps = self.gaps(&runs, &ends, &windows, &usable);
        (windows, gaps)
    }

    /// The first segment that a backup needs and the archive lacks: with a hole there it can't be made consistent.
    #[must_use]
    pub fn torn(&self, anchor: &Anchor) -> Option<Segment> {
        let Anchor { first, last, .. } = *anchor;
        let mut wanted = first.number;
        for segment in self.segments.range(first..).map(|(segment, _)| *segment) {
            if wanted > last.number || segment.timeline != first.timeline || segment.number != wanted {
                break;
            }
            wanted += 1;
        }
        (wanted <= last.number).then_some(Segment {
            number: wanted,
            ..first
        })
    }

    /// What is known of commits that a restore from here wouldn't bring back, because their WAL hasn't arrived.
    #[must_use]
    pub fn oldest_unarchived(&self, anchors: &[Anchor], commits: &[Commit]) -> Unarchived {
        let runs = Runs::of(self);
        let ends = ends(&runs, &runs.usable(anchors));
        let lines: Vec<_> = ends.iter().map(|end| runs.line(end)).collect();
        commit::oldest_unarchived(&lines, commits, self.system)
    }

    fn window(&self, runs: &Runs, end: &End, commits: &[Commit]) -> Window {
        let line = runs.line(end);
        let trunk = runs.trunk();
        let known = commits
            .iter()
            .filter(|commit| commit.is_of(self.system) && commit.at >= end.from && line.holds(commit, trunk))
            .map(|commit| commit.at)
            .max();
        let arrived = self.segments.get(&runs.last_segment(end.run())).copied().flatten();
        Window {
            source: self.source.clone(),
            repo: self.repo,
            from: end.from,
            to: known.or(arrived).map_or(end.from, |to| to.max(end.from)),
            end_lsn: Some(line.end()),
            timelines: line.timelines(),
            exact: known.is_some(),
        }
    }
}

#[cfg(test)]
mod tests;
