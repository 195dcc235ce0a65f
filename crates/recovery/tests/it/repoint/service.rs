//! Ampora as a service of a machine: a child process that holds a session, here and over a real sshd.

mod machine;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use domain::plan::{Pinned, Setup};
use domain::run::RunState;
use recovery::plans::repoint::{CHECK, FENCE, LEAD, START, STOP};
use sqlx::{ConnectOptions as _, Executor as _};
use store::runs::Run;

use crate::runs::{abandon, worked};
use crate::secrets;
use machine::{Machine, PASSWORD, Where};

async fn moves_to_the_other_database(place: Where) {
    secrets::listen();
    let machine = Machine::new(place).await;
    let (before, mode) = machine.env();
    assert_eq!(mode, 0o600);
    let owner = fs::metadata(machine.env_file()).expect("there").uid();
    let done = worked(&machine.site, machine.started().await).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let (after, mode) = machine.env();
    assert_eq!(
        (mode, fs::metadata(machine.env_file()).expect("there").uid()),
        (0o600, owner)
    );
    let moved = format!("Database={}", machine.copy);
    assert_eq!(
        after.matches(&moved).count(),
        2,
        "both strings name the new database: {after}"
    );
    let old = format!("Database={}", machine.site.live.name);
    assert_eq!(after.replace(&moved, &old), before, "no other byte changed");
    assert!(
        machine.sessions(&machine.copy).await > 0,
        "Ampora runs on the new database"
    );
    assert_eq!(machine.sessions(&machine.site.live.name).await, 0);
    assert!(!machine.is_open().await, "nobody writes to the old database");
    assert_eq!(machine.kept(), 0, "the old file is needed no more");
    secrets::words_are_kept_nowhere(&machine.site, PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_here_moves_to_the_other_database() {
    moves_to_the_other_database(Where::Here).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_over_ssh_moves_to_the_other_database() {
    moves_to_the_other_database(Where::OverSsh).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_may_begin_twice_and_its_worker_die() {
    let machine = Machine::new(Where::OverSsh).await;
    let run = machine.started().await;
    let steps = machine
        .site
        .services
        .store
        .run(run)
        .await
        .expect("reads")
        .expect("there")
        .steps
        .len();
    for left_at in 0..steps {
        for _ in 0..2 {
            abandon(&machine.site, run, left_at).await;
        }
    }
    let done = worked(&machine.site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(machine.starts(), 2, "before, and once on the new database");
    assert_eq!(machine.kept(), 0);
}

/// Brings a run to a step, breaks something, and lets it go on.
async fn broken_at(machine: &mut Machine, step: &str) -> Run {
    let run = machine.started().await;
    let place = [STOP, FENCE, LEAD, CHECK, START]
        .iter()
        .position(|name| *name == step)
        .expect("a step")
        + 1;
    if place > 1 {
        abandon(&machine.site, run, place).await;
    }
    match step {
        STOP => machine.say("no-stop"),
        FENCE => machine.lose_the_old_server(),
        LEAD => machine.permit(0o640),
        CHECK => {
            let copy = machine.site.live.options.clone().database(&machine.copy);
            let mut conn = copy.connect().await.expect("connects");
            let gone = "DELETE FROM tenants WHERE ctid = (SELECT min(ctid) FROM tenants)";
            conn.execute(gone).await.expect("deletes");
        }
        _ => machine.say("no-start"),
    }
    worked(&machine.site, run).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_before_it_starts_can_be_put_back_by_the_commands_that_are_said() {
    secrets::listen();
    for step in [STOP, FENCE, LEAD, CHECK] {
        let mut machine = Machine::new(Where::Here).await;
        let (before, _) = machine.env();
        let seen = broken_at(&mut machine, step).await;
        let RunState::Failed { reason, .. } = &seen.state else {
            panic!("{step}: {:?}", seen.state);
        };
        assert!(reason.contains("nothing was written"), "{reason}");
        assert_eq!(
            reason.contains("ALLOW_CONNECTIONS true"),
            step != STOP,
            "{step}: {reason}"
        );
        assert_eq!(
            machine.sessions(&machine.copy).await,
            0,
            "{step}: nothing runs on the new database"
        );
        machine.put_right();
        machine.reopen().await;
        machine.type_the_way_back(reason);
        assert_eq!(machine.env().0, before, "{step}");
        assert!(
            machine.sessions(&machine.site.live.name).await > 0,
            "{step}: it runs on the old database again"
        );
        secrets::words_are_kept_nowhere(&machine.site, PASSWORD).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_not_start_needs_somebody_and_tells_no_password() {
    secrets::listen();
    let mut machine = Machine::new(Where::OverSsh).await;
    let seen = broken_at(&mut machine, START).await;
    let RunState::NeedsHuman { seen, .. } = &seen.state else {
        panic!("{:?}", seen.state);
    };
    assert!(seen.contains("may have written") && seen.contains("redacted"), "{seen}");
    assert!(!machine.is_open().await, "two databases are never written at once");
    secrets::words_are_kept_nowhere(&machine.site, PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_instance_on_the_old_database_is_noticed() {
    let machine = Machine::new(Where::Here).await;
    let run = machine.started().await;
    machine.say("stays");
    machine.cancel_soon(run);
    let seen = worked(&machine.site, run).await;
    assert!(
        machine.is_open().await,
        "the old database is closed only when nobody is on it: {:?}",
        seen.state
    );
    assert!(matches!(seen.state, RunState::NeedsHuman { .. }), "{:?}", seen.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_speaks_against_it_is_said_before_anybody_agrees() {
    let machine = Machine::new(Where::OverSsh).await;
    let Pinned::Repoint(plan) = machine.planned().await else {
        panic!("another plan")
    };
    assert!(matches!(&plan.ampora.setup, Setup::Service(service) if service.host == "db1"));
    machine.permit(0o644);
    assert!(machine.refused().await.contains("others than its owner can read"));
    machine.permit(0o600);
    let (text, _) = machine.env();
    machine.write(&text.replace("ConnectionStrings__Ampora=", "Ampora="));
    assert!(machine.refused().await.contains("has no ConnectionStrings__Ampora"));
    machine.write(&text.replace("Host=", "Hos="));
    assert!(machine.refused().await.contains("names no Host"));
    let away = machine.env_file().with_extension("away");
    fs::rename(machine.env_file(), &away).expect("our own file");
    std::os::unix::fs::symlink(&away, machine.env_file()).expect("our own folder");
    assert!(machine.refused().await.contains("not a link"));
    fs::remove_file(machine.env_file()).expect("our own link");
    assert!(machine.refused().await.contains("No such file"));
    fs::rename(&away, machine.env_file()).expect("our own file");
    machine.write(&text);
    fs::set_permissions(machine.env_file(), fs::Permissions::from_mode(0o600)).expect("our own file");
    machine.planned().await;
}
