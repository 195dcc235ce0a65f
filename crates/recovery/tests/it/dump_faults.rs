//! Faults of a restore into a new database: what a person reads says what happened, what is unharmed, and what to do next.

mod server;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use adapters::process::Tool;
use domain::role::Role;
use domain::run::RunState;
use recovery::runs as use_cases;
use recovery::settings::Source;
use sqlx::ConnectOptions as _;
use store::events::Events;
use store::runs::Run;
use testkit::installation::{Installation, NEWEST};
use testkit::postgres::ThrowawayCluster;
use tokio_util::sync::CancellationToken;

use crate::runs::{approved, rewind, worked};
use crate::site::Site;

/// The first call of a restore waits until it is ended, or as many seconds.
pub const SLOW: &str = "test -e \"$0.half\" || { touch \"$0.half\"; linger $seconds; }; exec pg_restore \"$@\"";

fn script(site: &Site) -> PathBuf {
    site.folder.path().join("pg_restore")
}

/// Has pg_restore do something of its own when it restores. Planning reads the dump with the one in `programs`.
pub fn behind(site: &mut Site, programs: &str, body: &str) {
    let path = script(site);
    let real = "case \"$*\" in *--exit-on-error*) ;; *) exec pg_restore \"$@\" ;; esac";
    // Whoever restores holds the lock with all its children. Nothing outlives the script for long.
    let held = "exec 9>\"$0.busy\"; flock -n 9 || touch \"$0.two\"\n\
        linger() { left=$1; while test \"$left\" -gt 0; do test -e \"$0\" || exit; sleep 1; left=$((left - 1)); done; }";
    std::fs::write(
        &path,
        format!("#!/bin/sh\nPATH={programs}:$PATH\n{real}\n{held}\n{body}\n"),
    )
    .expect("our own folder");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("our own file");
    let program = path.display().to_string();
    site.configure(|settings| {
        for source in &mut settings.deployments[0].sources {
            if let Source::Dumps(dumps) = source {
                dumps.pg_restore = Tool::new(&program);
            }
        }
    });
}

pub fn packaged() -> String {
    Installation::packaged().binaries.dir.display().to_string()
}

/// Runs a restore that fails, and answers why.
async fn ended(body: &str) -> String {
    let mut site = Site::new().await;
    behind(&mut site, &packaged(), body);
    let database = format!("{}_fault", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let done = worked(&site, run).await;
    failed(&done)
}

fn failed(done: &Run) -> String {
    let RunState::Failed { reason, .. } = &done.state else {
        panic!("{:?} {:?}", done.state, done.steps)
    };
    assert!(reason.contains("Nothing that exists was changed"), "{reason}");
    reason.clone()
}

/// Returns once the script made the file of this name.
pub async fn reached(site: &Site, name: &str) {
    let file = format!("{}.{name}", script(site).display());
    for _ in 0..1200 {
        if std::path::Path::new(&file).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("pg_restore never came to {name:?}");
}

/// Whether any process of a restore is left.
pub fn goes_on(site: &Site) -> bool {
    let busy = format!("{}.busy", script(site).display());
    let taken = Command::new("flock").args(["-n", &busy, "true"]).status();
    !taken.expect("flock is part of util-linux").success()
}

pub fn were_there_two(site: &Site) -> bool {
    std::path::Path::new(&format!("{}.two", script(site).display())).exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_ends_well_and_speaks_of_an_error_isn_t_believed() {
    let reason = ended("echo 'pg_restore: error: could not execute query' >&2; exit 0").await;
    assert!(reason.contains("ended well and spoke of errors"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_is_newer_than_the_tool_is_told_with_what_to_do() {
    let newest = Installation::of(NEWEST);
    let mut site = Site::on(&newest).await;
    let body = format!("exec {}/pg_restore \"$@\"", packaged());
    behind(&mut site, &newest.binaries.dir.display().to_string(), &body);
    let database = format!("{}_fault", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let reason = failed(&worked(&site, run).await);
    for expected in ["unsupported version", "newer PostgreSQL", "of its own version"] {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_is_gone_before_anything_is_made_is_told() {
    let mut site = Site::new().await;
    behind(&mut site, &packaged(), "exit 1");
    let database = format!("{}_fault", site.live.name);
    let (_, run) = approved(&site, &database).await;
    std::fs::remove_file(script(&site)).expect("our own file");
    let seen = worked(&site, run).await;
    let reason = seen.state.reason().unwrap_or_default();
    assert!(
        matches!(seen.state, RunState::Refused { .. } | RunState::Failed { .. }),
        "{:?}",
        seen.state
    );
    for expected in [
        "was not found; nothing was started",
        "name its place in the configuration",
    ] {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
    let made = site.live.options.clone().database(&database).connect().await;
    assert!(made.is_err(), "no database was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_cancelled_half_way_leaves_no_process() {
    let mut site = Site::new().await;
    let body = "pg_restore \"$@\" 2>&1 | while read -r line; do echo \"$line\" >&2\n\
        case \"$line\" in *'processing data for table'*) test -e \"$0.half\" || { touch \"$0.half\"; linger 300; } ;; esac; done";
    behind(&mut site, &packaged(), body);
    let database = format!("{}_fault", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let cancel = async {
        reached(&site, "half").await;
        let asked = use_cases::cancel(&site.services, &site.person("b", Role::Operator), run).await;
        asked.expect("asks");
    };
    let (seen, ()) = tokio::join!(worked(&site, run), cancel);
    assert!(
        matches!(seen.state, RunState::Cancelled { .. }),
        "{:?} {:?}",
        seen.state,
        seen.steps
    );
    let steps = format!("{:?}", seen.steps);
    for expected in [
        "was cancelled and ended with all its children",
        "Nothing that exists was changed",
        "may be dropped",
    ] {
        assert!(steps.contains(expected), "{expected}: {steps}");
    }
    assert!(!goes_on(&site));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_ends_its_tool_and_another_makes_the_database_anew() {
    let mut site = Site::new().await;
    behind(&mut site, &packaged(), &SLOW.replace("$seconds", "300"));
    let database = format!("{}_fault", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let stop = CancellationToken::new();
    let events = Arc::new(Events::listen(&site.services.store));
    let worker = tokio::spawn(use_cases::work(site.services.clone(), events, stop.clone()));
    reached(&site, "half").await;
    let mut conn = site.own.connect().await;
    let taken = "UPDATE runs SET fence = fence + 1, lease_until = clock_timestamp() + interval '1 h' WHERE id = $1";
    sqlx::query(taken)
        .bind(run.0)
        .execute(&mut conn)
        .await
        .expect("our own database");
    while goes_on(&site) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stop.cancel();
    worker.await.expect("the worker stops");
    restored_by_another(&site, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn muster_s_own_database_may_be_gone_for_a_while() {
    let keeper = ThrowawayCluster::start().await;
    let live = testkit::postgres::database().await;
    let mut site = Site::kept_in(keeper.database().await, live, |deployment| deployment).await;
    behind(&mut site, &packaged(), &SLOW.replace("$seconds", "5"));
    let database = format!("{}_fault", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let events = Arc::new(Events::listen(&site.services.store));
    let worker = tokio::spawn(use_cases::work(site.services.clone(), events, CancellationToken::new()));
    reached(&site, "half").await;
    let data = keeper.cluster().data_dir().display().to_string();
    let log = format!("{data}/start.log");
    let pg_ctl = keeper.cluster().tool("pg_ctl");
    let stopped = pg_ctl
        .invoke(["-D", &data, "-m", "immediate", "-w", "stop"])
        .output()
        .await;
    stopped.unwrap_or_else(|error| panic!("{error}"));
    tokio::time::sleep(Duration::from_secs(20)).await;
    let started = pg_ctl.invoke(["-D", &data, "-l", &log, "-w", "start"]).output().await;
    started.unwrap_or_else(|error| panic!("{error}"));
    worker.abort();
    let _ = worker.await;
    restored_by_another(&site, run).await;
}

/// The run goes on where its first worker left it, and no two restores went on at once.
async fn restored_by_another(site: &Site, run: domain::ids::RunId) {
    let seen = site.services.store.run(run).await.expect("reads").expect("is there");
    let begun = seen
        .steps
        .iter()
        .position(|(_, state)| !matches!(state, domain::run::StepState::Done { .. }));
    rewind(site, run, begun.expect("it isn't over")).await;
    let done = worked(site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert!(!were_there_two(site), "never two restores");
}
