//! Runs: the queue of approved plans and the record of what became of them. A worker holds a run by a lease; each claim raises the
//! fence, and whoever comes with an older one writes nothing.

use std::collections::BTreeMap;

use domain::approval::Request;
use domain::ids::{RequestId, RunId};
use domain::plan::Step;
use domain::run::{RunState, StepState};
use domain::time::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::events::{notify, notify_work};
use crate::row::{json, one, parse};
use crate::{PgConnection, Result, Store};

mod confirmation;
mod lease;
mod log;
mod progress;
mod promotion;
mod report;

pub use confirmation::{Confirmation, confirm, confirmation_drop};
pub use lease::{Claimed, take};
pub use log::{LOG_LIMIT, LogLine, LogStream, StoredLine};
pub use progress::{cancel, finish, go_on, pause, step_save};
pub use promotion::promotion_save;
pub use report::{ReportLine, report_line_settle, report_save};

/// Begins a look at several tables that no write comes between.
const SNAPSHOT: &str = "begin isolation level repeatable read, read only";

/// A run as pages show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    pub id: RunId,
    pub request: RequestId,
    /// Number of the request.
    pub number: i64,
    pub deployment: String,
    /// Of the plan: `restore-dump`, `retrieve-key`.
    pub kind: String,
    pub state: RunState,
    pub steps: Vec<(Step, StepState)>,
    /// Grows with each claim.
    pub fence: i64,
    /// Who holds or held it.
    pub worker: Option<String>,
    pub lease_until: Option<Timestamp>,
    pub cancel_wanted: bool,
    pub created_at: Timestamp,
    /// First claimed.
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
}

/// Queues the run of a request, with its steps waiting, and wakes the workers.
///
/// # Errors
/// [`crate::StoreError::Conflict`] `runs_one_active_per_deployment` or `runs_once_per_request`.
pub async fn insert(
    conn: &mut PgConnection,
    run: RunId,
    request: &Request,
    steps: &[Step],
    at: Timestamp,
) -> Result<()> {
    let inserted = sqlx::query!(
        "insert into runs (id, request, deployment, kind, state, created_at)
         select $1, id, deployment, kind, $3, $4 from requests where id = $2",
        run.0,
        request.id.0,
        json(&RunState::Queued),
        at,
    )
    .execute(&mut *conn)
    .await?;
    one(&inserted, "queueing a run")?;
    let steps: Vec<_> = steps.iter().map(json).collect();
    sqlx::query!(
        "insert into run_steps (run, ordinal, step, state)
         select $1, ordinal - 1, step, $3 from unnest($2::jsonb[]) with ordinality as steps (step, ordinal)",
        run.0,
        &steps,
        json(&StepState::Waiting),
    )
    .execute(&mut *conn)
    .await?;
    notify_work(conn).await?;
    notify(conn, &topic(run)).await
}

fn topic(run: RunId) -> String {
    format!("run:{run}")
}

/// The steps of a run in their order.
async fn steps(conn: &mut PgConnection, run: RunId) -> Result<Vec<(Step, StepState)>> {
    Ok(steps_by_run(conn, &[run.0]).await?.remove(&run.0).unwrap_or_default())
}

/// The same of several runs, by their ids.
async fn steps_by_run(conn: &mut PgConnection, runs: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<(Step, StepState)>>> {
    let rows = sqlx::query!(
        "select run, step, state from run_steps where run = any($1) order by run, ordinal",
        runs
    )
    .fetch_all(conn)
    .await?;
    let mut steps: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        let step = (
            parse(row.step, "run_steps", row.run)?,
            parse(row.state, "run_steps", row.run)?,
        );
        steps.entry(row.run).or_default().push(step);
    }
    Ok(steps)
}

impl Store {
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run(&self, run: RunId) -> Result<Option<Run>> {
        Ok(self.runs(&[run]).await?.pop())
    }

    /// These runs, in no particular order. Those that aren't there are left out. A run and its steps are of the same moment.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn runs(&self, runs: &[RunId]) -> Result<Vec<Run>> {
        let ids: Vec<_> = runs.iter().map(|run| run.0).collect();
        let mut tx = self.pool.begin_with(SNAPSHOT).await?;
        let rows = sqlx::query!(
            "select runs.*, requests.number from runs join requests on requests.id = runs.request where runs.id = any($1)",
            &ids,
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut steps = steps_by_run(&mut tx, &ids).await?;
        tx.commit().await?;
        let runs = rows.into_iter().map(|row| {
            Ok(Run {
                id: RunId(row.id),
                request: RequestId(row.request),
                number: row.number,
                deployment: row.deployment,
                kind: row.kind,
                state: state(row.state, row.id)?,
                steps: steps.remove(&row.id).unwrap_or_default(),
                fence: row.fence,
                worker: row.worker,
                lease_until: row.lease_until,
                cancel_wanted: row.cancel_wanted_at.is_some(),
                created_at: row.created_at,
                started_at: row.started_at,
                finished_at: row.finished_at,
            })
        });
        runs.collect()
    }

    /// The run that used this request's approval up.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_of_request(&self, request: RequestId) -> Result<Option<Run>> {
        let id = sqlx::query_scalar!("select id from runs where request = $1", request.0)
            .fetch_optional(&self.pool)
            .await?;
        match id {
            Some(id) => self.run(RunId(id)).await,
            None => Ok(None),
        }
    }

    /// A deployment's latest succeeded runs of this kind, newest first: how long each of their steps took.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn runs_succeeded(&self, deployment: &str, kind: &str, limit: i64) -> Result<Vec<Run>> {
        let ids = sqlx::query_scalar!(
            "select id from runs where deployment = $1 and kind = $2 and word = 'succeeded' and started_at is not null
             order by finished_at desc limit $3",
            deployment,
            kind,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let ids: Vec<_> = ids.into_iter().map(RunId).collect();
        let mut runs = self.runs(&ids).await?;
        runs.sort_by_key(|run| std::cmp::Reverse(run.finished_at));
        Ok(runs)
    }

    /// When a deployment's latest succeeded runs of this kind ended, and how many seconds each took from its first claim, newest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn runs_history(&self, deployment: &str, kind: &str, limit: i64) -> Result<Vec<(Timestamp, u32)>> {
        let runs = sqlx::query!(
            r#"select finished_at as "finished_at!", extract(epoch from finished_at - started_at)::bigint as "seconds!"
               from runs
               where deployment = $1 and kind = $2 and word = 'succeeded' and started_at is not null
               order by finished_at desc limit $3"#,
            deployment,
            kind,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let run = |at, seconds| Some((at, u32::try_from(seconds).ok()?));
        Ok(runs
            .into_iter()
            .filter_map(|row| run(row.finished_at, row.seconds))
            .collect())
    }
}

fn state(value: Value, run: Uuid) -> Result<RunState> {
    parse(value, "runs", run)
}
