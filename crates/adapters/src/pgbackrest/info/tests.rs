use super::*;
use domain::backup::Kind;
use domain::ids::Big;
use serde_json::json;

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

mod odd;

fn info(answer: &[u8], stanza: &str) -> Info {
    Info::parse(answer, stanza).expect("recorded output parses")
}

/// The recorded answer of two repositories, one of them encrypted, as something to change.
fn two_repos() -> Value {
    serde_json::from_slice(fixture!("info-two-repos-v2.45.json")).expect("recorded output is JSON")
}

fn read(answer: &Value) -> Info {
    info(answer.to_string().as_bytes(), "demo")
}

fn labels(info: &Info) -> Vec<String> {
    info.backups("x").into_iter().map(|backup| backup.label).collect()
}

#[test]
fn backups_are_read_from_every_recorded_version() {
    for answer in [
        fixture!("info-ok-v2.45.json"),
        fixture!("info-ok-v2.55.1.json"),
        fixture!("info-pg18-v2.55.1.json"),
    ] {
        let info = info(answer, "demo");
        assert_eq!(info.judge(), (Status::Ok, "ok".into()));
        let backups = info.backups("pgbr-main");
        let kinds: Vec<_> = backups
            .iter()
            .map(|b| (b.kind, b.status, b.repo, b.parent.is_some()))
            .collect();
        let expected = [
            (Kind::Full, Status::Ok, Some(1), false),
            (Kind::Incr, Status::Ok, Some(1), true),
        ];
        assert_eq!(kinds, expected);
        assert!(
            backups
                .iter()
                .all(|b| b.start_lsn < b.stop_lsn && b.started_at <= b.stopped_at && b.stored_bytes < b.size_bytes)
        );
        assert_eq!(info.archives().len(), 1);
        assert!(info.system(info.archives()[0].database).is_some());
    }
}

#[test]
fn each_backup_is_of_its_own_repository() {
    let info = read(&two_repos());
    let repos: Vec<_> = info.backups("x").iter().map(|backup| backup.repo).collect();
    assert_eq!(repos, [Some(1), Some(2), Some(1)]);
    let ciphers: Vec<_> = info.repos().iter().map(|repo| repo.cipher.as_deref()).collect();
    assert_eq!(ciphers, [Some("none"), Some("aes-256-cbc")]);
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
fn every_code_is_a_fact_or_unknown() {
    let mut answer = two_repos();
    for (code, status) in [
        (0, Status::Ok),
        (1, Status::Broken),
        (2, Status::Broken),
        (3, Status::Broken),
        (4, Status::Unknown),
        (5, Status::Broken),
        (6, Status::Unknown),
        (7, Status::Unknown),
        (99, Status::Unknown),
    ] {
        answer[0]["status"]["code"] = json!(code);
        assert_eq!(read(&answer).judge().0, status, "the stanza: {code}");
    }
    for (code, status) in [(2, Status::Broken), (99, Status::Unknown)] {
        answer[0]["status"] = json!({"code": 4, "message": "different across repos"});
        answer[0]["repo"][1]["status"] = json!({"code": code, "message": "why"});
        assert_eq!(read(&answer).judge(), (status, "repo2: why".into()));
    }
}

#[test]
fn without_a_status_nothing_is_known() {
    for path in [
        "/0/status",
        "/0/status/code",
        "/0/repo/0/status",
        "/0/repo/0",
        "/0/repo",
        "/0/backup",
    ] {
        for odd in [Value::Null, json!("no"), json!({"x": -1})] {
            let mut answer = two_repos();
            *answer.pointer_mut(path).expect("it is there") = odd.clone();
            let (status, detail) = read(&answer).judge();
            assert_eq!(status, Status::Unknown, "{path} {odd}: {detail}");
            assert!(detail.contains("not understood: "), "{detail}");
        }
    }
    let mut answer = two_repos();
    answer[0]["repo"] = json!([]);
    assert_eq!(read(&answer).judge().0, Status::Unknown);
}

#[test]
fn a_running_backup_is_told_and_changes_nothing_about_the_finished_ones() {
    let recorded = info(fixture!("info-backup-running-v2.55.1.json"), "demo");
    assert_eq!(recorded.judge(), (Status::Ok, "ok; a backup is running: 0 %".into()));
    assert_eq!(recorded.backups("x").len(), 2);
    let mut answer = two_repos();
    for (lock, words) in [
        (json!({"backup": {"held": false}, "restore": {"held": false}}), None),
        (
            json!({"backup": {"held": true}}),
            Some("a backup is running, or backups are being expired"),
        ),
        (
            json!({"backup": {"held": true, "size": 9_007_199_254_740_995_u64, "size-cplt": 3_062_447_746_612_000_u64}}),
            Some("a backup is running: 34 %"),
        ),
        (
            json!({"backup": {"held": true, "size": 200, "size-cplt": 150,
                              "repo": [{"key": 1, "size": 100, "size-cplt": 100}, {"key": 2, "size": 100, "size-cplt": 50}]},
                   "restore": {"held": true, "size": 0, "size-cplt": 9}}),
            Some("a backup is running: 75 %; a restore is running: 0 %"),
        ),
    ] {
        answer[0]["status"]["lock"] = lock;
        let info = read(&answer);
        assert_eq!(info.progress().map(Progress::words).as_deref(), words);
    }
    let repos = read(&answer)
        .progress()
        .and_then(|progress| progress.backup.clone())
        .expect("it runs")
        .repos;
    assert_eq!((repos[1].repo, repos[1].done), (2, Some(50)));
}

#[test]
fn a_backup_that_was_not_checked_is_unknown() {
    let mut answer = two_repos();
    answer[0]["backup"][0]
        .as_object_mut()
        .expect("a backup")
        .remove("error");
    answer[0]["backup"][1]["error"] = Value::Null;
    let backups = read(&answer).backups("x");
    let states: Vec<_> = backups.iter().map(|backup| backup.status).collect();
    assert_eq!(states, [Status::Unknown; 3], "the third builds on the first");
    assert!(
        backups[2].detail.starts_with("it builds on 20261123-010123F, of which"),
        "{}",
        backups[2].detail
    );
}

#[test]
fn a_backup_is_no_better_than_what_it_builds_on() {
    let full = "20261123-010123F";
    for (change, status, words) in [
        (
            json!({"error": true}),
            Status::Broken,
            "in which pgBackRest found page checksum errors",
        ),
        (
            json!({"label": "20260101-000000F"}),
            Status::Broken,
            "which is not in the repository",
        ),
        (
            json!({"database": {"id": 1, "repo-key": 2}}),
            Status::Broken,
            "which is not in the repository",
        ),
        (
            json!({"type": "giant"}),
            Status::Unknown,
            "which could not be understood",
        ),
        (
            json!({"prior": "20261123-010123F_20261123-010128I"}),
            Status::Broken,
            "which builds on itself",
        ),
    ] {
        let mut answer = two_repos();
        let fields = change.as_object().expect("an object").clone();
        answer[0]["backup"][0].as_object_mut().expect("a backup").extend(fields);
        let backups = read(&answer).backups("x");
        let child = backups.last().expect("the incremental one");
        assert_eq!((child.status, child.kind), (status, Kind::Incr), "{change}");
        assert!(child.detail.contains(words), "{change}: {}", child.detail);
        assert!(
            child.detail.contains(full) || child.detail.starts_with("it builds on "),
            "{}",
            child.detail
        );
    }
}

#[test]
fn a_missing_reference_breaks_a_backup_whose_parent_is_there() {
    let mut answer = two_repos();
    answer[0]["backup"][2]["reference"] = json!(["20261123-010123F", "20261122-000000F"]);
    let child = read(&answer).backups("x").pop().expect("the incremental one");
    assert_eq!(child.status, Status::Broken);
    assert_eq!(
        child.detail,
        "it builds on 20261122-000000F, which is not in the repository"
    );
    answer[0]["backup"][2]["reference"] = Value::Null;
    answer[0]["backup"][2]["prior"] = Value::Null;
    assert_eq!(
        read(&answer).backups("x")[2].status,
        Status::Unknown,
        "it must build on something"
    );
}

#[test]
fn large_numbers_keep_their_digits_also_as_text() {
    let id = SystemIdentifier(Big(17_711_165_736_987_241_479));
    for written in [json!(17_711_165_736_987_241_479_u64), json!("17711165736987241479")] {
        let mut answer = two_repos();
        answer[0]["db"][0]["system-id"] = written;
        answer[0]["backup"][0]["info"]["size"] = json!(9_007_199_254_740_993_u64);
        let info = read(&answer);
        assert_eq!(info.system(DatabaseRef { repo: 1, id: 1 }), Some(id));
        assert_eq!(info.backups("x")[0].size_bytes, Some(9_007_199_254_740_993));
        assert_eq!(info.not_understood(), [""; 0]);
    }
}

#[test]
fn sizes_of_block_incremental_backups_are_what_they_added() {
    let mut answer = two_repos();
    answer[0]["backup"][2]["info"]["repository"] = json!({"delta": 7, "size-map": [1, 2], "delta-map": [3]});
    assert_eq!(read(&answer).backups("x")[2].stored_bytes, Some(7));
    answer[0]["backup"][2]["info"]["repository"] = json!({"delta": -7});
    let info = read(&answer);
    assert_eq!((info.backups("x")[2].stored_bytes, labels(&info).len()), (None, 3));
    assert_eq!(info.judge().0, Status::Unknown);
}

#[test]
fn annotations_are_not_repeated() {
    let mut answer = two_repos();
    answer[0]["backup"][0]["annotation"] = json!({"x": "<script>\u{202e}"});
    assert!(!format!("{:?}", read(&answer)).contains("script"));
}

#[test]
fn another_stanza_is_not_taken_for_the_one_that_was_asked_for() {
    let error = Info::parse(fixture!("info-ok-v2.45.json"), "prod").expect_err("not there");
    assert!(matches!(error, InfoError::NoStanza(name) if name == "prod"));
    assert!(matches!(
        Info::parse(b"[7, null, {}]", "demo"),
        Err(InfoError::NoStanza(_))
    ));
}

#[test]
fn ten_thousand_backups_of_one_chain_are_read() {
    let mut answer = two_repos();
    let template = answer[0]["backup"][2].clone();
    let label = |n: usize| format!("20261123-010123F_20261124-{n:06}I");
    let increments = (0..10_000).map(|n| {
        let mut backup = template.clone();
        backup["label"] = json!(label(n));
        backup["prior"] = json!(n.checked_sub(1).map_or("20261123-010123F".into(), label));
        backup
    });
    let list = answer[0]["backup"].as_array_mut().expect("a list");
    list.truncate(1);
    // Newest first, so that every parent comes behind its child.
    list.extend(increments.collect::<Vec<_>>().into_iter().rev());
    let backups = read(&answer).backups("x");
    assert_eq!(backups.len(), 10_001);
    assert!(backups.iter().all(|backup| backup.status == Status::Ok));
    answer[0]["backup"][0]["error"] = json!(true);
    let broken = read(&answer).backups("x");
    assert!(broken.iter().all(|backup| backup.status == Status::Broken));
}
