//! Where the recovery of a cluster that was set back ended.

use domain::ids::RunId;
use domain::set_back::Promotion;

use super::{lease::hold, topic};
use crate::events::notify;
use crate::row::{json, parse};
use crate::{PgConnection, Result, Store};

/// Keeps it. A server that was set back is promoted once, so the first word stands.
///
/// # Errors
/// [`crate::StoreError::LeaseLost`] if `fence` isn't the run's.
pub async fn promotion_save(conn: &mut PgConnection, run: RunId, fence: i64, promotion: &Promotion) -> Result<()> {
    hold(conn, run, fence).await?;
    sqlx::query!(
        "insert into run_promotions (run, promotion) values ($1, $2) on conflict (run) do nothing",
        run.0,
        json(promotion),
    )
    .execute(&mut *conn)
    .await?;
    notify(conn, &topic(run)).await
}

impl Store {
    /// Where the recovery of a run ended. `None`: it promoted nothing, or an earlier version of Muster did not ask.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_promotion(&self, run: RunId) -> Result<Option<Promotion>> {
        let promotion = sqlx::query_scalar!("select promotion from run_promotions where run = $1", run.0)
            .fetch_optional(&self.pool)
            .await?;
        promotion.map(|one| parse(one, "run_promotions", run)).transpose()
    }
}
