//! The WAL that a recovery to the end of the archive needs. PostgreSQL stops at a hole without an error and promotes, so the hole has to
//! be found before, and the end that must be reached has to be known.

use std::collections::BTreeSet;

use crate::wal::{Lsn, Segment};
use crate::window::{Anchor, Archive, Window};

/// What has to be fetched, oldest first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WalNeeded {
    pub segments: Vec<Segment>,
    /// Timelines whose `.history` is needed.
    pub histories: Vec<u32>,
    /// The timeline that recovery ends on.
    pub timeline: u32,
    /// Position behind the last segment: recovery has to reach into it.
    pub end: Lsn,
    pub segment_size: u64,
}

/// A segment that isn't there, though later ones are.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("WAL segment {name} is missing in the archive, so recovery would stop before it")]
pub struct Hole {
    pub name: String,
}

impl WalNeeded {
    /// All WAL from the backup to the newest segment on the newest timeline that leads away from it.
    ///
    /// # Errors
    /// With the first segment that is missing on the way.
    pub fn to_the_end(archive: &Archive, backup: &Anchor) -> Result<Self, Hole> {
        let path = newest_path(archive, backup);
        let timeline = *path.last().unwrap_or(&backup.first.timeline);
        let newest = newest_on(archive, timeline)
            .unwrap_or(backup.last.number)
            .max(backup.last.number);
        Self::along(archive, backup, &path, newest)
    }

    /// All WAL from the backup to the end of a window that it leads into: the latest time that can be restored to, whatever was written
    /// behind a hole.
    ///
    /// # Errors
    /// With the first segment that is missing on the way.
    pub fn to_the_end_of(archive: &Archive, backup: &Anchor, window: &Window) -> Result<Self, Hole> {
        let own = backup.first.timeline;
        let path: Vec<_> = window
            .timelines
            .iter()
            .copied()
            .skip_while(|timeline| *timeline != own)
            .collect();
        let end = window
            .end_lsn
            .map_or(0, |end| end.0.saturating_sub(1) / archive.segment_size);
        let path = if path.is_empty() { vec![own] } else { path };
        Self::along(archive, backup, &path, end.max(backup.last.number))
    }

    /// Only what the backup needs to be consistent.
    ///
    /// # Errors
    /// With the first segment that is missing.
    pub fn to_consistency(archive: &Archive, backup: &Anchor) -> Result<Self, Hole> {
        Self::along(archive, backup, &[backup.first.timeline], backup.last.number)
    }

    fn along(archive: &Archive, backup: &Anchor, path: &[u32], newest: u64) -> Result<Self, Hole> {
        let size = archive.segment_size;
        let mut segments = Vec::new();
        for number in backup.first.number..=newest {
            let segment = Segment {
                timeline: timeline_at(archive, path, number),
                number,
            };
            if !archive.segments.contains_key(&segment) {
                return Err(Hole {
                    name: segment.name(size),
                });
            }
            segments.push(segment);
        }
        let timeline = *path.last().unwrap_or(&backup.first.timeline);
        Ok(Self {
            segments,
            histories: path
                .iter()
                .copied()
                .filter(|timeline| archive.branches.contains_key(timeline))
                .collect(),
            timeline,
            end: Segment {
                timeline,
                number: newest,
            }
            .end(size),
            segment_size: size,
        })
    }

    /// Whether a recovery that replayed up to here reached the last segment.
    #[must_use]
    pub fn is_reached_by(&self, replayed: Lsn) -> bool {
        let last = self.end.0 / self.segment_size;
        replayed.0.saturating_sub(1) / self.segment_size + 1 >= last
    }
}

fn newest_on(archive: &Archive, timeline: u32) -> Option<u64> {
    let from = Segment { timeline, number: 0 };
    let to = Segment {
        timeline,
        number: u64::MAX,
    };
    archive
        .segments
        .range(from..=to)
        .next_back()
        .map(|(segment, _)| segment.number)
}

/// The timelines from the backup's own to the newest that descends from it behind the backup's end, oldest first.
fn newest_path(archive: &Archive, backup: &Anchor) -> Vec<u32> {
    let own = backup.first.timeline;
    let end = backup.stop_lsn.unwrap_or_else(|| backup.last.end(archive.segment_size));
    let written: BTreeSet<_> = archive.segments.keys().map(|segment| segment.timeline).collect();
    let ancestry = |timeline: u32| {
        let mut path = vec![timeline];
        let mut at = timeline;
        while at != own {
            let branch = archive.branches.get(&at)?;
            // A history that names a later parent would lead around in a circle.
            if branch.parent >= at || (branch.parent == own && branch.switch < end) {
                return None;
            }
            at = branch.parent;
            path.push(at);
        }
        path.reverse();
        Some(path)
    };
    let descendants = written.iter().rev().filter(|timeline| **timeline >= own);
    descendants.copied().find_map(ancestry).unwrap_or_else(|| vec![own])
}

/// Which timeline's file has this segment: that of the branch from the segment on in which it left its parent.
fn timeline_at(archive: &Archive, path: &[u32], number: u64) -> u32 {
    let began = |timeline: &&u32| {
        archive
            .branches
            .get(*timeline)
            .is_none_or(|branch| branch.switch.0 / archive.segment_size <= number)
    };
    let own = path.first().copied().unwrap_or_default();
    path.iter().skip(1).rev().find(began).copied().unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::window::Branch;

    const SIZE: u64 = 16 * 1024 * 1024;

    fn archive(segments: &[(u32, u64)], branches: &[(u32, u32, u64)]) -> Archive {
        let segment = |(timeline, number): &(u32, u64)| {
            let segment = Segment {
                timeline: *timeline,
                number: *number,
            };
            (segment, None)
        };
        let branch = |(timeline, parent, switch): &(u32, u32, u64)| {
            let branch = Branch {
                parent: *parent,
                switch: Lsn(*switch),
            };
            (*timeline, branch)
        };
        Archive {
            source: "main".into(),
            repo: 1,
            system: None,
            segment_size: SIZE,
            segments: segments.iter().map(segment).collect(),
            branches: branches.iter().map(branch).collect::<BTreeMap<_, _>>(),
        }
    }

    fn backup(first: u64, last: u64) -> Anchor {
        Anchor {
            stopped_at: DateTime::from_timestamp(1_790_000_000, 0).expect("in range"),
            first: Segment {
                timeline: 1,
                number: first,
            },
            last: Segment {
                timeline: 1,
                number: last,
            },
            stop_lsn: None,
        }
    }

    fn names(needed: &WalNeeded) -> Vec<(u32, u64)> {
        needed
            .segments
            .iter()
            .map(|segment| (segment.timeline, segment.number))
            .collect()
    }

    #[test]
    fn the_latest_restorable_time_lies_before_the_first_hole() {
        let torn = archive(
            &[(1, 3), (1, 4), (1, 5), (2, 5), (2, 6), (2, 8)],
            &[(2, 1, 5 * SIZE + 9)],
        );
        let (windows, gaps) = torn.windows(&[backup(3, 3)], &[]);
        let furthest = windows.iter().max_by_key(|window| window.end_lsn).expect("a window");
        assert_eq!(gaps.len(), 1, "{gaps:?}");
        let needed = WalNeeded::to_the_end_of(&torn, &backup(3, 3), furthest).expect("no hole on the way");
        assert_eq!(names(&needed), [(1, 3), (1, 4), (2, 5), (2, 6)]);
        assert_eq!((needed.end, needed.timeline), (Lsn(7 * SIZE), 2));
        assert!(WalNeeded::to_the_end(&torn, &backup(3, 3)).is_err());
    }

    #[test]
    fn recovery_has_to_reach_the_newest_segment() {
        let needed = WalNeeded::to_the_end(&archive(&[(1, 3), (1, 4), (1, 5)], &[]), &backup(3, 3)).expect("whole");
        assert_eq!(names(&needed), [(1, 3), (1, 4), (1, 5)]);
        assert_eq!(needed.end, Lsn(6 * SIZE));
        assert!(needed.is_reached_by(Lsn(5 * SIZE + 28)) && needed.is_reached_by(needed.end));
        assert!(!needed.is_reached_by(Lsn(5 * SIZE)));
    }

    #[test]
    fn a_hole_is_named_even_if_only_one_segment_lies_behind_it() {
        let hole = WalNeeded::to_the_end(&archive(&[(1, 3), (1, 4), (1, 6)], &[]), &backup(3, 3));
        assert_eq!(hole.expect_err("5 is missing").name, "000000010000000000000005");
    }

    #[test]
    fn the_newest_timeline_is_followed_from_where_it_left() {
        let archive = archive(&[(1, 3), (1, 4), (1, 5), (2, 4), (2, 5)], &[(2, 1, 4 * SIZE + 9)]);
        let needed = WalNeeded::to_the_end(&archive, &backup(3, 3)).expect("whole");
        assert_eq!(names(&needed), [(1, 3), (2, 4), (2, 5)]);
        assert_eq!((needed.timeline, needed.histories), (2, vec![2]));
    }

    #[test]
    fn a_timeline_that_left_before_the_backup_ended_is_not_for_it() {
        let archive = archive(&[(1, 3), (1, 4), (1, 5), (2, 4), (2, 5)], &[(2, 1, 4 * SIZE + 9)]);
        let needed = WalNeeded::to_the_end(&archive, &backup(4, 5)).expect("whole");
        assert_eq!(names(&needed), [(1, 4), (1, 5)]);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic_and_no_hole_goes_unseen(
            segments in prop::collection::vec((1u32..5, 0u64..20), 0..40),
            branches in prop::collection::vec((1u32..5, 0u32..6, 0u64..(20 * SIZE)), 0..5),
            first in 0u64..20, length in 0u64..4,
        ) {
            let archive = archive(&segments, &branches);
            if let Ok(needed) = WalNeeded::to_the_end(&archive, &backup(first, first + length)) {
                prop_assert!(needed.segments.iter().all(|segment| archive.segments.contains_key(segment)));
                prop_assert!(needed.segments.windows(2).all(|pair| pair[1].number == pair[0].number + 1));
                prop_assert_eq!(needed.segments[0].number, first);
                prop_assert!(needed.is_reached_by(needed.end));
            }
        }
    }
}
