//! The binary as people start, stop and kill it.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::place::{Place, code, error, run};

#[test]
fn it_serves_stops_in_order_and_leaves_no_process_behind() {
    let place = Place::new("");
    let muster = place.serve();
    assert!(
        muster.status("/health/ready").contains("200"),
        "{}",
        muster.status("/health/ready")
    );
    assert!(muster.status("/").contains("303"));
    assert!(place.servers() > 0);
    // A stream that is open must not hold it up; nor must a connection that says nothing.
    let address = muster.url.trim_start_matches("http://").to_owned();
    let _silent = std::net::TcpStream::connect(address).expect("it listens");
    let asked = Instant::now();
    muster.signal(Signal::TERM);
    assert_eq!(muster.ended(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
    assert_eq!(place.servers(), 0);
}

#[test]
fn after_a_kill_the_next_start_picks_everything_up() {
    let place = Place::new("");
    let first = place.serve();
    first.signal(Signal::KILL);
    assert_eq!(first.ended(), None);
    assert!(place.servers() > 0, "PostgreSQL outlives a killed Muster");
    let second = place.serve();
    assert!(second.status("/health/ready").contains("200"));

    let taken = run(&["serve", "--config", &place.config()]);
    assert_eq!(code(&taken), 3);
    assert!(error(&taken).contains("can't be listened on"), "{}", error(&taken));
    let out = place.folder.path().join("log");
    let out = out.to_str().expect("text");
    let export = run(&["audit", "export", "--out", out, "--config", &place.config()]);
    assert_eq!(code(&export), 0, "{}", error(&export));
    assert_eq!(
        code(&run(&["audit", "export", "--out", out, "--config", &place.config()])),
        3,
        "never over a file"
    );

    second.signal(Signal::INT);
    assert_eq!(second.ended(), Some(0));
    assert_eq!(place.servers(), 0);
    // And once more without anybody serving: the command starts the cluster for itself.
    fs::remove_file(out).expect("removes");
    let export = run(&["audit", "export", "--out", out, "--config", &place.config()]);
    assert_eq!(code(&export), 0, "{}", error(&export));
    assert_eq!(place.servers(), 0);
    assert_eq!(code(&run(&["audit", "verify", out])), 0);
}

#[tokio::test]
async fn it_refuses_to_live_on_the_cluster_that_it_protects() {
    let (own, live) = (testkit::postgres::database().await, testkit::postgres::database().await);
    let mut connection = live.connect().await;
    let table = r#"CREATE TABLE "__EFMigrationsHistory" ("MigrationId" text);
                   CREATE TABLE audit_events ("Timestamp" timestamptz); CREATE TABLE audit_event_archive ("Timestamp" timestamptz)"#;
    sqlx::raw_sql(table)
        .execute(&mut connection)
        .await
        .expect("makes tables");
    let deployments = format!(
        "[database]\nurl = \"{}\"\n[[deployment]]\nname = \"prod\"\ndatabase.url = \"{}\"",
        own.url, live.url
    );
    let place = Place::new(&deployments);
    let refused = tokio::task::spawn_blocking(move || run(&["serve", "--config", &place.config()]))
        .await
        .expect("runs");
    assert_eq!(code(&refused), 3);
    assert!(
        error(&refused).contains("lies on the cluster of deployment prod"),
        "{}",
        error(&refused)
    );
    let mut connection = own.connect().await;
    let made: Option<String> = sqlx::query_scalar("SELECT to_regclass('muster_schema')::text")
        .fetch_one(&mut connection)
        .await
        .expect("asks");
    assert_eq!(made, None, "nothing was changed");
}

#[test]
fn mistakes_are_named_and_end_with_3() {
    let unknown = Place::new("[approvals]\nquorom = 3");
    for (output, says) in [
        (run(&["serve", "--config", &unknown.config()]), "quorum"),
        (
            run(&["serve", "--config", "/nowhere/muster.toml"]),
            "There is no configuration",
        ),
        (run(&["frobnicate"]), "frobnicate"),
        (run(&["worker", "--config", &Place::new("").config()]), "[database] url"),
        (
            run(&["inventory", "--deployment", "x", "--config", &Place::new("").config()]),
            "no deployment \"x\"",
        ),
        (
            run(&["inventory", "--cached", "--config", &Place::new("").config()]),
            "no database yet",
        ),
        (run(&["audit", "verify", "/nowhere"]), "can't be read"),
    ] {
        assert_eq!(code(&output), 3, "{}", error(&output));
        assert!(error(&output).contains(says), "{says}: {}", error(&output));
    }
    let no_bundle = Place::new("");
    fs::remove_file(no_bundle.folder.path().join("site/current")).expect("removes");
    let output = run(&["serve", "--config", &no_bundle.config()]);
    assert!(
        code(&output) == 3 && error(&output).contains("browser bundle"),
        "{}",
        error(&output)
    );
    assert!(!no_bundle.data().exists(), "nothing was started");
}

#[test]
fn a_log_that_was_touched_does_not_verify() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let path = path.to_str().expect("text");
    fs::write(
        path,
        "{\"schema\":\"muster.audit.export/1\",\"size\":1,\"root\":\"00\"}\n",
    )
    .expect("writes");
    let output = run(&["audit", "verify", path, "--json"]);
    assert_eq!(code(&output), 1, "{}", error(&output));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(said["verified"], false);
}

#[test]
fn a_database_that_dies_is_brought_back_while_the_console_stays_up() {
    let place = Place::new("");
    let muster = place.serve();
    let pid = fs::read_to_string(place.data().join("postmaster.pid")).expect("it runs");
    let pid = pid
        .lines()
        .next()
        .and_then(|line| line.parse().ok())
        .and_then(Pid::from_raw)
        .expect("a pid");
    kill_process(pid, Signal::KILL).expect("it runs");
    assert!(muster.status("/health/live").contains("200"));
    let deadline = Instant::now() + Duration::from_secs(60);
    while !muster.status("/health/ready").contains("200") {
        assert!(Instant::now() < deadline, "it doesn't come back");
        std::thread::sleep(Duration::from_millis(100));
    }
    let now = fs::read_to_string(place.data().join("postmaster.pid")).expect("it runs again");
    assert!(
        !now.starts_with(&format!("{}\n", pid.as_raw_nonzero())),
        "another server"
    );
    muster.signal(Signal::TERM);
    assert_eq!(muster.ended(), Some(0));
    assert_eq!(place.servers(), 0);
}
