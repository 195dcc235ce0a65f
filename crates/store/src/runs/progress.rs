//! What a worker writes down as it goes, and what others ask of it.

use domain::ids::RunId;
use domain::run::{RunState, StepState};

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

/// Asks for a run to be cancelled; its worker does it at the next safe place. `false`: it is over already.
///
/// # Errors
/// If the database doesn't take it.
pub async fn cancel(conn: &mut PgConnection, run: RunId) -> Result<bool> {
    let result = sqlx::query!(
        "update runs set cancel_wanted_at = coalesce(cancel_wanted_at, clock_timestamp())
         where id = $1 and word in ('queued', 'running')",
        run.0,
    )
    .execute(&mut *conn)
    .await?;
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
