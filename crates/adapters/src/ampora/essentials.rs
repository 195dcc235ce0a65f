//! What a database must hold before Ampora may start on it. On an empty one Ampora would make a new certificate authority that no agent
//! knows, and the first person to sign in would be its administrator.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row as _};

use super::vitals::begin;
use super::{AmporaDb, AmporaError};
use crate::postgres::{quote, relation};

/// Exact counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Essentials {
    pub tenants: u64,
    pub authorities: u64,
    /// The newest applied migration.
    pub migration_head: Option<String>,
    pub newest_event: Option<DateTime<Utc>>,
}

impl AmporaDb {
    /// Reads them in one read-only transaction.
    ///
    /// # Errors
    /// If any of it can't be read.
    pub async fn essentials(&self) -> Result<Essentials, AmporaError> {
        let mut tx = self.pool.begin().await?;
        begin(&mut tx).await?;
        let schema = &self.schema;
        let (migration, at) = (quote(&schema.migrations.column), quote(&schema.audit.at));
        let sql = format!(
            "SELECT (SELECT count(*) FROM {tenants}) AS tenants, (SELECT count(*) FROM {authorities}) AS authorities,
                    (SELECT max({migration})::text FROM {migrations}) AS head, (SELECT max({at})::timestamptz FROM {audit}) AS newest",
            tenants = relation(&schema.tenants),
            authorities = relation(&schema.authorities.table),
            migrations = relation(&schema.migrations.table),
            audit = relation(&schema.audit.table),
        );
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut *tx).await?;
        tx.rollback().await?;
        let (tenants, authorities): (i64, i64) = (row.try_get("tenants")?, row.try_get("authorities")?);
        Ok(Essentials {
            tenants: tenants.unsigned_abs(),
            authorities: authorities.unsigned_abs(),
            migration_head: row.try_get("head")?,
            newest_event: row.try_get("newest")?,
        })
    }
}
