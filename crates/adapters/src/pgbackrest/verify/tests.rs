use super::*;
use proptest::prelude::*;

const FULL: &str = "20261123-010123F";
const INCR: &str = "20261123-010123F_20261123-010128I";

macro_rules! recorded {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/pgbackrest/verify-",
            $name,
            "-v2.45.txt"
        ))
    };
}

/// The judgement on one repository in which both backups are listed.
fn verified(text: &str) -> Verification {
    let listed = [FULL, INCR].map(|label| (1, label.to_owned()));
    summary(vec![(1, Ok(Report::parse(1, text)))], &BTreeSet::from(listed))
}

#[test]
fn a_clean_repository_is_told_with_what_was_read() {
    let clean = verified(recorded!("clean"));
    assert_eq!(clean.status, Status::Ok);
    assert_eq!(clean.detail, "8 WAL segments and 2 backups were read and are right");
    let read: Vec<_> = clean
        .backups
        .iter()
        .map(|b| (b.label.as_str(), b.files.total, b.files.valid))
        .collect();
    assert_eq!(read, [(FULL, 964, 964), (INCR, 966, 966)]);
    assert_eq!(
        (clean.archives[0].id.as_str(), clean.archives[0].files.valid),
        ("15-1", 8)
    );
}

#[test]
fn every_recorded_fault_is_found() {
    for (text, words) in [
        (
            recorded!("segment-checksum"),
            "WAL archive 15-1: 7 of 8 files right, 1 with another checksum",
        ),
        (
            recorded!("segment-unreadable"),
            "WAL archive 15-1: 7 of 8 files right, 1 not readable",
        ),
        (recorded!("segment-twice"), "WAL archive 15-1: 7 of 9 files right"),
        (
            recorded!("backup-file-missing"),
            ", invalid: 963 of 964 files right, 1 missing",
        ),
        (
            recorded!("backup-file-checksum"),
            ", invalid: 965 of 966 files right, 1 with another checksum",
        ),
        (
            recorded!("backup-gone"),
            "backup 20261123-010123F is listed and was not found",
        ),
        (
            recorded!("manifest-missing"),
            "backup 20261123-010123F, manifest missing: 0 of 0 files right",
        ),
        (recorded!("no-backup-info"), "No usable backup.info file"),
        (recorded!("not-verbose"), ", invalid: 963 of 964 files right, 1 missing"),
    ] {
        let found = verified(text);
        assert_eq!(found.status, Status::Broken, "{}", found.detail);
        assert!(found.detail.contains(words), "{}", found.detail);
    }
}

#[test]
fn a_deleted_segment_is_no_fault_to_verify() {
    // Why windows never rest on it.
    assert_eq!(verified(recorded!("segment-deleted")).status, Status::Ok);
}

#[test]
fn a_backup_in_the_making_is_not_judged() {
    let text = recorded!("clean").replace("128I, status: valid", "128I, status: in-progress");
    assert_eq!(verified(&text).status, Status::Ok);
}

#[test]
fn what_is_not_known_is_unknown_and_quoted() {
    let clean = recorded!("clean");
    for (text, words) in [
        (String::new(), "verify printed nothing"),
        (clean.replace("status: ok\n", ""), "verify printed no status"),
        (clean.replace("status: ok\n", "status: splendid\n"), "\"splendid\""),
        (clean.replace("status: valid", "status: middling"), ", middling"),
        (clean.replace("other: 0", "odd: 0"), "size invalid: 0, odd: 0"),
        (
            clean.replace("checked: 8", "checked: eight"),
            "total WAL checked: eight",
        ),
        (
            clean.replace(
                "checked: 964, total valid files: 964",
                "checked: 0, total valid files: 0",
            ),
            ", valid: 0 of 0",
        ),
        (format!("{clean}  moon: full\n"), "\"moon: full\""),
        (
            "stanza: demo\nstatus: ok\n  archiveId: none found\n  backup: none found\n".into(),
            "backup",
        ),
    ] {
        let found = verified(&text);
        assert_ne!(found.status, Status::Ok, "{text}");
        assert!(found.detail.contains(words), "{}", found.detail);
    }
    assert_eq!(verified("").status, Status::Unknown);
    assert_eq!(verified(&format!("{clean}  moon: full\n")).status, Status::Unknown);
}

#[test]
fn what_builds_on_an_invalid_backup_is_not_believed() {
    let clean = recorded!("clean");
    let torn = clean.replacen("status: valid", "status: invalid", 1);
    let parents = BTreeMap::from([((1, INCR.to_owned()), FULL.to_owned())]);
    let statuses = |text: &str| -> Vec<_> {
        let report = Report::parse(1, text).with_parents(&parents);
        report.backups.iter().map(|backup| backup.status).collect()
    };
    assert_eq!(statuses(clean), [Status::Ok, Status::Ok]);
    assert_eq!(statuses(&torn), [Status::Broken, Status::Unknown]);
}

#[test]
fn an_error_without_a_name_is_one_all_the_same() {
    let found = verified(&recorded!("clean").replace("status: ok\n", "status: error\n  archive and backup differ\n"));
    assert_eq!(found.status, Status::Broken);
    assert!(found.detail.contains("archive and backup differ"), "{}", found.detail);
}

#[test]
fn one_repository_that_can_not_be_verified_leaves_the_other() {
    let clean = Report::parse(1, recorded!("clean"));
    let found = summary(vec![(1, Ok(clean)), (2, Err("no route".into()))], &BTreeSet::new());
    assert_eq!(
        (found.status, found.detail.as_str()),
        (Status::Unknown, "repo2: no route")
    );
    assert_eq!(found.backups.len(), 2);
}

#[test]
fn a_verification_is_stored_and_read_again() {
    let found = verified(recorded!("backup-file-missing"));
    let stored = serde_json::to_string(&found).expect("it can be written");
    assert_eq!(serde_json::from_str::<Verification>(&stored).expect("and read"), found);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "(stanza: |status: |backup: |archiveId: |missing: |, |\n|ok|valid|[0-9]{1,30}|.){0,40}") {
        let found = verified(&text);
        prop_assert!(found.status != Status::Ok && !found.detail.is_empty());
    }

    #[test]
    fn a_changed_text_is_never_better(at in 0usize..400, with in "[a-z0-9:, \n]{1,3}") {
        let mut text = recorded!("backup-file-missing").to_owned();
        let at = at.min(text.len() - 4);
        text.replace_range(at..at + 1, &with);
        prop_assert!(verified(&text).status != Status::Ok, "{}", text);
    }
}
