mod model;

use super::*;
use crate::ids::Big;
use chrono::DateTime;

const SIZE: u64 = 16 * 1024 * 1024;
const OURS: SystemIdentifier = SystemIdentifier(Big(7_711_165_736_987_241_478));

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("in range")
}

fn segment(timeline: u32, number: u64) -> Segment {
    Segment { timeline, number }
}

/// Segments by timeline; each reaches the repository at the minute of its number. Branches: child, parent, segment of the switch, which
/// happens 100 bytes behind its start.
fn archive(segments: &[(u32, &[u64])], branches: &[(u32, u32, u64)]) -> Archive {
    Archive {
        source: "pgbr-main".into(),
        repo: 1,
        system: Some(OURS),
        segment_size: SIZE,
        segments: segments
            .iter()
            .flat_map(|(timeline, numbers)| {
                numbers
                    .iter()
                    .map(|n| (segment(*timeline, *n), Some(at(i64::try_from(*n).expect("small")))))
            })
            .collect(),
        branches: branches
            .iter()
            .map(|(child, parent, lsn)| {
                (
                    *child,
                    Branch {
                        parent: *parent,
                        switch: Lsn(lsn * SIZE + 100),
                    },
                )
            })
            .collect(),
    }
}

fn anchor(timeline: u32, first: u64, last: u64) -> Anchor {
    Anchor {
        stopped_at: at(i64::try_from(last).expect("small")),
        first: segment(timeline, first),
        last: segment(timeline, last),
        stop_lsn: Some(Lsn(last * SIZE + 50)),
    }
}

fn commit(timeline: u32, lsn: u64, minute: i64) -> Commit {
    Commit {
        system: Some(OURS),
        timeline: Some(timeline),
        lsn: Lsn(lsn),
        at: at(minute),
    }
}

fn missing(gaps: &[Gap]) -> Vec<(u32, &str, &str, Option<Timestamp>)> {
    gaps.iter()
        .map(|gap| {
            (
                gap.timeline,
                gap.first_missing.as_str(),
                gap.last_missing.as_str(),
                gap.to,
            )
        })
        .collect()
}

fn spans(windows: &[Window]) -> Vec<(Timestamp, u64, Vec<u32>)> {
    windows
        .iter()
        .map(|w| (w.from, w.end_lsn.expect("of an archive").0 / SIZE, w.timelines.clone()))
        .collect()
}

#[test]
fn a_window_reaches_from_the_first_backup_to_the_last_segment() {
    let (windows, gaps) = archive(&[(1, &[2, 3, 4, 5, 6])], &[]).windows(&[anchor(1, 2, 3), anchor(1, 5, 5)], &[]);
    assert_eq!(spans(&windows), [(at(3), 7, vec![1])]);
    assert_eq!((windows[0].to, windows[0].exact), (at(6), false));
    assert!(gaps.is_empty());
}

#[test]
fn a_hole_ends_the_window_and_is_named() {
    let (windows, gaps) = archive(&[(1, &[2, 3, 4, 7, 8, 9])], &[]).windows(&[anchor(1, 2, 2), anchor(1, 8, 8)], &[]);
    assert_eq!(spans(&windows), [(at(2), 5, vec![1]), (at(8), 10, vec![1])]);
    assert_eq!(gaps.len(), 1);
    assert_eq!(
        (gaps[0].first_missing.as_str(), gaps[0].last_missing.as_str()),
        ("000000010000000000000005", "000000010000000000000006")
    );
    assert_eq!((gaps[0].from, gaps[0].to), (windows[0].to, Some(at(8))));
}

#[test]
fn a_backup_whose_own_wal_is_torn_opens_nothing() {
    let (windows, _) = archive(&[(1, &[2, 4, 5])], &[]).windows(&[anchor(1, 2, 4)], &[]);
    assert!(windows.is_empty());
}

#[test]
fn a_timeline_switch_with_its_history_cuts_nothing() {
    let (windows, gaps) = archive(&[(1, &[2, 3]), (2, &[4, 5, 6])], &[(2, 1, 4)]).windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!(spans(&windows), [(at(2), 7, vec![1, 2])]);
    assert!(gaps.is_empty());
}

#[test]
fn what_a_restore_has_undone_can_still_be_had_on_the_old_timeline() {
    for old in [&[2, 3, 4][..], &[2, 3, 4, 5]] {
        let (windows, gaps) = archive(&[(1, old), (2, &[4, 5, 6])], &[(2, 1, 4)]).windows(&[anchor(1, 2, 2)], &[]);
        let end = old[old.len() - 1] + 1;
        assert_eq!(spans(&windows), [(at(2), end, vec![1]), (at(2), 7, vec![1, 2])]);
        assert!(gaps.is_empty());
    }
}

#[test]
fn without_the_history_file_the_new_timeline_is_out_of_reach_and_the_file_is_named() {
    let archive = archive(&[(1, &[2, 3, 4]), (2, &[4, 5, 6])], &[]);
    let (windows, gaps) = archive.windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!(spans(&windows), [(at(2), 5, vec![1])]);
    assert_eq!(missing(&gaps), [(2, "00000002.history", "00000002.history", None)]);
    let (windows, gaps) = archive.windows(&[anchor(1, 2, 2), anchor(2, 5, 5)], &[]);
    assert_eq!(spans(&windows), [(at(2), 5, vec![1]), (at(5), 7, vec![2])]);
    assert_eq!(missing(&gaps)[0].3, Some(at(5)));
}

#[test]
fn the_oldest_timeline_of_an_archive_needs_no_history() {
    let (windows, gaps) = archive(&[(7, &[4, 5])], &[]).windows(&[anchor(7, 4, 4)], &[]);
    assert_eq!((spans(&windows), gaps), (vec![(at(4), 6, vec![7])], vec![]));
}

#[test]
fn an_old_timeline_that_went_on_stays_restorable_too() {
    let (windows, _) = archive(&[(1, &[2, 3, 4, 5, 6]), (2, &[4, 5])], &[(2, 1, 4)]).windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!(spans(&windows), [(at(2), 7, vec![1]), (at(2), 6, vec![1, 2])]);
}

#[test]
fn a_backup_that_was_whole_only_after_the_switch_does_not_reach_the_new_timeline() {
    let archive = archive(&[(1, &[2, 3, 4]), (2, &[4, 5])], &[(2, 1, 4)]);
    let late = |lsn: Option<u64>| Anchor {
        stop_lsn: lsn.map(Lsn),
        ..anchor(1, 3, 4)
    };
    for (stop, timelines) in [
        (Some(4 * SIZE + 100), vec![vec![1], vec![1, 2]]),
        (Some(4 * SIZE + 101), vec![vec![1]]),
        (None, vec![vec![1]]),
    ] {
        let (windows, _) = archive.windows(&[late(stop)], &[]);
        assert_eq!(
            windows.iter().map(|w| w.timelines.clone()).collect::<Vec<_>>(),
            timelines
        );
    }
}

#[test]
fn segments_missing_at_a_switch_are_a_gap_on_the_timeline_that_lacks_them() {
    let parent = archive(&[(1, &[2, 3]), (2, &[6, 7])], &[(2, 1, 6)]);
    let (windows, gaps) = parent.windows(&[anchor(1, 2, 2), anchor(2, 7, 7)], &[]);
    assert_eq!(spans(&windows), [(at(2), 4, vec![1]), (at(7), 8, vec![2])]);
    let names = ("000000010000000000000004", "000000010000000000000005");
    assert_eq!(missing(&gaps), [(1, names.0, names.1, Some(at(7)))]);
    let child = archive(&[(1, &[2, 3, 4, 5]), (2, &[7])], &[(2, 1, 6)]);
    let (_, gaps) = child.windows(&[anchor(1, 2, 2)], &[]);
    let name = "000000020000000000000006";
    assert_eq!(missing(&gaps), [(2, name, name, None)]);
}

#[test]
fn a_timeline_that_was_left_at_once_needs_no_segment_of_its_own() {
    let mut archive = archive(&[(1, &[2, 3]), (3, &[4, 5])], &[(2, 1, 4), (3, 2, 4)]);
    let (windows, gaps) = archive.windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!((spans(&windows), gaps), (vec![(at(2), 6, vec![1, 2, 3])], vec![]));
    archive.branches.remove(&2);
    let (windows, gaps) = archive.windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!(spans(&windows), [(at(2), 4, vec![1])]);
    assert_eq!(missing(&gaps), [(2, "00000002.history", "00000002.history", None)]);
}

#[test]
fn a_hole_on_a_timeline_that_was_left_is_none() {
    let archive = archive(&[(1, &[2, 3, 8]), (2, &[4, 5])], &[(2, 1, 4)]);
    let (windows, gaps) = archive.windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!((spans(&windows), gaps), (vec![(at(2), 6, vec![1, 2])], vec![]));
}

#[test]
fn a_history_that_no_server_writes_is_as_good_as_missing() {
    let archive = archive(&[(2, &[4]), (3, &[5, 6])], &[(2, 3, 5), (3, 2, 5)]);
    let (windows, _) = archive.windows(&[anchor(2, 4, 4)], &[]);
    assert_eq!(spans(&windows), [(at(4), 7, vec![2, 3])]);
}

#[test]
fn a_known_commit_makes_the_end_exact_and_one_behind_the_end_does_not_count() {
    let commits = [commit(1, 4 * SIZE, 44), commit(1, 9 * SIZE, 99)];
    let (windows, _) = archive(&[(1, &[2, 3, 4, 5])], &[]).windows(&[anchor(1, 2, 2)], &commits);
    assert_eq!((windows[0].to, windows[0].exact), (at(44), true));
}

#[test]
fn a_commit_counts_only_on_the_ancestry_of_the_window() {
    let archive = archive(&[(1, &[2, 3, 4, 5, 6]), (2, &[4, 5])], &[(2, 1, 4)]);
    let ends = |commits: &[Commit]| {
        let (windows, _) = archive.windows(&[anchor(1, 2, 2)], commits);
        windows.iter().map(|w| (w.to, w.exact)).collect::<Vec<_>>()
    };
    let (one, two) = ((at(6), false), (at(5), false));
    assert_eq!(
        ends(&[commit(1, 3 * SIZE, 33)]),
        [(at(33), true), (at(33), true)],
        "before the switch"
    );
    assert_eq!(
        ends(&[commit(1, 5 * SIZE, 55)]),
        [(at(55), true), two],
        "on the timeline that was left"
    );
    assert_eq!(ends(&[commit(2, 5 * SIZE, 55)]), [one, (at(55), true)]);
    let unknown = |lsn| Commit {
        timeline: None,
        ..commit(1, lsn, 55)
    };
    assert_eq!(ends(&[unknown(5 * SIZE)]), [one, two], "on either of them");
    assert_eq!(ends(&[unknown(4 * SIZE)]), [(at(55), true), (at(55), true)]);
}

#[test]
fn a_commit_of_another_cluster_is_no_evidence() {
    let other = Commit {
        system: Some(SystemIdentifier(Big(1))),
        ..commit(1, 3 * SIZE, 33)
    };
    let archive = archive(&[(1, &[2, 3])], &[]);
    let (windows, _) = archive.windows(&[anchor(1, 2, 2)], &[other]);
    assert_eq!((windows[0].to, windows[0].exact), (at(3), false));
    assert_eq!(
        archive.oldest_unarchived(&[anchor(1, 2, 2)], &[other]),
        Unarchived::Unknown
    );
}

#[test]
fn without_any_time_a_window_ends_where_it_begins() {
    let mut archive = archive(&[(1, &[2, 3, 4])], &[]);
    archive.segments.values_mut().for_each(|time| *time = None);
    let (windows, _) = archive.windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!((windows[0].to, windows[0].exact), (at(2), false));
    assert_eq!(windows[0].end_lsn, Some(Lsn(5 * SIZE)));
}

#[test]
fn the_first_segment_that_a_backup_lacks_is_named() {
    let archive = archive(&[(1, &[2, 3, 5])], &[]);
    assert_eq!(archive.torn(&anchor(1, 2, 3)), None);
    assert_eq!(archive.torn(&anchor(1, 2, 5)), Some(segment(1, 4)));
    assert_eq!(archive.torn(&anchor(2, 2, 2)), Some(segment(2, 2)));
}

#[test]
fn commits_whose_wal_has_not_arrived_are_counted_from_the_oldest() {
    let archive = archive(&[(1, &[2, 3])], &[]);
    let oldest = |commits: &[Commit]| archive.oldest_unarchived(&[anchor(1, 2, 2)], commits);
    assert_eq!(oldest(&[]), Unarchived::Unknown);
    assert_eq!(oldest(&[commit(1, 3 * SIZE, 33)]), Unarchived::Nothing);
    let behind = [
        commit(1, 3 * SIZE, 33),
        commit(1, 5 * SIZE, 50),
        commit(1, 6 * SIZE, 60),
    ];
    assert_eq!(oldest(&behind), Unarchived::Since(at(50)));
    assert_eq!(
        archive.oldest_unarchived(&[], &behind),
        Unarchived::Unknown,
        "without a backup there is no window"
    );
}

#[test]
fn an_idle_database_waits_for_nothing() {
    let archive = archive(&[(1, &[2, 3])], &[]);
    let seen_later = [commit(1, 3 * SIZE, 33), commit(1, 5 * SIZE, 33)];
    assert_eq!(
        archive.oldest_unarchived(&[anchor(1, 2, 2)], &seen_later),
        Unarchived::Nothing
    );
}

#[test]
fn what_was_written_on_a_timeline_after_it_was_left_is_not_waited_for() {
    let archive = archive(&[(1, &[2, 3, 4]), (2, &[4, 5])], &[(2, 1, 4)]);
    let oldest = |commits: &[Commit]| archive.oldest_unarchived(&[anchor(1, 2, 2)], commits);
    assert_eq!(
        oldest(&[commit(1, 9 * SIZE, 9), commit(2, 5 * SIZE, 20)]),
        Unarchived::Nothing
    );
    assert_eq!(
        oldest(&[commit(2, 5 * SIZE, 20), commit(3, 5 * SIZE, 30)]),
        Unarchived::Since(at(30)),
        "nothing of the new timeline has arrived"
    );
}
