//! Vital signs: one short read-only transaction, so that all figures are of one moment.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::ids::{Big, SystemIdentifier};
use domain::vitals::{ArchiveState, Vitals};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::{AmporaDb, AmporaError, authority};
use crate::postgres::{quote, relation};

/// Tables with more rows than this by the planner's estimate aren't counted on every reading.
const COUNTED: f32 = 200_000.0;

impl AmporaDb {
    /// Reads them.
    ///
    /// # Errors
    /// If the database can't be reached, hides rows, or lacks a table that the schema names.
    pub async fn vitals(&self) -> Result<Vitals, AmporaError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .execute(&mut *tx)
            .await?;
        let mut vitals = server(&mut tx).await?;
        vitals.rows = rows(&mut tx).await?;
        vitals.migration_head = self.migration_head(&mut tx).await?;
        (vitals.newest_audit_event, vitals.oldest_audit_event) = self.audit_span(&mut tx).await?;
        vitals.heartbeat = self.heartbeat(&mut tx).await?;
        vitals.authority_since = authority::since(&mut tx, &self.schema.authority).await?;
        tx.rollback().await?;
        Ok(vitals)
    }

    async fn migration_head(&self, conn: &mut PgConnection) -> Result<Option<String>, AmporaError> {
        let migrations = &self.schema.migrations;
        let sql = format!(
            "SELECT max({}) FROM {}",
            quote(&migrations.column),
            relation(&migrations.table)
        );
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?)
    }

    async fn audit_span(
        &self,
        conn: &mut PgConnection,
    ) -> Result<(Option<DateTime<Utc>>, Option<DateTime<Utc>>), AmporaError> {
        let audit = &self.schema.audit;
        let at = quote(&audit.at);
        let oldest = audit.archive.as_ref().unwrap_or(&audit.table);
        let sql = format!(
            "SELECT (SELECT max({at}) FROM {hot}), least((SELECT min({at}) FROM {hot}), (SELECT min({at}) FROM {old}))",
            hot = relation(&audit.table),
            old = relation(oldest),
        );
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(conn).await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }

    async fn heartbeat(&self, conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, AmporaError> {
        let Some(beat) = &self.schema.heartbeat else {
            return Ok(None);
        };
        let sql = format!("SELECT max({}) FROM {}", quote(&beat.column), relation(&beat.table));
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?)
    }
}

/// What the server says about itself. Every function here may be called by any role.
async fn server(conn: &mut PgConnection) -> Result<Vitals, AmporaError> {
    let row = sqlx::query(
        "SELECT clock_timestamp() AS read_at,
                (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
                current_setting('server_version') AS server_version,
                current_database()::text AS database,
                pg_database_size(current_database()) AS size,
                (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END)::text AS lsn,
                (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline,
                current_setting('archive_mode') AS archive_mode,
                last_archived_wal, last_archived_time, last_failed_time
         FROM pg_stat_archiver",
    )
    .fetch_one(conn)
    .await?;
    let number: String = row.try_get("system_identifier")?;
    let lsn: String = row.try_get("lsn")?;
    let size: i64 = row.try_get("size")?;
    let timeline: i32 = row.try_get("timeline")?;
    let odd = |what: &str| AmporaError::Odd(what.to_owned());
    Ok(Vitals {
        read_at: row.try_get("read_at")?,
        system_identifier: SystemIdentifier(Big(number.parse().map_err(|_| odd(&number))?)),
        server_version: row.try_get("server_version")?,
        database: row.try_get("database")?,
        database_size: Big(u64::try_from(size).unwrap_or_default()),
        lsn: lsn.parse().map_err(|_| odd(&lsn))?,
        timeline: u32::try_from(timeline).unwrap_or_default(),
        rows: BTreeMap::new(),
        migration_head: None,
        newest_audit_event: None,
        oldest_audit_event: None,
        heartbeat: None,
        authority_since: None,
        archive: ArchiveState {
            mode: row.try_get("archive_mode")?,
            last_archived: row.try_get("last_archived_wal")?,
            last_archived_at: row.try_get("last_archived_time")?,
            last_failed_at: row.try_get("last_failed_time")?,
        },
    })
}

/// Row counts of the tables that are small enough to be counted often.
async fn rows(conn: &mut PgConnection) -> Result<BTreeMap<String, Big>, AmporaError> {
    count(conn, COUNTED).await
}

/// Row counts of all tables, however large.
pub(crate) async fn exact_rows(conn: &mut PgConnection) -> Result<BTreeMap<String, Big>, AmporaError> {
    count(conn, f32::INFINITY).await
}

/// Exact counts of the tables below `limit` rows, outside of PostgreSQL's own schemas, by `schema.table`.
async fn count(conn: &mut PgConnection, limit: f32) -> Result<BTreeMap<String, Big>, AmporaError> {
    let tables = sqlx::query(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.reltuples < $1
           AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
         ORDER BY 1, 2",
    )
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?;
    let mut counts = BTreeMap::new();
    for table in tables {
        let (schema, name): (String, String) = (table.try_get(0)?, table.try_get(1)?);
        let sql = format!("SELECT count(*) FROM {}.{}", quote(&schema), quote(&name));
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *conn).await?;
        counts.insert(
            format!("{schema}.{name}"),
            Big(u64::try_from(count).unwrap_or_default()),
        );
    }
    Ok(counts)
}
