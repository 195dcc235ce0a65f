//! Holes in an archive, and which of them cut a window off from what lies behind.

use std::collections::BTreeMap;

use crate::wal::Segment;

use super::ends::End;
use super::runs::{Run, Runs, Usable};
use super::{Archive, Gap, Window};

/// Files that are missing between two runs.
struct Hole {
    /// Index of the run that goes no further because of it.
    before: usize,
    timeline: u32,
    first_missing: String,
    last_missing: String,
    /// The first segment behind it.
    after: Segment,
}

impl Archive {
    /// The holes that end windows. One before which nothing could be restored anyway, or on a timeline that was left, ends none.
    pub(super) fn gaps(&self, runs: &Runs, ends: &[End], windows: &[Window], usable: &[Usable]) -> Vec<Gap> {
        let ended: BTreeMap<usize, &Window> = ends.iter().map(End::run).zip(windows).collect();
        let holes = runs
            .inside()
            .chain(runs.at_switches())
            .chain(runs.without_a_beginning());
        let gap = |hole: Hole| {
            let window = ended.get(&hole.before)?;
            let behind = usable.iter().filter(|backup| runs.is_behind(backup.first, hole.after));
            Some(Gap {
                source: self.source.clone(),
                repo: self.repo,
                timeline: hole.timeline,
                first_missing: hole.first_missing,
                last_missing: hole.last_missing,
                from: window.to,
                to: behind.map(|backup| backup.stopped_at).min(),
            })
        };
        holes.filter_map(gap).collect()
    }
}

impl Runs {
    /// Segments that are missing inside a timeline.
    fn inside(&self) -> impl Iterator<Item = Hole> {
        let pairs = self.runs.windows(2).enumerate();
        pairs.filter_map(|(before, pair)| {
            let (run, next) = (pair[0], pair[1]);
            (run.timeline == next.timeline).then(|| self.hole(before, run.timeline, run.last + 1, next.first_segment()))
        })
    }

    /// Segments that are missing where a timeline left its parent: the parent's last ones, or the first ones of its own.
    fn at_switches(&self) -> impl Iterator<Item = Hole> {
        self.branches.iter().filter_map(|(child, branch)| {
            let number = self.number(branch.switch);
            let goes_on = match self.beginning(*child, number) {
                Some(_) => Segment {
                    timeline: *child,
                    number,
                },
                None => self.behind(*child, number)?.1.first_segment(),
            };
            match self.reaching(branch.parent, number) {
                Some(_) if goes_on.number == number => None,
                Some(before) => Some(self.hole(before, *child, number, goes_on)),
                None => {
                    let (before, run) = self.before(branch.parent, number)?;
                    // Else the hole is one inside the parent's timeline.
                    let last = self.behind(branch.parent, number).is_none();
                    last.then(|| self.hole(before, branch.parent, run.last + 1, Segment { number, ..goes_on }))
                }
            }
        })
    }

    /// Timelines that nobody can get onto, since a history is missing. The parent is taken to be the newest timeline that has the WAL
    /// before.
    fn without_a_beginning(&self) -> impl Iterator<Item = Hole> {
        self.unrooted().map(|(index, timeline)| {
            let run = self.runs[index];
            let has_the_wal_before = |older: &Run| older.first <= run.first && run.first <= older.last + 1;
            let parent = self.runs[..index].iter().rposition(has_the_wal_before);
            let name = format!("{timeline:08X}.history");
            Hole {
                before: parent.unwrap_or(index - 1),
                timeline,
                first_missing: name.clone(),
                last_missing: name,
                after: run.first_segment(),
            }
        })
    }

    /// The hole on `timeline` from segment `first` up to the one before `after`.
    fn hole(&self, before: usize, timeline: u32, first: u64, after: Segment) -> Hole {
        let name = |number| Segment { timeline, number }.name(self.size);
        Hole {
            before,
            timeline,
            first_missing: name(first),
            last_missing: name(after.number.saturating_sub(1)),
            after,
        }
    }

    /// Whether a segment lies at or behind another one, on its timeline or on one that left it later.
    fn is_behind(&self, segment: Segment, other: Segment) -> bool {
        let Segment {
            mut timeline,
            mut number,
        } = segment;
        while timeline > other.timeline {
            let Some(branch) = self.branches.get(&timeline) else {
                return false;
            };
            (timeline, number) = (branch.parent, self.number(branch.switch));
        }
        timeline == other.timeline && number >= other.number
    }
}
