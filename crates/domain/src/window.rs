//! The spans of time that can really be restored to: backups, WAL segments and timeline histories taken together. The smallest and the
//! largest segment of an archive prove nothing, since they hide every hole between them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::wal::{Lsn, Segment};

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
    /// reached the repository.
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
    pub timeline: u32,
    pub first_missing: String,
    pub last_missing: String,
    pub from: Timestamp,
    /// Stop time of the next usable backup; `None`: there is none.
    pub to: Option<Timestamp>,
}

/// A backup that the tool calls good (`error` is false, not absent), with the WAL it needs to be consistent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anchor {
    pub stopped_at: Timestamp,
    pub first: Segment,
    pub last: Segment,
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
    /// Bytes in a segment.
    pub segment_size: u64,
    /// Each segment with the time it reached the repository.
    pub segments: BTreeMap<Segment, Timestamp>,
    /// The newest branch point of each timeline whose history file is there.
    pub branches: BTreeMap<u32, Branch>,
}

/// One way through the archive: the timelines it follows and the last segment it reaches.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Path {
    timelines: Vec<u32>,
    end: Segment,
}

impl Archive {
    /// Windows and the gaps that end them. `commits` are known commit times with their positions (heartbeats, vital signs).
    #[must_use]
    pub fn windows(&self, anchors: &[Anchor], commits: &[(Lsn, Timestamp)]) -> (Vec<Window>, Vec<Gap>) {
        let usable: Vec<_> = anchors.iter().filter(|anchor| self.is_whole(anchor)).collect();
        let mut reached: BTreeMap<Segment, (Timestamp, Vec<u32>)> = BTreeMap::new();
        for anchor in &usable {
            for path in self.paths(anchor.last) {
                let entry = reached
                    .entry(path.end)
                    .or_insert_with(|| (anchor.stopped_at, path.timelines.clone()));
                if anchor.stopped_at < entry.0 {
                    *entry = (anchor.stopped_at, path.timelines);
                }
            }
        }
        let windows: Vec<_> = reached
            .into_iter()
            .map(|(end, (from, timelines))| self.window(from, timelines, end, commits))
            .collect();
        let mut gaps: Vec<_> = windows.iter().filter_map(|window| self.gap(window, &usable)).collect();
        gaps.dedup();
        (windows, gaps)
    }

    fn is_whole(&self, anchor: &Anchor) -> bool {
        anchor.first.timeline == anchor.last.timeline
            && (anchor.first.number..=anchor.last.number)
                .all(|number| self.segments.contains_key(&Segment { number, ..anchor.first }))
    }

    /// Every end that can be reached from `start` along one ancestry.
    fn paths(&self, start: Segment) -> Vec<Path> {
        let mut found = BTreeSet::new();
        let mut open = vec![(start, vec![start.timeline])];
        while let Some((from, timelines)) = open.pop() {
            let end = self.run_end(from);
            let mut passed_on = false;
            for (child, branch) in self
                .branches
                .iter()
                .filter(|(_, branch)| branch.parent == from.timeline)
            {
                let entry = Segment::holding(*child, branch.switch, self.segment_size);
                // The child's first segment is the parent's last one, copied up to the switch.
                let reachable = entry.number >= from.number && end.number + 1 >= entry.number;
                if !timelines.contains(child) && reachable && self.segments.contains_key(&entry) {
                    passed_on |= end.number <= entry.number;
                    open.push((entry, [timelines.as_slice(), &[*child]].concat()));
                }
            }
            if !passed_on {
                found.insert(Path { timelines, end });
            }
        }
        found.into_iter().collect()
    }

    /// The last segment without a hole from `from` on.
    fn run_end(&self, from: Segment) -> Segment {
        let mut end = from;
        for segment in self.segments.range(from..).map(|(segment, _)| *segment) {
            if segment.timeline != from.timeline || segment.number > end.number + 1 {
                break;
            }
            end = segment;
        }
        end
    }

    fn window(&self, from: Timestamp, timelines: Vec<u32>, end: Segment, commits: &[(Lsn, Timestamp)]) -> Window {
        let end_lsn = end.end(self.segment_size);
        let known = commits
            .iter()
            .filter(|(lsn, at)| *lsn <= end_lsn && *at >= from)
            .map(|(_, at)| *at)
            .max();
        let arrived = self.segments.get(&end).copied().unwrap_or(from);
        Window {
            source: self.source.clone(),
            repo: self.repo,
            from,
            to: known.unwrap_or(arrived).max(from),
            end_lsn: Some(end_lsn),
            timelines,
            exact: known.is_some(),
        }
    }

    fn gap(&self, window: &Window, usable: &[&Anchor]) -> Option<Gap> {
        let timeline = *window.timelines.last()?;
        let missing = Segment::holding(timeline, window.end_lsn?, self.segment_size);
        let next = self
            .segments
            .range(missing..)
            .map(|(segment, _)| *segment)
            .find(|segment| segment.timeline == timeline)?;
        let last = Segment {
            timeline,
            number: next.number - 1,
        };
        let to = usable
            .iter()
            .filter(|anchor| anchor.first.number > last.number)
            .map(|anchor| anchor.stopped_at)
            .min();
        Some(Gap {
            source: self.source.clone(),
            repo: self.repo,
            timeline,
            first_missing: missing.name(self.segment_size),
            last_missing: last.name(self.segment_size),
            from: window.to,
            to,
        })
    }
}

#[cfg(test)]
mod tests;
