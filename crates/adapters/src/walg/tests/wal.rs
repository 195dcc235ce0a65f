//! `wal-show --detailed-json`: which segments are there, and what isn't believed.

use domain::wal::Lsn;
use domain::window::Branch;

use super::super::wal::Coverage;
use super::*;

fn timeline(fields: &str) -> WalShow {
    show(&format!("[{{\"id\":1,{fields}}}]"))
}

#[test]
fn segments_reach_from_the_first_to_the_last_without_the_missing_ones() {
    let wal = show(WAL);
    let numbers = |timeline| {
        let segments = wal.segments().into_keys();
        segments
            .filter(|segment| segment.timeline == timeline)
            .map(|segment| segment.number)
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(1), [3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 18]);
    assert_eq!(numbers(2), (18..=26).collect::<Vec<_>>());
    assert!(wal.segments().values().all(Option::is_none), "wal-g tells no times");
    let branch = Branch {
        parent: 1,
        switch: Lsn(301_990_040),
    };
    assert_eq!(wal.branches.into_iter().collect::<Vec<_>>(), [(2, branch)]);
    assert!(wal.unread.is_empty());
}

#[test]
fn coverage_names_the_first_hole() {
    let wal = show(WAL);
    assert_eq!(wal.coverage(segment(1, 4), segment(1, 10)), Coverage::Whole);
    assert_eq!(
        wal.coverage(segment(1, 10), segment(1, 13)),
        Coverage::Torn(segment(1, 11))
    );
    assert_eq!(
        wal.coverage(segment(1, 2), segment(1, 4)),
        Coverage::Torn(segment(1, 2))
    );
    assert_eq!(
        wal.coverage(segment(1, 17), segment(1, 20)),
        Coverage::Torn(segment(1, 19))
    );
    assert_eq!(
        wal.coverage(segment(9, 4), segment(9, 4)),
        Coverage::Torn(segment(9, 4))
    );
}

#[test]
fn a_range_of_ten_million_segments_is_called_unknown_and_leaves_the_others() {
    let huge = format!(
        r#"{{"id":1,"start_segment":"{}","end_segment":"{}","status":"OK"}}"#,
        named(1, 1),
        named(1, 10_000_001)
    );
    let small = format!(
        r#"{{"id":2,"start_segment":"{}","end_segment":"{}","status":"OK"}}"#,
        named(2, 1),
        named(2, 3)
    );
    let wal = show(&format!("[{huge},{small}]"));
    assert_eq!(wal.segments().len(), 3);
    assert_eq!(wal.coverage(segment(1, 4), segment(1, 4)), Coverage::Unknown);
    assert!(wal.unread[0].contains("10000001 segments"), "{:?}", wal.unread);
}

#[test]
fn what_contradicts_itself_is_unknown() {
    let ends = format!(r#""start_segment":"{}","end_segment":"{}""#, named(1, 3), named(1, 8));
    for fields in [
        format!(r#"{ends},"status":"LOST_SEGMENTS""#),
        format!(r#"{ends},"status":"LOST_SEGMENTS","missing_segments":null"#),
        format!(r#"{ends},"status":"OK","segments_count":5"#),
        format!(r#"{ends},"status":"OK","segment_range_size":7"#),
        format!(
            r#"{ends},"status":"OK","missing_segments":["{}"],"segments_count":6"#,
            named(1, 4)
        ),
        format!(r#"{ends},"status":"OK","missing_segments":["00000001.history"]"#),
        format!(r#"{ends},"status":"OK","missing_segments":[7]"#),
        format!(r#"{ends},"status":"FINE""#),
        ends,
        format!(
            r#""start_segment":"{}","end_segment":"{}","status":"OK""#,
            named(1, 8),
            named(1, 3)
        ),
        format!(
            r#""start_segment":"{}","end_segment":"{}","status":"OK""#,
            named(2, 3),
            named(2, 8)
        ),
        r#""status":"OK""#.into(),
    ] {
        let wal = timeline(&fields);
        assert!(wal.segments().is_empty(), "{fields}");
        assert_eq!(
            wal.coverage(segment(1, 4), segment(1, 4)),
            Coverage::Unknown,
            "{fields}"
        );
        assert_eq!(wal.unread.len(), 1, "{fields}");
    }
}

#[test]
fn missing_segments_count_whatever_the_status_says() {
    let wal = timeline(&format!(
        r#""start_segment":"{}","end_segment":"{}","status":"OK","missing_segments":["{}"]"#,
        named(1, 3),
        named(1, 8),
        named(1, 5)
    ));
    assert_eq!(wal.segments().len(), 5);
}

#[test]
fn a_timeline_that_is_listed_twice_is_unknown() {
    let one = format!(
        r#"{{"id":2,"parent_id":1,"switch_point_lsn":9,"start_segment":"{}","end_segment":"{}","status":"OK"}}"#,
        named(2, 1),
        named(2, 3)
    );
    let wal = show(&format!("[{one},{one},{one},7]"));
    assert!(wal.segments().is_empty() && wal.branches.is_empty());
    assert_eq!(wal.coverage(segment(2, 1), segment(2, 1)), Coverage::Unknown);
}

#[test]
fn an_empty_archive_is_no_error() {
    for said in [
        "[]",
        "null",
        "INFO: 2026/11/15 02:00:00.000000 No backups found in storage.\n[]",
    ] {
        assert!(show(said).segments().is_empty());
    }
    assert!(WalShow::parse(b"No backups found", SIZE).is_err());
}
