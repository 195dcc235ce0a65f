//! The worker dies behind every step before that is written down, loses its lease, or finds Muster's own database gone: the run goes on, there
//! are never two restores, and the gate before the first pod is gone through again.

use std::sync::Arc;
use std::time::Duration;

use domain::role::Role;
use domain::run::RunState;
use recovery::plans::full_disaster::{CHECK_DATABASE, CHECKLIST, START_ONE};
use recovery::runs;
use sqlx::{AssertSqlSafe, Executor as _};
use store::events::Events;
use testkit::postgres::ThrowawayCluster;
use tokio_util::sync::CancellationToken;

use super::ground::NewCluster;
use crate::dump_faults::{SLOW, behind, goes_on, packaged, reached, were_there_two};
use crate::runs::{rewind, unrecorded};
use crate::site::Site;

async fn succeeds(cluster: &NewCluster, run: domain::ids::RunId) {
    let done = cluster.worked(run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(cluster.replicas(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_can_be_done_twice() {
    let cluster = NewCluster::new().await;
    let run = cluster.started().await;
    for place in 0..cluster.seen(run).await.steps.len() {
        let worker = cluster.works_until(run, true, |_| false);
        unrecorded(&cluster.site, place, worker).await;
        rewind(&cluster.site, run, place).await;
    }
    succeeds(&cluster, run).await;
    let requests = cluster.api.requests();
    let made = requests.iter().filter(|request| request.method == "POST");
    assert!(made.count() <= 4, "no Secret is written over");
}

/// A new cluster whose first restore takes as many seconds.
async fn slow(site: Site, seconds: &str) -> NewCluster {
    let mut cluster = NewCluster::over(site).await;
    behind(&mut cluster.site, &packaged(), &SLOW.replace("$seconds", seconds));
    cluster
}

/// The worker is gone: the next one goes on at the first step that isn't done.
async fn another_goes_on(cluster: &NewCluster, run: domain::ids::RunId) {
    let seen = cluster.seen(run).await;
    let done = |(_, state): &(_, domain::run::StepState)| matches!(state, domain::run::StepState::Done { .. });
    let begun = seen.steps.iter().position(|step| !done(step));
    rewind(&cluster.site, run, begun.expect("it isn’t over")).await;
    succeeds(cluster, run).await;
    assert!(!were_there_two(&cluster.site), "never two restores");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_lost_its_lease_ends_its_tool() {
    let cluster = slow(Site::new().await, "300").await;
    let run = cluster.started().await;
    let worker = cluster.works_until(run, true, |_| false);
    let ended = async {
        reached(&cluster.site, "half").await;
        let mut conn = cluster.site.own.connect().await;
        let taken = "UPDATE runs SET fence = fence + 1, lease_until = clock_timestamp() + interval '1 h' WHERE id = $1";
        let taken = sqlx::query(taken).bind(run.0).execute(&mut conn).await;
        taken.expect("our own database");
        while goes_on(&cluster.site) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        seen = worker => panic!("{:?}", seen.state),
        () = ended => {}
    }
    another_goes_on(&cluster, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn muster_s_own_database_may_be_gone_for_a_while() {
    let keeper = ThrowawayCluster::start().await;
    let live = testkit::postgres::database().await;
    let site = Site::kept_in(keeper.database().await, live, |deployment| deployment).await;
    let cluster = slow(site, "5").await;
    let run = cluster.started().await;
    let events = Arc::new(Events::listen(&cluster.site.services.store));
    let work = runs::work(cluster.site.services.clone(), events, CancellationToken::new());
    let worker = tokio::spawn(work);
    reached(&cluster.site, "half").await;
    let data = keeper.cluster().data_dir().display().to_string();
    let log = format!("{data}/start.log");
    let pg_ctl = keeper.cluster().tool("pg_ctl");
    let stop = ["-D", &data, "-m", "immediate", "-w", "stop"];
    pg_ctl.invoke(stop).output().await.expect("stops");
    tokio::time::sleep(Duration::from_secs(20)).await;
    let start = ["-D", &data, "-l", &log, "-w", "start"];
    pg_ctl.invoke(start).output().await.expect("starts");
    worker.abort();
    let _ = worker.await;
    another_goes_on(&cluster, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ampora_is_never_started_on_a_database_that_was_emptied_behind_the_gate() {
    for empty in [
        "DELETE FROM ca_signing_keys; DELETE FROM tenants",
        "DROP DATABASE {} WITH (FORCE); CREATE DATABASE {}",
    ] {
        let cluster = NewCluster::new().await;
        let run = cluster.started().await;
        cluster.reach(run, START_ONE).await;
        match empty.split_once("; CREATE") {
            Some((drop, _)) => {
                let mut conn = cluster.site.live.connect().await;
                for sql in [drop, "CREATE DATABASE {}"] {
                    let sql = sql.replace("{}", &format!("\"{}\"", cluster.database));
                    conn.execute(AssertSqlSafe(sql)).await.expect("a plain statement");
                }
            }
            None => cluster.in_copy(empty).await,
        }
        let done = cluster.worked(run).await;
        let RunState::NeedsHuman { seen, .. } = &done.state else {
            panic!("{:?} {:?}", done.state, done.steps)
        };
        assert!(seen.contains("Ampora wasn’t started"), "{seen}");
        assert_eq!(cluster.replicas(), Some(0), "{empty}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_scaled_up_meanwhile_needs_somebody() {
    for (step, pods) in [(CHECK_DATABASE, 2), (START_ONE, 3)] {
        let cluster = NewCluster::new().await;
        let run = cluster.started().await;
        cluster.reach(run, step).await;
        cluster.scaled_to(pods);
        let done = cluster.worked(run).await;
        assert!(
            matches!(done.state, RunState::Failed { .. } | RunState::NeedsHuman { .. }),
            "{step}: {:?}",
            done.state
        );
        let said = done.state.reason().unwrap_or_default();
        assert!(said.contains(&format!("to {pods}")), "{step}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cancelled_while_ampora_runs_says_so_and_takes_no_word_any_more() {
    let cluster = NewCluster::new().await;
    let run = cluster.started().await;
    cluster.waits_at(run, CHECKLIST).await;
    let operator = cluster.site.person("b", Role::Operator);
    runs::cancel(&cluster.site.services, &operator, run)
        .await
        .expect("asks");
    let done = cluster.works_until(run, false, |_| false).await;
    let RunState::NeedsHuman { seen, .. } = &done.state else {
        panic!("{:?} {:?}", done.state, done.steps)
    };
    assert!(
        seen.contains("goes on as it is now") && seen.contains("scale deploy/ampora-web --replicas=0"),
        "{seen}"
    );
    assert_eq!(cluster.replicas(), Some(1));
    let approver = cluster.site.person("c", Role::Approver);
    let late = runs::confirm(&cluster.site.services, &approver, 1, CHECKLIST, "done").await;
    assert!(matches!(late, Err(recovery::Error::Invalid(_))), "{late:?}");
}
