//! An archive as runs of segments without a hole, and which run can be entered from which. A timeline has one parent, so the runs form
//! a forest, and windows are paths in it.

use std::collections::BTreeMap;

use crate::time::Timestamp;
use crate::wal::{Lsn, Segment};

use super::commit::Line;
use super::ends::End;
use super::{Anchor, Archive, Branch};

/// Segments of one timeline without a hole between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub timeline: u32,
    pub first: u64,
    pub last: u64,
    /// How it is entered from the parent timeline, if it can be.
    pub entry: Option<Entry>,
    /// A child goes on with all that it holds.
    pub taken_over: bool,
}

/// The way into a run from its parent timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Index of the run that is left.
    pub run: usize,
    pub switch: Lsn,
}

/// A backup whose own WAL is whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usable {
    /// Index of the run it lies in.
    pub run: usize,
    pub first: Segment,
    /// Where it is consistent.
    pub position: Lsn,
    pub stopped_at: Timestamp,
}

/// All runs, by timeline and position.
pub(super) struct Runs {
    pub runs: Vec<Run>,
    /// The branches that PostgreSQL can have made: a timeline is newer than its parent.
    pub branches: BTreeMap<u32, Branch>,
    pub size: u64,
}

impl Run {
    fn new(timeline: u32, first: u64, last: u64) -> Self {
        Self {
            timeline,
            first,
            last,
            entry: None,
            taken_over: false,
        }
    }

    pub fn first_segment(&self) -> Segment {
        Segment {
            timeline: self.timeline,
            number: self.first,
        }
    }
}

impl Runs {
    pub fn of(archive: &Archive) -> Self {
        let possible = |(child, branch): &(&u32, &Branch)| branch.parent < **child;
        let branches = archive.branches.iter().filter(possible);
        let mut all = Self {
            runs: contiguous(archive.segments.keys()),
            branches: branches.map(|(child, branch)| (*child, *branch)).collect(),
            size: archive.segment_size,
        };
        all.add_passages();
        let entries = all.branches.iter();
        let entries = entries.filter_map(|(child, branch)| all.entry(*child, branch));
        for (run, entry) in entries.collect::<Vec<_>>() {
            all.runs[run].entry = Some(entry);
            let number = all.number(entry.switch);
            let left = &mut all.runs[entry.run];
            left.taken_over |= left.last < number;
        }
        all
    }

    /// A timeline that was left in the segment in which it began has archived no segment of its own, and needs none: all of it is in the
    /// first one of the timeline that left it. It gets an empty run, through which one passes.
    fn add_passages(&mut self) {
        for (child, branch) in self.branches.iter().rev() {
            let number = self.number(branch.switch);
            let Some(own) = self.branches.get(&branch.parent) else {
                continue;
            };
            let within = self.number(own.switch) == number && own.switch <= branch.switch;
            let needed = self.beginning(*child, number).is_some() && self.reaching(branch.parent, number).is_none();
            if let (true, Some(before)) = (within && needed, number.checked_sub(1)) {
                let passage = Run::new(branch.parent, number, before);
                self.runs.insert(self.up_to(branch.parent, number), passage);
            }
        }
    }

    /// The run in which a timeline begins, and how it is entered. Its first segment is the parent's last one, copied up to the switch,
    /// so the parent is needed up to the segment before.
    fn entry(&self, child: u32, branch: &Branch) -> Option<(usize, Entry)> {
        let number = self.number(branch.switch);
        let run = self.beginning(child, number)?;
        let entry = Entry {
            run: self.reaching(branch.parent, number)?,
            switch: branch.switch,
        };
        Some((run, entry))
    }

    /// The run in which a timeline begins if it begins in this segment.
    pub fn beginning(&self, timeline: u32, number: u64) -> Option<usize> {
        let (index, run) = self.before(timeline, number)?;
        (run.last >= number || run.first == number).then_some(index)
    }

    /// The run of a timeline that reaches at least up to the start of this segment.
    pub fn reaching(&self, timeline: u32, number: u64) -> Option<usize> {
        let (index, run) = self.before(timeline, number)?;
        (run.last + 1 >= number).then_some(index)
    }

    /// The run that holds this segment.
    fn holding(&self, timeline: u32, number: u64) -> Option<usize> {
        let (index, run) = self.before(timeline, number)?;
        (run.last >= number).then_some(index)
    }

    /// The last run of a timeline that begins at this segment or before.
    pub fn before(&self, timeline: u32, number: u64) -> Option<(usize, &Run)> {
        let index = self.up_to(timeline, number).checked_sub(1)?;
        let run = &self.runs[index];
        (run.timeline == timeline).then_some((index, run))
    }

    /// The first run of a timeline that begins behind this segment.
    pub fn behind(&self, timeline: u32, number: u64) -> Option<(usize, &Run)> {
        let index = self.up_to(timeline, number);
        let run = self.runs.get(index)?;
        (run.timeline == timeline).then_some((index, run))
    }

    fn up_to(&self, timeline: u32, number: u64) -> usize {
        self.runs
            .partition_point(|run| (run.timeline, run.first) <= (timeline, number))
    }

    /// The number of the segment that holds the byte at this position.
    pub fn number(&self, lsn: Lsn) -> u64 {
        lsn.0 / self.size
    }

    /// Up to where the archive knows of one history only. A timeline that lacks its history file began in its first segment or before.
    pub fn trunk(&self) -> Lsn {
        let switches = self.branches.values().map(|branch| branch.switch);
        let unknown = self
            .unrooted()
            .map(|(index, _)| self.runs[index].first_segment().start(self.size));
        switches.chain(unknown).min().unwrap_or(Lsn(u64::MAX))
    }

    /// The first run of each timeline onto which no history leads, with the timeline whose file is missing: its own, or that of an
    /// ancestor that left no segments. The oldest timeline of an archive needs none.
    pub fn unrooted(&self) -> impl Iterator<Item = (usize, u32)> {
        let pairs = self.runs.windows(2).zip(1..);
        let begins = pairs.filter(|(pair, _)| pair[0].timeline != pair[1].timeline);
        begins.filter_map(|(pair, index)| Some((index, self.missing_history(pair[1].timeline)?)))
    }

    fn missing_history(&self, mut timeline: u32) -> Option<u32> {
        while let Some(branch) = self.branches.get(&timeline) {
            timeline = branch.parent;
            if self.before(timeline, u64::MAX).is_some() {
                return None;
            }
        }
        Some(timeline)
    }

    pub fn usable(&self, anchors: &[Anchor]) -> Vec<Usable> {
        anchors.iter().filter_map(|anchor| self.usable_one(anchor)).collect()
    }

    fn usable_one(&self, anchor: &Anchor) -> Option<Usable> {
        let Anchor { first, last, .. } = *anchor;
        let run = self.holding(first.timeline, first.number)?;
        let in_order = first.timeline == last.timeline && first.number <= last.number;
        let (start, end) = (last.start(self.size), last.end(self.size));
        let inside = |lsn: &Lsn| start < *lsn && *lsn <= end;
        (in_order && last.number <= self.runs[run].last).then(|| Usable {
            run,
            first,
            position: anchor.stop_lsn.filter(inside).unwrap_or(end),
            stopped_at: anchor.stopped_at,
        })
    }

    /// The ancestry that leads to an end.
    pub fn line(&self, end: &End) -> Line {
        let entered = end.path.iter().skip(1).filter_map(|run| self.runs[*run].entry);
        let last = self.last_segment(end.run()).end(self.size);
        let until = entered.map(|entry| entry.switch).chain([last]);
        let timelines = end.path.iter().map(|run| self.runs[*run].timeline);
        Line(timelines.zip(until).collect())
    }

    pub fn last_segment(&self, run: usize) -> Segment {
        let Run { timeline, last, .. } = self.runs[run];
        Segment { timeline, number: last }
    }
}

fn contiguous<'a>(segments: impl Iterator<Item = &'a Segment>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for segment in segments {
        match runs.last_mut() {
            Some(run) if run.timeline == segment.timeline && run.last + 1 == segment.number => {
                run.last = segment.number
            }
            _ => runs.push(Run::new(segment.timeline, segment.number, segment.number)),
        }
    }
    runs
}
