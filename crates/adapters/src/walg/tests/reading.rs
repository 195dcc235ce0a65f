//! The three commands together. No wal-g can be had here, so a shell prints what wal-g was recorded to print: the process, its streams and
//! its exit status are real.

use domain::status::Status;
use tempfile::TempDir;

use super::*;

/// What a command prints on both streams, and its exit status.
struct Printed<'a>(&'a str, &'a str, i32);

async fn read(list: Printed<'_>, show: Printed<'_>, verify: Printed<'_>) -> Result<Storage, WalGError> {
    let folder = TempDir::new().expect("a folder");
    let mut cases = String::new();
    for (command, Printed(out, err, status)) in [
        ("backup-list --detail --json", list),
        ("wal-show --detailed-json", show),
        ("wal-verify integrity timeline --json", verify),
    ] {
        let (name, _) = command.split_once(' ').expect("arguments");
        let file = |stream: &str, text: &str| {
            let path = folder.path().join(format!("{name}.{stream}"));
            std::fs::write(&path, text).expect("written");
            path.display().to_string()
        };
        let (out, err) = (file("out", out), file("err", err));
        cases.push_str(&format!("'{command}') cat {out}; cat {err} >&2; exit {status};;\n"));
    }
    let script = format!("case \"$*\" in\n{cases}esac\necho \"unexpected: $*\" >&2; exit 9");
    let command = ["sh", "-c", &script, "wal-g"].map(str::to_owned);
    let walg = WalG {
        name: "walg-main".into(),
        tool: Tool::from_command(&command).expect("a command"),
    };
    walg.read().await
}

const LOG: &str = "INFO: 2026/11/18 02:30:00.000000 List backups from storages: [default]\n";
const NO_SERVER: &str =
    "ERROR: 2026/11/18 02:30:01.000000 Failed to establish a connection to Postgres cluster failed to connect\n";

#[tokio::test]
async fn lost_segments_cut_the_window_and_the_log_is_passed_over() {
    let storage = read(Printed(BACKUPS, LOG, 0), Printed(WAL, LOG, 0), Printed(VERIFY, LOG, 0)).await;
    let storage = storage.expect("read");
    assert_eq!((storage.backups.len(), storage.anchors.len()), (4, 4));
    assert_eq!(storage.unread, Vec::<String>::new());
    assert_eq!(storage.status, Status::Broken, "{}", storage.detail);
    let archive = storage.archive.as_ref().expect("WAL");
    let (windows, gaps) = archive.windows(&storage.anchors, &[]);
    let ends: Vec<_> = windows
        .iter()
        .map(|window| (window.timelines.clone(), window.exact))
        .collect();
    // Timeline 1 was left in its last segment, whose end can still be had.
    assert_eq!(ends, [(vec![1], false), (vec![1], false), (vec![1, 2], false)]);
    assert_eq!(windows[0].from.to_rfc3339(), "2026-11-15T02:01:08.538578+00:00");
    assert_eq!(
        (gaps[0].first_missing.as_str(), gaps[0].last_missing.as_str()),
        ("00000001000000000000000B", "00000001000000000000000C")
    );
    assert!(!storage.is_pending(&gaps[0]));
}

#[tokio::test]
async fn a_hole_that_is_being_uploaded_is_pending() {
    let uploading = VERIFY
        .replace("MISSING_LOST", "MISSING_UPLOADING")
        .replace("FAILURE", "WARNING");
    let storage = read(Printed(BACKUPS, "", 0), Printed(WAL, "", 0), Printed(&uploading, "", 0)).await;
    let storage = storage.expect("read");
    assert_eq!(storage.status, Status::Ok, "{}", storage.detail);
    let (_, gaps) = storage.archive.as_ref().expect("WAL").windows(&storage.anchors, &[]);
    assert!(storage.is_pending(&gaps[0]));
}

#[tokio::test]
async fn a_database_that_is_down_is_noted_and_costs_nothing_else() {
    let storage = read(Printed(BACKUPS, "", 0), Printed(WAL, "", 0), Printed("", NO_SERVER, 1)).await;
    let storage = storage.expect("read");
    assert_eq!((storage.status, storage.verify.is_none()), (Status::Ok, true));
    assert!(storage.detail.contains("wal-verify: unknown"), "{}", storage.detail);
}

#[tokio::test]
async fn wal_that_cant_be_shown_leaves_the_backups_listed_and_unknown() {
    let storage = read(
        Printed(BACKUPS, "", 0),
        Printed("", "ERROR: no access\n", 1),
        Printed(VERIFY, "", 0),
    )
    .await;
    let storage = storage.expect("read");
    assert!(storage.archive.is_none() && storage.anchors.is_empty());
    assert!(storage.backups.iter().all(|backup| backup.status == Status::Unknown));
    assert!(storage.unread[0].contains("no access"), "{:?}", storage.unread);
}

#[tokio::test]
async fn a_log_before_and_behind_the_json_on_standard_output_is_passed_over() {
    let list = format!("{LOG}[not json\n{BACKUPS}{LOG}");
    let show = format!("{LOG}{WAL}{LOG}");
    let storage = read(Printed(&list, "", 0), Printed(&show, "", 0), Printed(VERIFY, "", 0)).await;
    assert_eq!(storage.expect("read").anchors.len(), 4);
}

#[tokio::test]
async fn an_error_in_the_text_of_a_command_that_ends_well_is_no_answer() {
    let error = "ERROR: 2026/11/18 02:30:00.000000 Get backups from folder: AccessDenied\n";
    for (out, err) in [(error, ""), ("", error)] {
        let read = read(Printed(out, err, 0), Printed(WAL, "", 0), Printed(VERIFY, "", 0)).await;
        let message = read.expect_err("no list").to_string();
        assert!(
            message.contains("AccessDenied") && message.contains("backup-list"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_dead_storage_among_several_makes_the_list_partial() {
    let dead = format!("{LOG}ERROR: 2026/11/18 02:30:00.000000 storage 'failover': context deadline exceeded\n");
    let storage = read(
        Printed(BACKUPS, &dead, 0),
        Printed(WAL, "", 0),
        Printed("", NO_SERVER, 1),
    )
    .await;
    let storage = storage.expect("read");
    assert_eq!(storage.status, Status::Unknown);
    assert!(storage.unread[0].contains("'failover'"), "{:?}", storage.unread);
}

#[tokio::test]
async fn an_empty_storage_is_broken_and_one_that_may_only_seem_empty_is_unknown() {
    let none = "INFO: 2026/11/18 02:30:00.000000 No backups found\n";
    let failed = "ERROR: 2026/11/18 02:30:00.000000 No backups found\n";
    for list in [
        Printed("[]\n", "", 0),
        Printed("", none, 0),
        Printed(none, "", 0),
        Printed("", none, 1),
    ] {
        let storage = read(list, Printed("[]", "", 0), Printed("", NO_SERVER, 1)).await;
        let storage = storage.expect("read");
        assert_eq!(
            (storage.status, storage.backups.len()),
            (Status::Broken, 0),
            "{}",
            storage.detail
        );
    }
    let storage = read(Printed("", none, 0), Printed("", failed, 1), Printed("", NO_SERVER, 1)).await;
    let storage = storage.expect("read");
    assert_eq!(storage.status, Status::Unknown);
    assert!(
        storage.unread.iter().any(|why| why.contains("can’t read the storage")),
        "{:?}",
        storage.unread
    );
}

#[tokio::test]
async fn backups_of_two_systems_in_one_storage_leave_the_windows_unknown() {
    let mixed = BACKUPS.replacen("7521983765487234051", "7521983765487234052", 1);
    let storage = read(Printed(&mixed, "", 0), Printed(WAL, "", 0), Printed("", NO_SERVER, 1)).await;
    let storage = storage.expect("read");
    assert_eq!((storage.status, storage.archive.is_none()), (Status::Unknown, true));
    assert!(
        storage.unread[0].contains("7521983765487234052"),
        "{:?}",
        storage.unread
    );
}

#[tokio::test]
async fn a_permanent_backup_is_kept_apart() {
    let kept = BACKUPS.replacen(r#""is_permanent":false"#, r#""is_permanent":true"#, 1);
    let storage = read(Printed(&kept, "", 0), Printed(WAL, "", 0), Printed("", NO_SERVER, 1)).await;
    let storage = storage.expect("read");
    assert_eq!((storage.permanent.len(), storage.anchors.len()), (1, 3));
    assert!(storage.backups[0].detail.contains("permanent"));
}
