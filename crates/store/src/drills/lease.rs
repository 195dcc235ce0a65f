//! Claiming and keeping a drill. Not more run at a time than the site allows, and none beside a restore of the same deployment.

use std::time::Duration;

use domain::drill::Drill;
use domain::ids::DrillId;
use uuid::Uuid;

use super::{DrillState, topic};
use crate::events::{notify, notify_work};
use crate::row::{json_clean, one, parse};
use crate::{LOCK_CLASS, Lock, PgConnection, Result, Store, StoreError};

/// A drill in the hands of a worker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClaimedDrill {
    pub drill: Drill,
    /// To be shown with every write.
    pub fence: i64,
    /// Its worker was lost: there is nothing to be done but to close it.
    pub abandoned: bool,
    pub cancel_wanted: bool,
}

/// Writes down how far it came.
///
/// # Errors
/// [`StoreError::DrillLost`] if `fence` isn't the drill's.
pub async fn drill_save(conn: &mut PgConnection, fence: i64, drill: &Drill) -> Result<()> {
    let result = sqlx::query!(
        "update drills set record = $3 where id = $1 and fence = $2 and state = 'running'",
        drill.id.0,
        fence,
        json_clean(drill),
    )
    .execute(&mut *conn)
    .await?;
    held(&result, drill.id)?;
    notify(conn, &topic(drill.id)).await
}

/// Closes a drill, with its receipt where there is one.
///
/// # Errors
/// [`StoreError::DrillLost`] if `fence` isn't the drill's.
pub async fn drill_finish(
    conn: &mut PgConnection,
    fence: i64,
    drill: &Drill,
    state: DrillState,
    receipt: Option<&str>,
) -> Result<()> {
    let result = sqlx::query!(
        "update drills set record = $3, state = $4, receipt = $5, lease_until = null, finished_at = $6
         where id = $1 and fence = $2 and state = 'running'",
        drill.id.0,
        fence,
        json_clean(drill),
        state.word(),
        receipt,
        drill.finished_at,
    )
    .execute(&mut *conn)
    .await?;
    held(&result, drill.id)?;
    // Another one may have waited for its place.
    notify_work(conn).await?;
    notify(conn, &topic(drill.id)).await?;
    notify(conn, "drills").await
}

fn held(result: &sqlx::postgres::PgQueryResult, drill: DrillId) -> Result<()> {
    match result.rows_affected() {
        0 => Err(StoreError::DrillLost(drill)),
        _ => one(result, "writing a drill"),
    }
}

struct Row {
    id: Uuid,
    record: serde_json::Value,
    fence: i64,
    abandoned: bool,
    cancel_wanted: bool,
}

impl Store {
    /// Claims the drill that has waited longest, or `only` this one, unless `limit` of them run already or a restore of its deployment is
    /// under way. One whose worker let its lease run out comes first, to be closed. `None`: nothing to do.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_claim(
        &self,
        worker: &str,
        lease: Duration,
        limit: u32,
        only: Option<DrillId>,
    ) -> Result<Option<ClaimedDrill>> {
        let mut tx = self.begin().await?;
        // Two workers that count at the same time would both find a place.
        sqlx::query!("select pg_advisory_xact_lock($1, $2)", LOCK_CLASS, Lock::Drills as i32)
            .execute(&mut *tx)
            .await?;
        let row = sqlx::query_as!(
            Row,
            r#"with next as (
                 select id, state = 'running' as abandoned from drills
                 where ($4::uuid is null or id = $4)
                   and ((state = 'running' and lease_until < clock_timestamp())
                     or (state = 'queued'
                       and (select count(*) from drills busy where busy.state = 'running' and busy.lease_until >= clock_timestamp()) < $3
                       and not exists (select from runs where runs.deployment = drills.deployment and runs.word in ('queued', 'running', 'paused'))
                       and not exists (select from drills busy
                                       where busy.deployment = drills.deployment and busy.state = 'running'
                                         and busy.lease_until >= clock_timestamp())))
                 order by state = 'running' desc, queued_at, id limit 1 for update skip locked)
               update drills set state = 'running', fence = fence + 1, worker = $1,
                                 lease_until = clock_timestamp() + make_interval(secs => $2)
               from next where drills.id = next.id
               returning drills.id, record, fence, next.abandoned as "abandoned!", cancel_wanted_at is not null as "cancel_wanted!""#,
            worker,
            lease.as_secs_f64(),
            i64::from(limit),
            only.map(|drill| drill.0),
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        notify(&mut tx, &topic(DrillId(row.id))).await?;
        tx.commit().await?;
        Ok(Some(ClaimedDrill {
            drill: parse(row.record, "drills", row.id)?,
            fence: row.fence,
            abandoned: row.abandoned,
            cancel_wanted: row.cancel_wanted,
        }))
    }

    /// Extends the lease from now, and tells whether somebody wants the drill to be stopped. `None`: it is in other hands, and its worker
    /// must stop.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_renew(&self, drill: DrillId, fence: i64, lease: Duration) -> Result<Option<bool>> {
        let wanted = sqlx::query_scalar!(
            r#"update drills set lease_until = clock_timestamp() + make_interval(secs => $3)
               where id = $1 and fence = $2 and state = 'running'
               returning cancel_wanted_at is not null as "wanted!""#,
            drill.0,
            fence,
            lease.as_secs_f64(),
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(wanted)
    }

    /// Drills that hold a place now.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drills_running(&self) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from drills where state = 'running' and lease_until >= clock_timestamp()"#
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Whether a run of this deployment waits or is under way.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn restores_underway(&self, deployment: &str) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from runs where deployment = $1 and word in ('queued', 'running', 'paused')) as "underway!""#,
            deployment,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}
