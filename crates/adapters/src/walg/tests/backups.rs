//! `backup-list --detail --json`: what is read of a backup, and what it is worth.

use domain::backup::{Backup, Kind};
use domain::status::Status;
use domain::wal::Lsn;

use super::super::judge::{Evidence, Judged, judge};
use super::*;

/// A full backup in the given segment of timeline 1, and deltas by their suffix.
fn entry(number: u64, base: Option<&str>) -> String {
    let (own, start) = (named(1, number), number * SIZE + 40);
    let suffix = base.map(|base| format!("_D_{base}")).unwrap_or_default();
    format!(
        r#"{{"backup_name":"base_{own}{suffix}","start_time":"2026-11-15T02:00:{number:02}Z","finish_time":"2026-11-15T02:01:00Z",
            "start_lsn":{start},"finish_lsn":{}}}"#,
        start + 272
    )
}

fn judged(said: &str) -> Vec<Judged> {
    let (list, wal) = (list(said), show(&whole(1, 40)));
    let evidence = Evidence {
        segment_size: list.segment_size(),
        wal: Some(&wal),
        verify: None,
    };
    judge(&list, "walg-main", evidence)
}

/// Timeline 1 without a hole.
fn whole(first: u64, last: u64) -> String {
    format!(
        r#"[{{"id":1,"start_segment":"{}","end_segment":"{}","missing_segments":[],"status":"OK"}}]"#,
        named(1, first),
        named(1, last)
    )
}

fn backups(entries: &[String]) -> Vec<Backup> {
    let judged = judged(&format!("[{}]", entries.join(",")));
    judged.into_iter().map(|one| one.backup).collect()
}

#[test]
fn a_backup_is_read_with_its_sizes_positions_and_times() {
    let (list, wal) = (list(BACKUPS), show(WAL));
    let evidence = Evidence {
        segment_size: SIZE,
        wal: Some(&wal),
        verify: None,
    };
    let backups: Vec<_> = judge(&list, "walg-main", evidence)
        .into_iter()
        .map(|one| one.backup)
        .collect();
    assert_eq!(
        list.systems().into_iter().collect::<Vec<_>>(),
        [7_521_983_765_487_234_051]
    );
    let delta = &backups[1];
    assert_eq!((delta.tool.as_str(), delta.kind), ("wal-g", Kind::Incr));
    assert_eq!(delta.label, "base_000000010000000000000009_D_000000010000000000000004");
    assert_eq!(delta.parent.as_deref(), Some("base_000000010000000000000004"));
    assert_eq!(
        (delta.start_lsn, delta.stop_lsn),
        (Some(Lsn(150_994_984)), Some(Lsn(150_995_256)))
    );
    assert_eq!(
        (delta.size_bytes, delta.stored_bytes),
        (Some(92_877_212), Some(38_603_475))
    );
    let started = delta.started_at.expect("a time");
    assert_eq!(started.to_rfc3339(), "2026-11-16T02:00:01.793015+00:00");
    assert!(backups.iter().all(|backup| backup.status == Status::Ok), "{backups:?}");
}

#[test]
fn a_delta_on_a_delta_names_the_full_name_of_its_parent() {
    let (list, wal) = (list(BACKUPS), show(WAL));
    let evidence = Evidence {
        segment_size: SIZE,
        wal: Some(&wal),
        verify: None,
    };
    let third = judge(&list, "walg-main", evidence).swap_remove(2).backup;
    assert_eq!(
        third.parent.as_deref(),
        Some("base_000000010000000000000009_D_000000010000000000000004")
    );
}

#[test]
fn a_missing_link_breaks_every_delta_behind_it_and_nothing_else() {
    let chain = [
        entry(4, None),
        entry(9, Some(&named(1, 5))),
        entry(14, Some(&named(1, 9))),
        entry(20, Some(&named(1, 4))),
    ];
    let statuses: Vec<_> = backups(&chain).iter().map(|backup| backup.status).collect();
    assert_eq!(statuses, [Status::Ok, Status::Broken, Status::Broken, Status::Ok]);
    let torn = &backups(&chain)[2];
    assert!(torn.detail.contains(&named(1, 5)), "{}", torn.detail);
}

#[test]
fn deltas_that_build_on_each_other_are_broken() {
    let circle = [entry(4, Some(&named(1, 9))), entry(9, Some(&named(1, 4)))];
    assert!(backups(&circle).iter().all(|backup| backup.status == Status::Broken));
}

#[test]
fn a_delta_whose_base_is_not_certain_is_unknown() {
    let twins = [
        entry(4, None),
        entry(4, Some(&named(1, 2))),
        entry(9, Some(&named(1, 4))),
    ];
    let last = backups(&twins).pop().expect("three");
    assert_eq!((last.status, last.parent), (Status::Unknown, None));
}

#[test]
fn a_copy_in_a_second_storage_doesnt_make_the_base_uncertain() {
    let copied = [entry(4, None), entry(4, None), entry(9, Some(&named(1, 4)))];
    assert!(backups(&copied).iter().all(|backup| backup.status == Status::Ok));
}

#[test]
fn a_backup_without_metadata_is_listed_and_unknown() {
    // Go's zero values, as wal-g prints them for a backup whose metadata it doesn't have.
    let bare = r#"[{"backup_name":"base_000000010000000000000004","time":"2026-11-15T02:01:09Z","start_time":"0001-01-01T00:00:00Z",
        "finish_time":"0001-01-01T00:00:00Z","date_fmt":"","pg_version":0,"start_lsn":0,"finish_lsn":0,"system_identifier":null,
        "uncompressed_size":0,"compressed_size":0}]"#;
    let Judged { backup, anchor, .. } = judged(bare).remove(0);
    assert_eq!(
        (backup.status, backup.started_at, backup.start_lsn),
        (Status::Unknown, None, None)
    );
    assert_eq!((backup.size_bytes, anchor), (None, None));
}

#[test]
fn numbers_above_two_to_the_53_and_numbers_as_text_stay_exact() {
    let lsn = (1u64 << 60) + 40;
    let own = domain::wal::Segment::holding(7, Lsn(lsn), SIZE).name(SIZE);
    for (start, finish) in [
        (lsn.to_string(), (lsn + 1).to_string()),
        (format!("\"{lsn}\""), format!("\"{}\"", Lsn(lsn + 1))),
    ] {
        let said = format!(
            r#"[{{"backup_name":"base_{own}","start_lsn":{start},"finish_lsn":{finish},"system_identifier":"18446744073709551615"}}]"#
        );
        let list = list(&said);
        assert_eq!(list.systems().into_iter().collect::<Vec<_>>(), [u64::MAX]);
        let backup = judged(&said).remove(0).backup;
        assert_eq!(
            (backup.start_lsn, backup.stop_lsn),
            (Some(Lsn(lsn)), Some(Lsn(lsn + 1)))
        );
    }
}

#[test]
fn a_time_in_the_format_beside_it_is_read_where_that_names_a_zone() {
    for (format, time, read) in [
        ("%Y-%m-%dT%H:%M:%S.%fZ", "2026-11-15T02:00:01.5Z", true),
        ("%d.%m.%Y %H:%M:%S%z", "15.11.2026 02:00:01+0000", true),
        ("%d.%m.%Y %H:%M:%SZ", "15.11.2026 02:00:01Z", true),
        ("%d.%m.%Y %H:%M:%S", "15.11.2026 02:00:01", false),
        ("%Q%", "15.11.2026", false),
    ] {
        let said = format!(r#"[{{"backup_name":"base_x","date_fmt":"{format}","start_time":"{time}"}}]"#);
        let backup = judged(&said).remove(0).backup;
        assert_eq!(
            backup.started_at.map(|at| at.timestamp()),
            read.then_some(1_794_708_001),
            "{format}"
        );
    }
}

#[test]
fn a_segment_size_other_than_the_usual_one_is_seen_from_names_and_positions() {
    let size = 64 * 1024 * 1024;
    let said = format!(
        r#"[{{"backup_name":"base_{}","start_lsn":{}}}]"#,
        segment(1, 77).name(size),
        77 * size + 40
    );
    assert_eq!(list(&said).segment_size(), size);
    assert_eq!(list(BACKUPS).segment_size(), SIZE);
    assert_eq!(list("[]").segment_size(), SIZE);
}

#[test]
fn a_backup_that_starts_at_the_first_byte_of_a_segment_is_named_after_the_one_before() {
    let said = format!(
        r#"[{{"backup_name":"base_{}","finish_time":"2026-11-15T02:01:00Z","start_lsn":{},"finish_lsn":{}}}]"#,
        named(1, 4),
        5 * SIZE,
        6 * SIZE
    );
    let anchor = judged(&said).remove(0).anchor.expect("usable");
    assert_eq!((anchor.first, anchor.last), (segment(1, 5), segment(1, 5)));
}

#[test]
fn a_backup_whose_own_wal_is_lost_cant_be_made_consistent() {
    let list = list(BACKUPS);
    let lost = WAL.replace("000000010000000000000003", "000000010000000000000005");
    let wal = show(
        &lost
            .replace(r#""segments_count":14"#, r#""segments_count":12"#)
            .replace(r#""segment_range_size":16"#, r#""segment_range_size":14"#),
    );
    let judge_with = |verify: Option<&WalVerify>| {
        let evidence = Evidence {
            segment_size: SIZE,
            wal: Some(&wal),
            verify,
        };
        judge(&list, "walg-main", evidence).remove(0)
    };
    assert_eq!(judge_with(None).backup.status, Status::Broken);
    assert!(judge_with(None).anchor.is_none());
    let waiting = r#"{"integrity":{"status":"WARNING","details":[{"timeline_id":1,"start_segment":"000000010000000000000004",
        "end_segment":"000000010000000000000004","segments_count":1,"status":"MISSING_UPLOADING"}]}}"#;
    assert_eq!(judge_with(Some(&verify(waiting))).backup.status, Status::Unknown);
}
