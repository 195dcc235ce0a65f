//! Single values of the restored Ampora.

use domain::time::Timestamp;
use domain::wal::Lsn;
use sqlx::AssertSqlSafe;

use super::super::Copy;
use super::{Lookup, table};
use crate::ampora::Column;
use crate::postgres::quote;

impl Copy {
    /// The largest value of a column that holds times, such as a heartbeat's.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn newest(&self, database: &str, column: &Column) -> Result<Option<Timestamp>, Lookup> {
        let sql = format!("SELECT max({}) FROM {}", quote(&column.column), table(&column.table));
        Ok(sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&self.pool(database).await)
            .await?)
    }

    /// The newest applied migration.
    ///
    /// # Errors
    /// If the list can't be read.
    pub async fn migration_head(&self, database: &str, migrations: &Column) -> Result<Option<String>, Lookup> {
        let sql = format!(
            "SELECT max({}) FROM {}",
            quote(&migrations.column),
            table(&migrations.table)
        );
        Ok(sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&self.pool(database).await)
            .await?)
    }

    /// How far recovery came. `None`: there was none.
    ///
    /// # Errors
    /// If the server can't be asked.
    pub async fn replayed(&self) -> Result<Option<Lsn>, Lookup> {
        let sql = "SELECT pg_last_wal_replay_lsn()::text";
        let lsn: Option<String> = sqlx::query_scalar(sql).fetch_one(&self.home().await).await?;
        lsn.map(|lsn| {
            lsn.parse()
                .map_err(|_| Lookup::Failed(format!("the server answered {lsn}, which is no position")))
        })
        .transpose()
    }

    /// The server's version, and the locales of databases whose sort order is another here than where they were made.
    ///
    /// # Errors
    /// If the server can't be asked.
    pub async fn version(&self) -> Result<(String, Vec<String>), Lookup> {
        let pool = self.home().await;
        let version = sqlx::query_scalar("SELECT current_setting('server_version')")
            .fetch_one(&pool)
            .await?;
        let major: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::int / 10000")
            .fetch_one(&pool)
            .await?;
        if major < 15 {
            return Ok((version, Vec::new()));
        }
        let sql = "SELECT datname || ' (' || coalesce(datcollversion, '') || ', here ' || pg_database_collation_actual_version(oid) || ')'
                   FROM pg_database WHERE datallowconn AND datcollversion <> pg_database_collation_actual_version(oid)";
        let other = sqlx::query_scalar(sql).fetch_all(&pool).await?;
        Ok((version, other))
    }
}
