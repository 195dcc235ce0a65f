//! What a worker writes down as it goes, and what others ask of it.

use domain::ids::{RequestId, RunId};
use domain::run::{RunState, StepState};
use domain::time::Timestamp;

use super::{lease::hold, topic};
use crate::events::{notify, notify_work};
use crate::row::{inconsistent, json, one};
use crate::{PgConnection, Result, Store};

/// Writes down how far a step came. `ordinal` counts from 0.
///
/// # Errors
/// [`crate::StoreError::LeaseLost`] if `fence` isn't the run's.
pub async fn step_save(
    conn: &mut PgConnection,
    run: RunId,
    fence: i64,
    ordinal: usize,
    state: &StepState,
) -> Result<()> {
    hold(conn, run, fence).await?;
    let result = sqlx::query!(
        "update run_steps set state = $3 where run = $1 and ordinal = $2",
        run.0,
        i32::try_from(ordinal).map_err(|error| inconsistent("run_steps", run, error))?,
        json(state),
    )
    .execute(&mut *conn)
    .await?;
    one(&result, "saving a step")?;
    notify(conn, &topic(run)).await
}

/// Closes a run.
///
/// # Errors
/// [`crate::StoreError::LeaseLost`] if `fence` isn't the run's.
pub async fn finish(conn: &mut PgConnection, run: RunId, fence: i64, state: &RunState) -> Result<()> {
    if !state.is_over() {
        return Err(inconsistent("runs", run, "a run can’t be closed as going on"));
    }
    hold(conn, run, fence).await?;
    let result = sqlx::query!(
        "update runs set state = $2, lease_until = null, finished_at = clock_timestamp() where id = $1",
        run.0,
        json(state),
    )
    .execute(&mut *conn)
    .await?;
    one(&result, "closing a run")?;
    // The next run of the deployment may have waited for this one.
    notify_work(conn).await?;
    notify(conn, &topic(run)).await
}

/// Lets a run wait for a person's decision: no worker claims it until [`go_on`].
///
/// # Errors
/// [`crate::StoreError::LeaseLost`] if `fence` isn't the run's.
pub async fn pause(conn: &mut PgConnection, run: RunId, fence: i64, since: Timestamp, seen: &str) -> Result<()> {
    hold(conn, run, fence).await?;
    let state = RunState::Paused {
        since,
        seen: seen.to_owned(),
    };
    let result = sqlx::query!(
        "update runs set state = $2, lease_until = null where id = $1",
        run.0,
        json(&state)
    )
    .execute(&mut *conn)
    .await?;
    one(&result, "pausing a run")?;
    notify(conn, &topic(run)).await
}

/// Puts a paused run back into the queue. `false`: it isn't paused.
///
/// # Errors
/// If the database doesn't take it.
pub async fn go_on(conn: &mut PgConnection, request: RequestId) -> Result<bool> {
    let run = sqlx::query_scalar!(
        "update runs set state = $2 where request = $1 and word = 'paused' returning id",
        request.0,
        json(&RunState::Queued),
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(run) = run else { return Ok(false) };
    notify_work(conn).await?;
    notify(conn, &topic(RunId(run))).await?;
    Ok(true)
}

/// Asks for a run to be cancelled; its worker does it at the next safe place. `false`: it is over already.
///
/// # Errors
/// If the database doesn't take it.
pub async fn cancel(conn: &mut PgConnection, run: RunId) -> Result<bool> {
    let result = sqlx::query!(
        "update runs set
             cancel_wanted_at = coalesce(cancel_wanted_at, clock_timestamp()),
             state = case when word = 'paused' then $2 else state end
         where id = $1 and word in ('queued', 'running', 'paused')",
        run.0,
        json(&RunState::Queued),
    )
    .execute(&mut *conn)
    .await?;
    // One that was paused has no worker that could see it.
    notify_work(conn).await?;
    notify(conn, &topic(run)).await?;
    Ok(result.rows_affected() == 1)
}

impl Store {
    /// Whether somebody asked for this run to be cancelled.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_cancel_wanted(&self, run: RunId) -> Result<bool> {
        let wanted = sqlx::query_scalar!(
            r#"select cancel_wanted_at is not null as "wanted!" from runs where id = $1"#,
            run.0,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(wanted.unwrap_or(false))
    }
}
