use super::*;
use chrono::DateTime;

const SIZE: u64 = 16 * 1024 * 1024;

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("in range")
}

fn segment(timeline: u32, number: u64) -> Segment {
    Segment { timeline, number }
}

/// Segments by timeline; each reaches the repository at the minute of its number.
fn archive(segments: &[(u32, &[u64])], branches: &[(u32, u32, u64)]) -> Archive {
    Archive {
        source: "pgbr-main".into(),
        repo: 1,
        segment_size: SIZE,
        segments: segments
            .iter()
            .flat_map(|(timeline, numbers)| {
                numbers
                    .iter()
                    .map(|n| (segment(*timeline, *n), at(i64::try_from(*n).expect("small"))))
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
    }
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
    let (windows, gaps) = archive(&[(1, &[2, 3, 4]), (2, &[4, 5, 6])], &[(2, 1, 4)]).windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!(spans(&windows), [(at(2), 7, vec![1, 2])]);
    assert!(gaps.is_empty());
}

#[test]
fn without_the_history_file_the_new_timeline_is_out_of_reach() {
    let (windows, _) = archive(&[(1, &[2, 3, 4]), (2, &[4, 5, 6])], &[]).windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!(spans(&windows), [(at(2), 5, vec![1])]);
}

#[test]
fn an_old_timeline_that_went_on_stays_restorable_too() {
    let (windows, _) = archive(&[(1, &[2, 3, 4, 5, 6]), (2, &[4, 5])], &[(2, 1, 4)]).windows(&[anchor(1, 2, 2)], &[]);
    assert_eq!(spans(&windows), [(at(2), 7, vec![1]), (at(2), 6, vec![1, 2])]);
}

#[test]
fn a_known_commit_makes_the_end_exact_and_one_behind_the_end_does_not_count() {
    let commits = [(Lsn(4 * SIZE), at(44)), (Lsn(9 * SIZE), at(99))];
    let (windows, _) = archive(&[(1, &[2, 3, 4, 5])], &[]).windows(&[anchor(1, 2, 2)], &commits);
    assert_eq!((windows[0].to, windows[0].exact), (at(44), true));
}
