//! Whether agents are back: the one proof that the authority and the key of a restored Ampora are the ones they know.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row as _};

use super::vitals::begin;
use super::{AmporaDb, AmporaError};
use crate::postgres::{quote, relation};

/// Agents that reported after a moment, of all that are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heard {
    pub since: u64,
    pub known: u64,
}

impl AmporaDb {
    /// # Errors
    /// If it can't be read, as where no column tells when an agent was last seen.
    pub async fn agents_heard(&self, since: DateTime<Utc>) -> Result<Heard, AmporaError> {
        let mut tx = self.pool.begin().await?;
        begin(&mut tx).await?;
        let agents = &self.schema.agents;
        let sql = format!(
            "SELECT count(*) FILTER (WHERE {seen}::timestamptz > $1) AS since, count(*) AS known FROM {table}",
            seen = quote(&agents.last_seen),
            table = relation(&agents.table),
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(since).fetch_one(&mut *tx).await?;
        tx.rollback().await?;
        let (since, known): (i64, i64) = (row.try_get("since")?, row.try_get("known")?);
        Ok(Heard {
            since: since.unsigned_abs(),
            known: known.unsigned_abs(),
        })
    }
}
