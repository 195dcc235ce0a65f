//! Claiming and keeping a run. All deadlines run by the database's clock, so that workers need not agree on the time.

use std::time::Duration;

use domain::ids::{RequestId, RunId};
use domain::plan::Step;
use domain::run::{RunState, StepState};
use domain::time::Timestamp;
use uuid::Uuid;

use super::{steps, topic};
use crate::events::notify;
use crate::row::json;
use crate::{PgConnection, Result, Store, StoreError};

/// A run in the hands of a worker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    pub run: RunId,
    pub request: RequestId,
    /// To be shown with every write.
    pub fence: i64,
    /// As the worker before left them, if there was one.
    pub steps: Vec<(Step, StepState)>,
    /// Must be renewed well before.
    pub lease_until: Timestamp,
    pub cancel_wanted: bool,
}

struct Row {
    id: Uuid,
    request: Uuid,
    fence: i64,
    lease_until: Timestamp,
    cancel_wanted: bool,
}

impl Row {
    async fn into_claimed(self, conn: &mut PgConnection) -> Result<Claimed> {
        let run = RunId(self.id);
        notify(conn, &topic(run)).await?;
        Ok(Claimed {
            run,
            request: RequestId(self.request),
            fence: self.fence,
            steps: steps(conn, run).await?,
            lease_until: self.lease_until,
            cancel_wanted: self.cancel_wanted,
        })
    }
}

/// Claims this run in the transaction that queues it, so that no other worker ever sees it waiting: for what must be executed by the
/// process that answers the requester. `None`: somebody holds it.
///
/// # Errors
/// If the database doesn't take it.
pub async fn take(conn: &mut PgConnection, run: RunId, worker: &str, lease: Duration) -> Result<Option<Claimed>> {
    let row = sqlx::query_as!(
        Row,
        r#"update runs set
               state = $4, fence = fence + 1, worker = $2, started_at = coalesce(started_at, clock_timestamp()),
               lease_until = clock_timestamp() + make_interval(secs => $3)
           where id = $1 and word = 'queued'
           returning id, request, fence, lease_until as "lease_until!", cancel_wanted_at is not null as "cancel_wanted!""#,
        run.0,
        worker,
        lease.as_secs_f64(),
        json(&RunState::Running),
    )
    .fetch_optional(&mut *conn)
    .await?;
    match row {
        Some(row) => Ok(Some(row.into_claimed(conn).await?)),
        None => Ok(None),
    }
}

/// Locks the run for the rest of the transaction if `fence` still holds it, so that no claim can come between check and write.
pub(super) async fn hold(conn: &mut PgConnection, run: RunId, fence: i64) -> Result<()> {
    let held = sqlx::query_scalar!(
        "select fence from runs where id = $1 and fence = $2 and word = 'running' for update",
        run.0,
        fence,
    )
    .fetch_optional(conn)
    .await?;
    held.map(|_| ()).ok_or(StoreError::LeaseLost(run))
}

impl Store {
    /// Claims the run that has waited longest: one that is queued, or whose worker let its lease run out. `None`: nothing to do.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_claim(&self, worker: &str, lease: Duration) -> Result<Option<Claimed>> {
        let mut tx = self.begin().await?;
        let row = sqlx::query_as!(
            Row,
            r#"with next as (
                 select id from runs
                 where word = 'queued' or (word = 'running' and lease_until < clock_timestamp())
                 order by created_at, id limit 1 for update skip locked)
               update runs set
                   state = $3, fence = fence + 1, worker = $1, started_at = coalesce(started_at, clock_timestamp()),
                   lease_until = clock_timestamp() + make_interval(secs => $2)
               from next where runs.id = next.id
               returning runs.id, request, fence, lease_until as "lease_until!", cancel_wanted_at is not null as "cancel_wanted!""#,
            worker,
            lease.as_secs_f64(),
            json(&RunState::Running),
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let claimed = row.into_claimed(&mut tx).await?;
        tx.commit().await?;
        Ok(Some(claimed))
    }

    /// Extends the lease from now. `false`: the run is in other hands or over, and its worker must stop.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_renew(&self, run: RunId, fence: i64, lease: Duration) -> Result<bool> {
        let result = sqlx::query!(
            "update runs set lease_until = clock_timestamp() + make_interval(secs => $3)
             where id = $1 and fence = $2 and word = 'running'",
            run.0,
            fence,
            lease.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected() == 1)
    }
}
