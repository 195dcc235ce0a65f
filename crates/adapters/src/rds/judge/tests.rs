use super::*;

fn at(hour: u32) -> Option<Timestamp> {
    Some(format!("2026-10-06T{hour:02}:00:00Z").parse().unwrap())
}

fn living() -> Database {
    Database {
        identifier: "ampora".into(),
        resource_id: Some("db-NOW".into()),
        status: Some("available".into()),
        engine: Some("postgres".into()),
        engine_version: Some("16.4".into()),
        retention_days: Some(7),
        latest_restorable: at(12),
        encrypted: Some(true),
        kms_key: Some("key-1".into()),
        multi_az: Some(true),
        ..Database::default()
    }
}

fn chain(from: u32, to: u32) -> AutomatedBackup {
    AutomatedBackup {
        instance: Some("ampora".into()),
        resource_id: Some("db-NOW".into()),
        earliest: at(from),
        latest: at(to),
        ..AutomatedBackup::default()
    }
}

fn snapshot(status: &str) -> Snapshot {
    Snapshot {
        identifier: "before-upgrade".into(),
        resource_id: Some("db-NOW".into()),
        status: Some(status.into()),
        kind: Some("manual".into()),
        taken_at: at(3),
        encrypted: Some(false),
        ..Snapshot::default()
    }
}

#[test]
fn the_span_is_what_aws_names_and_no_more() {
    let windows = windows("rds", Some(&living()), &[chain(2, 11)]);
    assert_eq!((Some(windows[0].from), Some(windows[0].to)), (at(2), at(12)));
    assert_eq!((windows[0].repo, windows[0].end_lsn, windows[0].exact), (0, None, true));
    let (status, detail) = database(Some(&living()), &[chain(2, 11)], &[]);
    assert_eq!(status, Status::Ok);
    assert_eq!(
        detail,
        "available, postgres 16.4, encrypted with key-1, in several availability zones; automated backups are kept for 7 days; \
         restorable from 2026-10-06 02:00 UTC to 2026-10-06 12:00 UTC"
    );
}

#[test]
fn a_span_without_a_beginning_is_none() {
    let beginningless = AutomatedBackup {
        earliest: None,
        ..chain(2, 11)
    };
    assert_eq!(
        windows("rds", Some(&living()), std::slice::from_ref(&beginningless)),
        []
    );
    let (status, detail) = database(Some(&living()), &[beginningless], &[]);
    assert_eq!(status, Status::Ok);
    assert!(
        detail.ends_with("restorable to 2026-10-06 12:00 UTC; since when isn’t told"),
        "{detail}"
    );
}

#[test]
fn a_span_that_ends_before_it_begins_is_none() {
    assert_eq!(windows("rds", None, &[chain(11, 2)]), []);
}

#[test]
fn retention_of_no_days_is_broken_and_an_untold_one_unknown() {
    for (days, expected, says) in [
        (Some(0), Status::Broken, "retention 0"),
        (None, Status::Unknown, "isn’t told"),
    ] {
        let without = Database {
            retention_days: days,
            latest_restorable: None,
            ..living()
        };
        let (status, detail) = database(Some(&without), &[], &[]);
        assert_eq!(status, expected, "{detail}");
        assert!(detail.contains(says), "{detail}");
    }
}

#[test]
fn what_was_not_answered_makes_the_rest_unknown() {
    let (status, detail) = database(Some(&living()), &[chain(2, 11)], &["denied".into()]);
    assert_eq!(status, Status::Unknown);
    assert!(detail.ends_with("; denied"), "{detail}");
}

#[test]
fn backups_that_outlived_their_database_still_open_a_window() {
    let (status, detail) = database(None, &[chain(2, 11)], &[]);
    assert_eq!(status, Status::Broken);
    assert!(
        detail.contains("is gone") && detail.contains("restorable from"),
        "{detail}"
    );
    assert_eq!(windows("rds", None, &[chain(2, 11)])[0].to, at(11).unwrap());
}

#[test]
fn a_database_whose_key_is_out_of_reach_is_broken() {
    let locked = Database {
        status: Some("inaccessible-encryption-credentials-recoverable".into()),
        ..living()
    };
    assert_eq!(database(Some(&locked), &[chain(2, 11)], &[]).0, Status::Broken);
}

#[test]
fn a_snapshot_is_judged_by_its_word() {
    for (word, expected) in [
        ("available", Status::Ok),
        ("creating", Status::Unknown),
        ("copying", Status::Unknown),
        ("something new", Status::Unknown),
        ("failed", Status::Broken),
        ("incompatible-restore", Status::Broken),
    ] {
        let backups = backups("rds", Some(&living()), &[snapshot(word)]);
        assert_eq!(backups[0].status, expected, "{word}");
        assert_eq!(backups[0].stopped_at.is_some(), word == "available", "{word}");
    }
    let half = Snapshot {
        percent: Some(40),
        ..snapshot("creating")
    };
    assert!(
        backups("rds", None, &[half])[0]
            .detail
            .starts_with("creating (40 %), manual snapshot")
    );
}

#[test]
fn a_snapshot_of_a_namesake_isn_t_believed() {
    let other = Snapshot {
        resource_id: Some("db-THEN".into()),
        ..snapshot("available")
    };
    let backup = &backups("rds", Some(&living()), &[other])[0];
    assert_eq!(backup.status, Status::Unknown);
    assert!(
        backup.detail.contains("another database that had this name (db-THEN)"),
        "{}",
        backup.detail
    );
}

#[test]
fn each_key_is_named_once_and_only_where_something_is_encrypted() {
    let other = Snapshot {
        encrypted: Some(true),
        kms_key: Some("key-2".into()),
        ..snapshot("available")
    };
    let plain = Snapshot {
        kms_key: Some("key-3".into()),
        ..snapshot("available")
    };
    let keys = kms_keys(Some(&living()), &[chain(2, 11)], &[other.clone(), other, plain]);
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["key-1", "key-2"]);
}
