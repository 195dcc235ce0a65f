//! How far each schedule was followed, so that of several workers one queues a drill, and of several missed times one is made up for.

use domain::time::Timestamp;

use crate::{PgConnection, Result, Store};

impl Store {
    /// Until when a deployment's schedule was followed. One that is new begins at `now`: nothing was missed before it was written.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn drill_schedule(&self, deployment: &str, now: Timestamp) -> Result<Timestamp> {
        Ok(sqlx::query_scalar!(
            "insert into drill_schedules (deployment, seen_until) values ($1, $2)
             on conflict (deployment) do update set deployment = excluded.deployment
             returning seen_until",
            deployment,
            now,
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

/// Moves a schedule on, if nobody else has since `from` was read. `false`: somebody has.
///
/// # Errors
/// If the database doesn't take it.
pub async fn drill_schedule_move(
    conn: &mut PgConnection,
    deployment: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<bool> {
    let result = sqlx::query!(
        "update drill_schedules set seen_until = $3 where deployment = $1 and seen_until = $2",
        deployment,
        from,
        to,
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}
