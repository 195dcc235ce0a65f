//! The same answers from a model that walks segment by segment from each backup, as recovery does.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const SMALL: u64 = 1024 * 1024;

/// A place on the way: the timeline, the segment, the position from which on it was entered, the timelines so far.
#[derive(Clone)]
struct Step {
    at: Segment,
    position: Lsn,
    timelines: Vec<u32>,
}

/// Where recovery from this backup can end.
fn model_ends(archive: &Archive, anchor: &Anchor) -> Vec<(Segment, Vec<u32>)> {
    let needed = anchor.first.number..=anchor.last.number;
    let whole = needed
        .clone()
        .all(|number| archive.segments.contains_key(&Segment { number, ..anchor.first }));
    if needed.is_empty() || anchor.first.timeline != anchor.last.timeline || !whole {
        return Vec::new();
    }
    let mut ends = Vec::new();
    let mut open = vec![Step {
        at: anchor.last,
        position: anchor.stop_lsn.expect("the model is told"),
        timelines: vec![anchor.last.timeline],
    }];
    while let Some(step) = open.pop() {
        let next = Segment {
            number: step.at.number + 1,
            ..step.at
        };
        let goes_on = archive.segments.contains_key(&next);
        let mut left = false;
        for (child, branch) in &archive.branches {
            let entry = Segment::holding(*child, branch.switch, archive.segment_size);
            // A switch in this segment, or right behind it where the next one never came.
            let here = entry.number == step.at.number || (entry.number == next.number && !goes_on);
            let possible = branch.parent == step.at.timeline && branch.parent < *child && here;
            if possible && step.position <= branch.switch {
                for timelines in passages(archive, *child, branch.switch) {
                    left |= entry.number == next.number;
                    let newest = *timelines.last().expect("at least the child");
                    open.push(Step {
                        at: Segment {
                            timeline: newest,
                            ..entry
                        },
                        position: archive.branches[&newest].switch,
                        timelines: [step.timelines.as_slice(), &timelines].concat(),
                    });
                }
            }
        }
        if goes_on {
            open.push(Step { at: next, ..step });
        } else if !left {
            ends.push((step.at, step.timelines));
        }
    }
    ends
}

/// The ways onto a timeline: its first segment, or that of one which left it in the same segment.
fn passages(archive: &Archive, child: u32, switch: Lsn) -> Vec<Vec<u32>> {
    let entry = Segment::holding(child, switch, archive.segment_size);
    if archive.segments.contains_key(&entry) {
        return vec![vec![child]];
    }
    let left_at_once = archive.branches.iter().filter(|(next, branch)| {
        let same = Segment::holding(child, branch.switch, archive.segment_size) == entry;
        branch.parent == child && **next > child && branch.switch >= switch && same && entry.number > 0
    });
    let further = left_at_once.flat_map(|(next, branch)| passages(archive, *next, branch.switch));
    further.map(|way| [[child].as_slice(), &way].concat()).collect()
}

fn model_windows(archive: &Archive, anchors: &[Anchor]) -> BTreeMap<Segment, (Timestamp, Vec<u32>)> {
    let mut windows: BTreeMap<Segment, (Timestamp, Vec<u32>)> = BTreeMap::new();
    for anchor in anchors {
        for (end, timelines) in model_ends(archive, anchor) {
            let found = (anchor.stopped_at, timelines);
            let earliest = windows.entry(end).or_insert_with(|| found.clone());
            *earliest = found.min(earliest.clone());
        }
    }
    windows
}

fn end(window: &Window) -> Lsn {
    window.end_lsn.expect("an archive ends at a position")
}

prop_compose! {
    fn archives()(
        segments in vec((1u32..=4, 0u64..14), 0..45),
        branches in vec((1u32..=4, 1u32..=4, 0u64..14, prop_oneof![Just(0), 0..SMALL]), 0..4),
    ) -> Archive {
        Archive {
            source: "model".into(),
            repo: 1,
            system: None,
            segment_size: SMALL,
            segments: segments.into_iter().map(|(timeline, number)| (segment(timeline, number), None)).collect(),
            branches: branches
                .into_iter()
                .map(|(child, parent, number, within)| (child, Branch { parent, switch: Lsn(number * SMALL + within) }))
                .collect(),
        }
    }
}

prop_compose! {
    /// A minute of its own for each, so that the earliest is one only.
    fn backups()(places in vec((1u32..=4, 0u64..14, 0u64..3, 1..=SMALL), 0..8)) -> Vec<Anchor> {
        let backup = |(minute, (timeline, first, more, within)): (i64, (u32, u64, u64, u64))| Anchor {
            stopped_at: at(minute),
            first: segment(timeline, first),
            last: segment(timeline, first + more),
            stop_lsn: Some(Lsn((first + more) * SMALL + within)),
        };
        (0..).zip(places).map(backup).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn windows_are_those_of_the_model(archive in archives(), anchors in backups()) {
        let (windows, gaps) = archive.windows(&anchors, &[]);
        let found: BTreeMap<_, _> = windows
            .iter()
            .map(|w| {
                let timeline = *w.timelines.last().expect("a window follows a timeline");
                (segment(timeline, end(w).0 / SMALL - 1), (w.from, w.timelines.clone()))
            })
            .collect();
        prop_assert_eq!(&found, &model_windows(&archive, &anchors));
        for gap in gaps {
            prop_assert!(windows.iter().any(|window| window.to == gap.from));
            if let Ok(first) = Segment::parse(&gap.first_missing, SMALL) {
                prop_assert!(!archive.segments.contains_key(&first), "{} is there", gap.first_missing);
            }
            prop_assert!(gap.first_missing <= gap.last_missing);
        }
    }

    #[test]
    fn a_torn_backup_opens_nothing_and_a_whole_one_opens_something(archive in archives(), anchors in backups()) {
        for anchor in anchors {
            let (windows, _) = archive.windows(std::slice::from_ref(&anchor), &[]);
            prop_assert_eq!(windows.is_empty(), archive.torn(&anchor).is_some());
        }
    }

    #[test]
    fn commits_never_carry_a_window_past_its_ancestry(
        archive in archives(),
        anchors in backups(),
        seen in vec((proptest::option::of(1u32..=4), 0u64..15 * SMALL, 0i64..100), 0..12),
    ) {
        let commits: Vec<_> = seen
            .into_iter()
            .map(|(timeline, lsn, minute)| Commit { system: None, timeline, lsn: Lsn(lsn), at: at(minute) })
            .collect();
        let (windows, _) = archive.windows(&anchors, &commits);
        for window in windows.iter().filter(|window| window.exact) {
            let proof = commits.iter().any(|commit| {
                commit.at == window.to
                    && commit.lsn <= end(window)
                    && commit.timeline.is_none_or(|timeline| window.timelines.contains(&timeline))
            });
            prop_assert!(proof, "{window:?}");
        }
        let _ = archive.oldest_unarchived(&anchors, &commits);
    }
}

#[test]
fn a_million_segments_and_ten_thousand_backups_are_one_window() {
    let archive = Archive {
        segments: (0..1_000_000).map(|number| (segment(1, number), None)).collect(),
        ..archive(&[], &[])
    };
    let anchors: Vec<_> = (0..10_000).map(|n| anchor(1, n * 100, n * 100 + 1)).collect();
    let (windows, gaps) = archive.windows(&anchors, &[]);
    assert_eq!((spans(&windows), gaps.len()), (vec![(at(1), 1_000_000, vec![1])], 0));
}
