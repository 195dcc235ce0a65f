//! What goes wrong on the way: each ends in words that say what happened, what is unharmed and what to do.

use domain::approval::Decision;
use domain::run::{RunState, StepState};
use recovery::runs;
use recovery::settings::RestoreHost;

use super::behind::Behind;
use super::ground::Ground;
use crate::runs::no_further;

const RESTORE: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_cancelled_under_way_leaves_nothing() {
    let ground = Ground::new().await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let services = ground.site.services.clone();
    let restoring = |run: &store::runs::Run| matches!(run.steps[RESTORE].1, StepState::Running { .. });
    no_further(&ground.site, RESTORE, ground.worked_until(run, restoring, false)).await;
    runs::cancel(&services, &ground.b(), run).await.expect("asks");
    ground.let_the_lease_run_out(run).await;
    let seen = ground.worked(run).await;
    assert!(matches!(seen.state, RunState::Cancelled { .. }), "{:?}", seen.state);
    assert_eq!(ground.leftovers("data."), Vec::<String>::new());
    assert!(ground.events().await.contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_waits_can_be_cancelled() {
    let ground = Ground::new().await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    ground.worked(run).await;
    runs::cancel(&ground.site.services, &ground.b(), run)
        .await
        .expect("asks");
    let seen = ground.worked_until(run, |run| run.state.is_over(), true).await;
    assert!(matches!(seen.state, RunState::Cancelled { .. }), "{:?}", seen.state);
    assert_eq!(ground.leftovers("data."), Vec::<String>::new());
    assert!(ground.events().await.contains(&lost));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_ends_well_and_speaks_of_an_error_isn_t_believed() {
    // The real tool, which also says what a damaged repository makes it say.
    let behind = Behind::script("pgbackrest \"$@\" || exit; echo 'P00  ERROR: [103]: unable to check'");
    let adjust = |host| behind.called(host);
    let ground = Ground::with(None, adjust).await;
    let (target, lost) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let seen = ground.worked(run).await;
    let RunState::Failed { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(
        reason.contains("ERROR: [103]") && reason.contains("was not touched"),
        "{reason}"
    );
    assert!(ground.events().await.contains(&lost));
    assert_eq!(ground.leftovers("data.muster-lock"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_there_already_is_left_alone() {
    let ground = Ground::new().await;
    let (target, _) = ground.between_two().await;
    let (_, run) = ground.approved(&target).await;
    let there = ground.folder().join(format!("data.muster-{run}"));
    std::fs::create_dir(&there).expect("root may");
    std::fs::write(there.join("mine"), "x").expect("root may");
    let seen = ground.worked(run).await;
    let RunState::Failed { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    for expected in ["is there already; it was left alone", "was not touched", "move it away"] {
        assert!(reason.contains(expected), "{expected}: {reason}");
    }
    assert!(there.join("mine").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn wal_that_is_lost_after_the_approval_makes_it_stale() {
    let ground = Ground::new().await;
    let (target, _) = ground.between_two().await;
    let (_, last) = ground.stanza.write_and_archive().await;
    let (_, run) = ground.approved("latest").await;
    ground.stanza.lose_wal(1, &last);
    let seen = ground.worked(run).await;
    let RunState::Refused { reason, .. } = &seen.state else {
        panic!("{:?} {target}", seen.state)
    };
    assert!(
        reason.contains("stale") && reason.contains(&format!("wal-gap {last}")),
        "{reason}"
    );
    assert_eq!(ground.leftovers("data."), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_came_while_somebody_decided_makes_it_stale() {
    let ground = Ground::new().await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.worked(run).await;
    ground.sql("SELECT pg_create_physical_replication_slot('db2')").await;
    ground.decide(number, Decision::Promote).await;
    let seen = ground.worked(run).await;
    let RunState::Refused { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(reason.contains("db2"), "{reason}");
    assert!(ground.events().await.contains(&lost), "the cluster was not stopped");
    assert_eq!(ground.leftovers("data.muster-lock"), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_doesn_t_stop_loses_nothing() {
    let lazy = |host: RestoreHost| RestoreHost {
        stop: Some(vec!["true".into()]),
        ..host
    };
    let ground = Ground::with(None, lazy).await;
    let (target, lost) = ground.between_two().await;
    let (number, run) = ground.approved(&target).await;
    ground.worked(run).await;
    ground.decide(number, Decision::Promote).await;
    let seen = ground.worked(run).await;
    let RunState::Failed { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(reason.contains("still runs. Nothing was moved"), "{reason}");
    assert!(ground.events().await.contains(&lost));
}
