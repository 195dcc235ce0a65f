//! `wal-verify integrity timeline --json`: what is lost, and what may still arrive.

use domain::status::Status;

use super::*;

fn row(first: u64, last: u64, status: &str) -> String {
    format!(
        r#"{{"timeline_id":1,"start_segment":"{}","end_segment":"{}","segments_count":{},"status":"{status}"}}"#,
        named(1, first),
        named(1, last),
        last - first + 1
    )
}

fn integrity(status: &str, rows: &[String]) -> WalVerify {
    verify(&format!(
        r#"{{"integrity":{{"status":"{status}","details":[{}]}},
            "timeline":{{"status":"OK","details":{{"current_timeline_id":1,"highest_storage_timeline_id":1}}}}}}"#,
        rows.join(",")
    ))
}

#[test]
fn lost_segments_are_broken_and_named() {
    let (status, words) = verify(VERIFY).judge(SIZE);
    assert_eq!(status, Status::Broken);
    assert!(
        words.contains("lost 00000001000000000000000B to 00000001000000000000000C"),
        "{words}"
    );
    assert!(words.contains("newest timeline, 2"), "{words}");
}

#[test]
fn what_is_delayed_or_being_uploaded_is_no_gap_yet() {
    let rows = [
        row(1, 6, "FOUND"),
        row(7, 8, "MISSING_UPLOADING"),
        row(9, 9, "MISSING_DELAYED"),
    ];
    let verify = integrity("WARNING", &rows);
    let (status, words) = verify.judge(SIZE);
    assert_eq!(status, Status::Ok);
    assert!(words.contains("no gap yet") && words.contains(&named(1, 7)), "{words}");
    assert!(
        verify.are_pending(segment(1, 7), segment(1, 9)),
        "one run behind the other"
    );
    assert!(!verify.are_pending(segment(1, 6), segment(1, 8)));
    assert!(!verify.are_pending(segment(1, 9), segment(1, 10)));
    assert!(!verify.are_pending(segment(2, 7), segment(2, 8)));
}

#[test]
fn nothing_missing_is_ok_and_a_foreign_timeline_is_broken() {
    let rows = [row(1, 9, "FOUND")];
    assert_eq!(integrity("OK", &rows).judge(SIZE).0, Status::Ok);
    let (status, words) = verify(
        r#"{"integrity":{"status":"OK","details":[]},
            "timeline":{"status":"FAILURE","details":{"current_timeline_id":3,"highest_storage_timeline_id":5}}}"#,
    )
    .judge(SIZE);
    assert_eq!(status, Status::Broken);
    assert!(words.contains("timeline 3") && words.contains("is 5"), "{words}");
}

#[test]
fn words_that_arent_known_and_words_that_are_missing_are_unknown() {
    for said in [
        r#"{"integrity":{"status":"EXCELLENT"},"timeline":{"status":"OK"}}"#,
        r#"{"integrity":null,"timeline":{"status":"OK"}}"#,
        r#"{"timeline":{"status":"WARNING","details":null}}"#,
        r#"{"integrity":{"status":"WARNING","details":"none"}}"#,
    ] {
        let (status, words) = verify(said).judge(SIZE);
        assert_eq!(status, Status::Unknown, "{said}");
        assert!(words.contains("unknown"), "{words}");
    }
}

#[test]
fn lost_segments_count_even_if_the_status_is_ok_and_a_failure_without_them_does_too() {
    assert_eq!(
        integrity("OK", &[row(3, 4, "MISSING_LOST")]).judge(SIZE).0,
        Status::Broken
    );
    assert_eq!(integrity("FAILURE", &[]).judge(SIZE).0, Status::Broken);
}
