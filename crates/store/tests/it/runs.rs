use std::time::Duration;

use domain::ids::RunId;
use domain::run::{RunState, StepState};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use store::runs::Claimed;
use store::{Store, StoreError};

use crate::sample::{now, queued, requested, steps, uuid};
use crate::{Fresh, store};

const LEASE: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(50);

async fn finish(store: &Store, claimed: &Claimed, state: &RunState) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    store::runs::finish(&mut tx, claimed.run, claimed.fence, state).await?;
    Ok(tx.commit().await?)
}

async fn step(store: &Store, claimed: &Claimed, ordinal: usize, state: &StepState) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    store::runs::step_save(&mut tx, claimed.run, claimed.fence, ordinal, state).await?;
    Ok(tx.commit().await?)
}

fn lost<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::LeaseLost(_)))
}

#[tokio::test]
async fn a_run_is_claimed_worked_and_closed() {
    let store = store().await;
    assert_eq!(store.run_claim("w1", LEASE).await.unwrap(), None);
    let id = queued(&store, "demo").await;
    let waiting = store.run(id).await.unwrap().unwrap();
    assert_eq!(
        (&waiting.state, &waiting.kind[..], waiting.fence),
        (&RunState::Queued, "restore-dump", 0)
    );

    let claimed = store.run_claim("w1", LEASE).await.unwrap().unwrap();
    let expected: Vec<_> = steps().into_iter().map(|step| (step, StepState::Waiting)).collect();
    assert_eq!(
        (claimed.run, claimed.fence, &claimed.steps, claimed.cancel_wanted),
        (id, 1, &expected, false)
    );
    assert_eq!(store.run_claim("w2", LEASE).await.unwrap(), None);

    let at = now(&store).await;
    let done = StepState::Done {
        since: at,
        at,
        detail: "3 tables".into(),
    };
    step(&store, &claimed, 1, &done).await.unwrap();
    finish(&store, &claimed, &RunState::Succeeded { at }).await.unwrap();
    let run = store.run(id).await.unwrap().unwrap();
    assert_eq!(
        (&run.state, &run.steps[1].1, run.lease_until),
        (&RunState::Succeeded { at }, &done, None)
    );
    assert_eq!((run.worker.as_deref(), run.cancel_wanted), (Some("w1"), false));
    assert!(run.started_at <= run.finished_at && run.finished_at.is_some());
    assert_eq!(store.run_of_request(run.request).await.unwrap(), Some(run));
    assert_eq!(store.run_claim("w1", LEASE).await.unwrap(), None);
}

#[tokio::test]
async fn a_run_and_its_steps_are_of_the_same_moment() {
    let fresh = Fresh::new().await;
    let store = fresh.store.clone();
    let id = queued(&store, "demo").await;
    let claimed = store.run_claim("w1", LEASE).await.unwrap().unwrap();
    let mut conn = sqlx::PgConnection::connect_with(&fresh.superuser).await.unwrap();
    let mut tx = conn.begin().await.unwrap();
    tx.execute("lock table run_steps").await.unwrap();
    let look = tokio::spawn({
        let store = store.clone();
        async move { store.run(id).await }
    });
    // The look has read the run, and waits for its steps.
    let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%run_steps%'";
    let mut watch = sqlx::PgConnection::connect_with(&fresh.superuser).await.unwrap();
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut watch).await.unwrap() == 0 {
        tokio::time::sleep(SHORT).await;
    }
    let over = r#"{"state":"succeeded","at":"2026-01-01T00:00:00Z"}"#;
    let done = r#"{"state":"done","since":"2026-01-01T00:00:00Z","at":"2026-01-01T00:00:00Z","detail":"3 tables"}"#;
    let both = [("runs", "id", over), ("run_steps", "run", done)];
    for (table, run, state) in both {
        let sql = format!("update {table} set state = '{state}'::jsonb where {run} = $1");
        sqlx::query(AssertSqlSafe(sql))
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let seen = look.await.unwrap().unwrap().unwrap();
    assert_eq!((seen.state, seen.steps), (RunState::Running, claimed.steps));
}

#[tokio::test]
async fn many_claimers_share_the_runs_and_no_two_get_the_same() {
    let store = store().await;
    for deployment in ["a", "b", "c"] {
        queued(&store, deployment).await;
    }
    let claims = (0..8).map(|_| store.run_claim("w", LEASE));
    let claims: Result<Vec<_>, _> = futures::future::join_all(claims).await.into_iter().collect();
    let mut runs: Vec<_> = claims
        .unwrap()
        .into_iter()
        .flatten()
        .map(|claimed| claimed.run)
        .collect();
    // Somebody who met a locked row may have gone away empty-handed; what is left is there for the next.
    while let Some(claimed) = store.run_claim("w", LEASE).await.unwrap() {
        runs.push(claimed.run);
    }
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 3);
}

#[tokio::test]
async fn a_run_whose_lease_ran_out_goes_to_the_next_with_a_higher_fence() {
    let store = store().await;
    let id = queued(&store, "demo").await;
    let first = store.run_claim("w1", SHORT).await.unwrap().unwrap();
    let at = now(&store).await;
    let running = StepState::Running { since: at };
    step(&store, &first, 0, &running).await.unwrap();
    tokio::time::sleep(SHORT * 2).await;
    let second = store.run_claim("w2", LEASE).await.unwrap().unwrap();
    assert_eq!(
        (second.run, second.fence, &second.steps[0].1),
        (id, first.fence + 1, &running)
    );

    let done = StepState::Done {
        since: at,
        at,
        detail: String::new(),
    };
    assert!(!store.run_renew(id, first.fence, LEASE).await.unwrap());
    assert!(lost(step(&store, &first, 0, &done).await));
    assert!(lost(finish(&store, &first, &RunState::Succeeded { at }).await));
    assert!(lost(store.run_log_append(id, first.fence, &[]).await));
    let run = store.run(id).await.unwrap().unwrap();
    assert_eq!(
        (&run.state, &run.steps[0].1, run.worker.as_deref()),
        (&RunState::Running, &running, Some("w2"))
    );
}

#[tokio::test]
async fn a_renewed_lease_is_kept() {
    let store = store().await;
    queued(&store, "demo").await;
    let claimed = store
        .run_claim("w1", Duration::from_millis(300))
        .await
        .unwrap()
        .unwrap();
    assert!(store.run_renew(claimed.run, claimed.fence, LEASE).await.unwrap());
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(store.run_claim("w2", LEASE).await.unwrap(), None);
}

#[tokio::test]
async fn a_claim_waits_for_no_write_under_way_and_comes_after_it() {
    let store = store().await;
    queued(&store, "demo").await;
    let first = store.run_claim("w1", SHORT).await.unwrap().unwrap();
    tokio::time::sleep(SHORT * 2).await;
    // The lease is over, but its holder is writing at this moment.
    let mut tx = store.begin().await.unwrap();
    let at = now(&store).await;
    let state = RunState::Failed {
        at,
        reason: "disk full".into(),
    };
    store::runs::finish(&mut tx, first.run, first.fence, &state)
        .await
        .unwrap();
    assert_eq!(store.run_claim("w2", LEASE).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(store.run_claim("w2", LEASE).await.unwrap(), None);
    assert_eq!(store.run(first.run).await.unwrap().unwrap().state, state);
}

#[tokio::test]
async fn a_run_that_is_over_is_never_written_again() {
    let store = store().await;
    queued(&store, "demo").await;
    let claimed = store.run_claim("w1", LEASE).await.unwrap().unwrap();
    let at = now(&store).await;
    let still_going = finish(&store, &claimed, &RunState::Running).await.unwrap_err();
    assert!(matches!(still_going, StoreError::Inconsistent { .. }), "{still_going}");
    finish(&store, &claimed, &RunState::Cancelled { at }).await.unwrap();
    assert!(lost(finish(&store, &claimed, &RunState::Succeeded { at }).await));
    assert!(lost(step(&store, &claimed, 0, &StepState::Waiting).await));
    assert!(!store.run_renew(claimed.run, claimed.fence, LEASE).await.unwrap());
}

#[tokio::test]
async fn a_deployment_has_one_active_run_and_a_request_one_run() {
    let store = store().await;
    let (first, second) = (requested(&store, "demo").await, requested(&store, "demo").await);
    let at = now(&store).await;
    let queue = async |request| {
        let mut tx = store.begin().await?;
        store::runs::insert(&mut tx, RunId(uuid()), request, &steps(), at).await?;
        Ok::<_, StoreError>(tx.commit().await?)
    };
    queue(&first).await.unwrap();
    let error = queue(&second).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict(name) if name == "runs_one_active_per_deployment"),
        "{error}"
    );

    let claimed = store.run_claim("w1", LEASE).await.unwrap().unwrap();
    finish(&store, &claimed, &RunState::NeedsHuman { at, seen: "?".into() })
        .await
        .unwrap();
    let error = queue(&first).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict(name) if name == "runs_once_per_request"),
        "{error}"
    );
    queue(&second).await.unwrap();
}

#[tokio::test]
async fn a_run_that_is_taken_when_queued_is_never_seen_waiting() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let run = RunId(uuid());
    let mut tx = store.begin().await.unwrap();
    store::runs::insert(&mut tx, run, &request, &steps(), request.created_at)
        .await
        .unwrap();
    let taken = store::runs::take(&mut tx, run, "web", LEASE).await.unwrap().unwrap();
    assert_eq!((taken.run, taken.request, taken.fence), (run, request.id, 1));
    assert_eq!(store::runs::take(&mut tx, run, "web", LEASE).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(store.run_claim("w1", LEASE).await.unwrap(), None);
}

#[tokio::test]
async fn a_wish_to_cancel_reaches_whoever_holds_the_run() {
    let store = store().await;
    let id = queued(&store, "demo").await;
    let cancel = async || {
        let mut tx = store.begin().await.unwrap();
        let asked = store::runs::cancel(&mut tx, id).await.unwrap();
        tx.commit().await.unwrap();
        asked
    };
    assert!(!store.run_cancel_wanted(id).await.unwrap());
    assert!(cancel().await);
    assert!(store.run_cancel_wanted(id).await.unwrap());
    let claimed = store.run_claim("w1", LEASE).await.unwrap().unwrap();
    assert!(claimed.cancel_wanted);
    assert!(cancel().await, "asking twice is asking");
    finish(&store, &claimed, &RunState::Cancelled { at: now(&store).await })
        .await
        .unwrap();
    assert!(!cancel().await, "it is over");
    assert!(!store.run_cancel_wanted(RunId(uuid())).await.unwrap());
}

#[tokio::test]
async fn only_runs_that_succeeded_tell_how_long_one_takes() {
    let store = store().await;
    for (succeeded, seconds) in [(true, 100.0), (false, 7.0), (true, 131.0)] {
        queued(&store, "demo").await;
        let claimed = store.run_claim("w1", LEASE).await.unwrap().unwrap();
        let at = now(&store).await;
        let failed = RunState::Failed {
            at,
            reason: "disk full".into(),
        };
        let state = if succeeded { RunState::Succeeded { at } } else { failed };
        finish(&store, &claimed, &state).await.unwrap();
        sqlx::query("update runs set started_at = finished_at - make_interval(secs => $1) where id = $2")
            .bind(seconds)
            .bind(claimed.run.0)
            .execute(store.pool())
            .await
            .unwrap();
    }
    let seconds = async |kind, limit| {
        let runs = store.runs_history("demo", kind, limit).await.unwrap();
        runs.into_iter().map(|(_, seconds)| seconds).collect::<Vec<_>>()
    };
    assert_eq!(seconds("restore-dump", 5).await, [131, 100]);
    assert_eq!(seconds("restore-dump", 1).await, [131]);
    assert_eq!(seconds("retrieve-key", 5).await, [0_u32; 0]);
}
