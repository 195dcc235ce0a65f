use super::*;
use proptest::prelude::*;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/pgbackrest/",
            $name
        ))
        .as_slice()
    };
}

fn info(answer: &[u8], stanza: &str) -> Info {
    Info::parse(answer, stanza).expect("recorded output parses")
}

#[test]
fn backups_are_read_from_every_recorded_version() {
    for answer in [
        fixture!("info-ok-v2.45.json"),
        fixture!("info-ok-v2.55.1.json"),
        fixture!("info-pg18-v2.55.1.json"),
    ] {
        let info = info(answer, "demo");
        assert_eq!(info.judge().0, Status::Ok);
        let backups = info.backups("pgbr-main");
        let kinds: Vec<_> = backups.iter().map(|b| (b.kind, b.status, b.parent.is_some())).collect();
        assert_eq!(kinds, [(Kind::Full, Status::Ok, false), (Kind::Incr, Status::Ok, true)]);
        assert!(
            backups
                .iter()
                .all(|b| b.start_lsn < b.stop_lsn && b.started_at <= b.stopped_at)
        );
        let place = &info.archive_places()[0];
        assert_eq!(info.anchors("pgbr-main", place).len(), 2);
    }
}

#[test]
fn a_failure_with_exit_code_0_is_read_from_the_codes() {
    for (answer, stanza, status, words) in [
        (
            fixture!("info-badcipher-v2.45.json"),
            "demo",
            Status::Unknown,
            "key/value found outside of section",
        ),
        (
            fixture!("info-badcreds-v2.45.json"),
            "demo",
            Status::Unknown,
            "403 (Forbidden)",
        ),
        (fixture!("info-repodown-v2.55.1.json"), "demo", Status::Unknown, "502"),
        (
            fixture!("info-nostanza-v2.45.json"),
            "nosuch",
            Status::Broken,
            "missing stanza path",
        ),
    ] {
        let (judged, detail) = info(answer, stanza).judge();
        assert_eq!(judged, status, "{detail}");
        assert!(detail.contains(words) && !detail.contains('\n'), "{detail}");
    }
}

#[test]
fn a_running_backup_changes_nothing_about_the_finished_ones() {
    let info = info(fixture!("info-backup-running-v2.55.1.json"), "demo");
    assert_eq!((info.judge().0, info.backups("x").len()), (Status::Ok, 2));
}

#[test]
fn a_backup_that_was_not_checked_is_unknown_and_opens_no_window() {
    let answer = String::from_utf8_lossy(fixture!("info-ok-v2.45.json")).replace(r#""error":false,"#, "");
    let info = info(answer.as_bytes(), "demo");
    assert!(info.backups("x").iter().all(|backup| backup.status == Status::Unknown));
    assert!(info.anchors("x", &info.archive_places()[0]).is_empty());
}

#[test]
fn another_stanza_is_not_taken_for_the_one_that_was_asked_for() {
    let error = Info::parse(fixture!("info-ok-v2.45.json"), "prod").expect_err("not there");
    assert!(matches!(error, InfoError::NoStanza(name) if name == "prod"));
}

proptest! {
    #[test]
    fn no_answer_makes_the_parser_panic(answer: Vec<u8>, cut in 0usize..1400) {
        let _ = Info::parse(&answer, "demo");
        let recorded = fixture!("info-ok-v2.45.json");
        let _ = Info::parse(&recorded[..cut.min(recorded.len())], "demo");
    }

    #[test]
    fn one_changed_byte_never_panics(at in 0usize..1300, byte: u8) {
        let mut answer = fixture!("info-ok-v2.45.json").to_vec();
        if let Some(place) = answer.get_mut(at) {
            *place = byte;
        }
        if let Ok(info) = Info::parse(&answer, "demo") {
            let _ = (info.judge(), info.backups("x"));
            for place in info.archive_places() {
                let _ = info.anchors("x", &place);
            }
        }
    }
}
