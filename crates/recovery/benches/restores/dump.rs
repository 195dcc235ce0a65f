//! A dump restored into a new database, by a run of Muster and by `pg_restore` alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::plan::Step;
use domain::run::{RunState, StepState};
use recovery::runs;
use sqlx::{AssertSqlSafe, Executor as _};
use store::events::Events;
use testkit::installation::Installation;
use tokio_util::sync::CancellationToken;

use crate::site::{DUMP, Site};
use crate::{Beside, bulk, say};

/// The step in which `pg_restore` runs.
const RESTORE: &str = "restore";

/// Both in turn.
pub async fn beside(megabytes: u64, rounds: usize) -> Beside {
    say("making a database and a dump of it");
    let live = testkit::postgres::database().await;
    for statements in bulk(megabytes) {
        let made = live
            .connect()
            .await
            .execute(sqlx::raw_sql(AssertSqlSafe(statements)))
            .await;
        made.expect("makes a table");
    }
    let site = Site::over(live, |deployment| deployment).await;
    let (mut bare, mut muster) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        say(&format!("dump, round {}", round + 1));
        let name = format!("by_muster_{round}");
        let (seconds, step) = by_muster(&site, &name).await;
        muster.push(seconds);
        drop_database(&site, &name).await;
        bare.push(alone(&site, &step, round).await);
    }
    Beside {
        what: "pg_restore of a dump into a new database",
        megabytes,
        bare,
        muster,
    }
}

/// Seconds of the step, and the step with its arguments.
async fn by_muster(site: &Site, database: &str) -> (f64, Step) {
    settle(site).await;
    let run = site.started(&site.restore_wish(database)).await;
    let stop = CancellationToken::new();
    let events = Arc::new(Events::listen(&site.services.store));
    let worker = tokio::spawn(runs::work(site.services.clone(), events, stop.clone()));
    let done = loop {
        let seen = site.services.store.run(run).await.expect("reads").expect("is there");
        if seen.state.is_over() {
            break seen;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    stop.cancel();
    worker.await.expect("ends");
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{:?}", done.state);
    let mut steps = done.steps.into_iter();
    let (step, state) = steps.find(|(step, _)| step.name == RESTORE).expect("it restored");
    let StepState::Done { since, at, .. } = state else {
        panic!("{state:?}")
    };
    ((at - since).as_seconds_f64(), step)
}

/// Seconds of the bare tool with the arguments that the plan had, but for the names.
async fn alone(site: &Site, step: &Step, round: usize) -> f64 {
    let database = format!("bare_{round}");
    sql(
        site,
        &format!("CREATE DATABASE {database} TEMPLATE template0 OWNER ampora LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"),
    )
    .await;
    settle(site).await;
    let [_, arguments @ .., _] = step.argv.as_slice() else {
        panic!("{:?}", step.argv)
    };
    let arguments = arguments.iter().filter(|argument| !argument.starts_with("--dbname="));
    let call = Installation::packaged()
        .tool("pg_restore")
        .invoke(arguments.map(String::as_str));
    let call = call.arg(format!("--dbname={database}")).arg(site.dumps().join(DUMP));
    let begun = Instant::now();
    call.output().await.expect("restores");
    let seconds = begun.elapsed().as_secs_f64();
    drop_database(site, &database).await;
    seconds
}

/// What the one before left to write isn't of this one.
async fn settle(site: &Site) {
    sql(site, "CHECKPOINT").await;
}

async fn drop_database(site: &Site, name: &str) {
    sql(site, &format!("DROP DATABASE {name}")).await;
}

async fn sql(site: &Site, statement: &str) {
    let done = sqlx::query(AssertSqlSafe(statement.to_owned()))
        .execute(&mut site.live.connect().await)
        .await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}
