//! Restores for real: what was approved happens, once, and nothing else does.

mod evidence;
mod unmarked;

use std::sync::Arc;
use std::time::Duration;

use domain::approval::Refusal;
use domain::audit::Export;
use domain::ids::RunId;
use domain::role::{Actor, Role};
use domain::run::{RunState, StepState};
use futures::TryStreamExt as _;
use recovery::plans::{CREATE, RESTORE};
use recovery::{Error, runs};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use store::events::Events;
use store::runs::Run;
use testkit::installation::{Installation, NEWEST};
use testkit::issuer::Issuer;
use tokio_util::sync::CancellationToken;

use crate::site::{DUMP, Site};

/// Approves a restore into `database` and starts it.
pub async fn approved(site: &Site, database: &str) -> (i64, RunId) {
    let run = site.started(&site.restore_wish(database)).await;
    let seen = site.services.store.run(run).await.expect("reads").expect("is there");
    (seen.number, run)
}

/// Lets a worker go on until the run is over.
pub async fn worked(site: &Site, run: RunId) -> Run {
    let stop = CancellationToken::new();
    let events = Arc::new(Events::listen(&site.services.store));
    let worker = tokio::spawn(runs::work(site.services.clone(), events, stop.clone()));
    let over = tokio::time::timeout(Duration::from_secs(60), async {
        loop {
            let seen = site.services.store.run(run).await.expect("reads").expect("is there");
            if seen.state.is_over() {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let seen = over.await.expect("the run ends");
    stop.cancel();
    worker.await.expect("the worker stops");
    seen
}

async fn count(site: &Site, database: &str, table: &str) -> Result<i64, sqlx::Error> {
    let mut conn = site.live.options.clone().database(database).connect().await?;
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
        .fetch_one(&mut conn)
        .await
}

testkit::on_both!(an_approved_restore_makes_the_database_and_proves_it);

async fn an_approved_restore_makes_the_database_and_proves_it(on: Installation) {
    let site = Site::on(&on).await;
    let database = format!("{}_copy", site.live.name);
    let (number, run) = approved(&site, &database).await;
    let done = worked(&site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(count(&site, &database, "audit_events").await.expect("restored"), 500);
    let setting: String = {
        let mut conn = site
            .live
            .options
            .clone()
            .database(&database)
            .connect()
            .await
            .expect("connects");
        sqlx::query_scalar("SHOW statement_timeout")
            .fetch_one(&mut conn)
            .await
            .expect("shows")
    };
    assert_eq!(setting, "7min", "settings that pg_restore leaves out are replayed");
    let details: Vec<_> = done.steps.iter().map(|(_, state)| state.clone()).collect();
    assert!(format!("{details:?}").contains("opens 3 of 3 envelopes"), "{details:?}");
    let log = site.services.store.run_log(run, 0, 500).await.expect("reads");
    assert!(
        log.iter().any(|line| line.line.text.contains("audit_events")),
        "pg_restore's own words are kept"
    );

    gap_report(&site, number, run).await;
    let second = runs::start(&site.services, &site.person("a", Role::Operator), number)
        .await
        .expect_err("used up");
    assert!(
        matches!(second, Error::Refused(Refusal::NotApproved("consumed"))),
        "{second}"
    );
    let decisions = site.services.store.decisions(done.request).await.expect("reads");
    assert!(
        decisions.iter().all(|decided| decided.raw_id_token.is_none()),
        "tokens are not kept after use"
    );
    verify_audit(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_of_a_newer_postgresql_is_refused_by_an_older_server() {
    let mut site = Site::on(&Installation::of(NEWEST)).await;
    let older = Site::new().await;
    let admin = older.services.settings.deployments[0].restore.clone();
    site.configure(|settings| settings.deployments[0].restore = admin);
    let wish = site.restore_wish("ampora_copy");
    let refused = site.request(&site.person("a", Role::Operator), &wish).await;
    let Err(Error::Invalid(reasons)) = refused else {
        panic!("{refused:?}")
    };
    let words = reasons.join("\n");
    assert!(
        words.contains("The dump is of PostgreSQL 18.") && words.contains("of version 18 or later"),
        "{words}"
    );
}

async fn settle(site: &Site, number: i64, who: &Actor, line: usize, how: (bool, &str)) -> Result<(), Error> {
    runs::settle(&site.services, who, number, line, how).await
}

/// What the copy lacks is told, and each line of what comes back to life is settled once, by who may.
async fn gap_report(site: &Site, number: i64, run: RunId) {
    let read = async || {
        runs::report(&site.services, run)
            .await
            .expect("reads")
            .expect("there is one")
    };
    let (report, lines) = read().await;
    assert!(
        report.lost.is_some_and(|lost| lost.restore_point.is_some()),
        "the copy tells its own moment"
    );
    assert!(
        report.comparisons.iter().any(|one| one.what == "tenants"),
        "{:?}",
        report.comparisons
    );
    assert!(!report.revived.is_empty() && lines.is_empty(), "{:?}", report.revived);
    let viewer = site.person("v", Role::Viewer);
    let (operator, approver) = (site.person("a", Role::Operator), site.person("c", Role::Approver));
    assert!(settle(site, number, &viewer, 0, (false, "done")).await.is_err());
    assert!(
        settle(site, number, &approver, 0, (false, "done")).await.is_err(),
        "who approves doesn’t act"
    );
    assert!(
        settle(site, number, &operator, 0, (false, " ")).await.is_err(),
        "without a note nobody knows how"
    );
    settle(site, number, &operator, 0, (false, "revoked by hand"))
        .await
        .expect("may");
    assert!(
        settle(site, number, &operator, 0, (false, "again")).await.is_err(),
        "the first word stands"
    );
    settle(site, number, &approver, 1, (true, "no agent uses it"))
        .await
        .expect("may");
    assert!(
        settle(site, number, &operator, 99, (false, "x")).await.is_err(),
        "no such line"
    );
    let (_, lines) = read().await;
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.line, line.waived, line.note.as_str()))
        .collect();
    assert_eq!(told, [(0, false, "revoked by hand"), (1, true, "no agent uses it")]);
}

async fn verify_audit(site: &Site) {
    let store = &site.services.store;
    store
        .audit_sequence(&mut domain::audit::Tree::default())
        .await
        .expect("numbers");
    let lines: Vec<String> = recovery::audit::export(store)
        .await
        .expect("exports")
        .try_collect()
        .await
        .expect("reads");
    let file = lines.join("\n");
    let verified = Export::verify(file.lines()).expect("the log is whole");
    assert!(verified.size > 20, "{}", verified.size);
    let spoilt = file.replacen("\"index\":3", "\"index\":4", 1);
    assert!(Export::verify(spoilt.lines()).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_changed_after_the_approval_makes_it_stale() {
    let site = Site::new().await;
    let database = format!("{}_copy", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let path = site.dumps().join(DUMP);
    let mut bytes = std::fs::read(&path).expect("reads");
    bytes.extend_from_slice(b"\0");
    std::fs::write(&path, bytes).expect("writes");
    let seen = worked(&site, run).await;
    let RunState::Refused { reason, .. } = &seen.state else {
        panic!("{:?}", seen.state)
    };
    assert!(reason.contains("stale"), "{reason}");
    assert!(
        count(&site, &database, "tenants").await.is_err(),
        "no database was made"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_appeared_meanwhile_is_left_alone() {
    let site = Site::new().await;
    let database = format!("{}_copy", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let mut conn = site.live.connect().await;
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {database}")))
        .execute(&mut conn)
        .await
        .expect("creates");
    let seen = worked(&site, run).await;
    assert!(matches!(seen.state, RunState::Refused { .. }), "{:?}", seen.state);
    assert!(count(&site, &database, "pg_class").await.is_ok(), "it is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_its_worker_left_at_any_step_is_carried_on() {
    for left_at in 0..7 {
        let site = Site::new().await;
        let database = format!("{}_copy", site.live.name);
        let (_, run) = approved(&site, &database).await;
        abandon(&site, run, left_at).await;
        let seen = worked(&site, run).await;
        assert!(
            matches!(seen.state, RunState::Succeeded { .. }),
            "left at step {left_at}: {:?} {:?}",
            seen.state,
            seen.steps
        );
        assert_eq!(count(&site, &database, "audit_events").await.expect("restored"), 500);
        assert!(seen.fence >= 2, "it was claimed anew");
    }
}

/// Works until step `left_at` has begun, then dies without a word.
pub async fn abandon(site: &Site, run: RunId, left_at: usize) {
    let begun = async {
        let stop = CancellationToken::new();
        let events = Arc::new(Events::listen(&site.services.store));
        let worker = tokio::spawn(runs::work(site.services.clone(), events, stop));
        loop {
            let seen = site.services.store.run(run).await.expect("reads").expect("is there");
            if !matches!(seen.steps[left_at].1, StepState::Waiting) {
                break;
            }
            assert!(!seen.state.is_over(), "{:?} {:?}", seen.state, seen.steps);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        worker.abort();
        let _ = worker.await;
    };
    no_further(site, left_at, begun).await;
    rewind(site, run, left_at).await;
}

/// Brings a run back to where step `left_at` had begun and its worker was gone, whatever was done since.
pub async fn rewind(site: &Site, run: RunId, left_at: usize) {
    let mut conn = site.own.connect().await;
    // The step may have been done in the meantime: the next worker must find it begun, with whatever it left.
    let begun = r#"{"state":"running","since":"2026-01-01T00:00:00Z"}"#;
    let waiting = r#"{"state":"waiting"}"#;
    let steps = "UPDATE run_steps SET state = CASE WHEN ordinal = $2 THEN $3::jsonb ELSE $4::jsonb END WHERE run = $1 AND ordinal >= $2";
    let ordinal = i32::try_from(left_at).expect("few steps");
    sqlx::query(steps)
        .bind(run.0)
        .bind(ordinal)
        .bind(begun)
        .bind(waiting)
        .execute(&mut conn)
        .await
        .expect("rewinds");
    let lease = "UPDATE runs SET state = '{\"state\":\"running\"}', finished_at = NULL, lease_until = clock_timestamp() - interval '1 s' WHERE id = $1";
    sqlx::query(lease)
        .bind(run.0)
        .execute(&mut conn)
        .await
        .expect("the lease runs out");
}

/// Lets a worker go on until a step has begun, and never behind it: however late somebody looks, Muster's database takes neither the beginning
/// of a later one nor the run's success.
pub async fn no_further<T>(site: &Site, step: usize, worker: impl Future<Output = T>) -> T {
    let mut conn = site.own.connect().await;
    let bar = format!(
        "CREATE FUNCTION bar() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the database is gone'; END $$;
         CREATE TRIGGER bar BEFORE UPDATE ON runs FOR EACH ROW
             WHEN (NEW.state ->> 'state' = 'succeeded') EXECUTE FUNCTION bar();
         CREATE TRIGGER bar BEFORE UPDATE ON run_steps FOR EACH ROW
             WHEN (NEW.ordinal > {step} AND NEW.state ->> 'state' = 'running') EXECUTE FUNCTION bar();"
    );
    conn.execute(AssertSqlSafe(bar)).await.expect("our own database");
    let ended = worker.await;
    let undo = "DROP TRIGGER bar ON runs; DROP TRIGGER bar ON run_steps; DROP FUNCTION bar()";
    conn.execute(undo).await.expect("our own database");
    ended
}

/// Lets a worker go on until it comes to a step, whose beginning Muster's database doesn't take any more; there it dies.
pub async fn unbegun<T: std::fmt::Debug>(site: &Site, step: usize, worker: impl Future<Output = T>) {
    until_refused(site, step, "'running'", worker).await;
}

/// Lets a worker go on until a step is done, which Muster's database doesn't take any more; there it dies.
pub async fn unrecorded<T: std::fmt::Debug>(site: &Site, step: usize, worker: impl Future<Output = T>) {
    until_refused(site, step, "'done', 'failed'", worker).await;
}

/// Has Muster's database refuse to write down that a step is in one of these states, and drops the worker that tries to.
async fn until_refused<T: std::fmt::Debug>(site: &Site, step: usize, states: &str, worker: impl Future<Output = T>) {
    let mut conn = site.own.connect().await;
    let refuse = format!(
        "CREATE SEQUENCE refused;
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             PERFORM nextval('refused'); RAISE 'the database is gone'; END $$;
         CREATE TRIGGER refuse BEFORE UPDATE ON run_steps FOR EACH ROW
             WHEN (NEW.ordinal = {step} AND NEW.state ->> 'state' IN ({states})) EXECUTE FUNCTION refuse();"
    );
    conn.execute(AssertSqlSafe(refuse)).await.expect("our own database");
    let refused = async {
        let asked = "SELECT is_called FROM refused";
        while !sqlx::query_scalar::<_, bool>(asked)
            .fetch_one(&mut conn)
            .await
            .expect("reads")
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        seen = worker => panic!("step {step} was never {states}: {seen:?}"),
        () = refused => {}
    }
    let undo = "DROP TRIGGER refuse ON run_steps; DROP FUNCTION refuse(); DROP SEQUENCE refused";
    conn.execute(undo).await.expect("our own database");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_says_so_and_makes_nothing_more() {
    let site = Site::new().await;
    let database = format!("{}_copy", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let error = runs::cancel(&site.services, &site.person("v", Role::Viewer), run)
        .await
        .expect_err("a viewer may not");
    assert!(matches!(error, Error::Forbidden(_)), "{error}");
    runs::cancel(&site.services, &site.person("b", Role::Operator), run)
        .await
        .expect("asks");
    let seen = worked(&site, run).await;
    assert!(matches!(seen.state, RunState::Cancelled { .. }), "{:?}", seen.state);
    assert!(
        count(&site, &database, "tenants").await.is_err(),
        "no database was made"
    );
}
