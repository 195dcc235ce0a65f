//! What the fleet runs and what it last said: configurations, agents, migrations, the heartbeat.

use chrono::{DateTime, Utc};
use domain::ids::Big;
use domain::vitals::{Effective, HEARTBEAT_WINDOW_S, Published};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::AmporaError;
use crate::ampora::{Agents, Column, Configurations};
use crate::postgres::{quote, relation};

/// The newest published version.
pub(super) async fn published(
    conn: &mut PgConnection,
    names: &Configurations,
) -> Result<Option<Published>, AmporaError> {
    let at = quote(&names.at);
    let sql = format!(
        "SELECT {version}::text, {hash}::text, {at}::timestamptz FROM {table} WHERE {at} IS NOT NULL ORDER BY {at} DESC LIMIT 1",
        version = quote(&names.version),
        hash = quote(&names.hash),
        table = relation(&names.versions),
    );
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_optional(conn).await?;
    let Some(row) = row else { return Ok(None) };
    let (version, hash): (Option<String>, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Some(Published {
        version: version.unwrap_or_default(),
        hash: hash.unwrap_or_default(),
        at: row.try_get(2)?,
    }))
}

/// Agents without an effective configuration, and whether they are there at all.
pub(super) async fn effective(conn: &mut PgConnection, names: &Agents) -> Result<Effective, AmporaError> {
    let (config, seen) = (quote(&names.effective_config), quote(&names.last_seen));
    let sql = format!(
        "SELECT count(*) FILTER (WHERE {config} IS NULL),
                count(*) FILTER (WHERE {config} IS NULL AND {seen} > now() - make_interval(secs => {HEARTBEAT_WINDOW_S})),
                max({seen})::timestamptz
         FROM {}",
        relation(&names.table),
    );
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(conn).await?;
    let (missing, heard): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Effective {
        missing: Big(missing.unsigned_abs()),
        missing_and_heard: Big(heard.unsigned_abs()),
        newest_heard: row.try_get(2)?,
    })
}

/// The newest applied migration.
pub(super) async fn migration_head(conn: &mut PgConnection, names: &Column) -> Result<Option<String>, AmporaError> {
    let sql = format!(
        "SELECT max({})::text FROM {}",
        quote(&names.column),
        relation(&names.table)
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?)
}

/// The newest heartbeat.
pub(super) async fn heartbeat(
    conn: &mut PgConnection,
    names: Option<&Column>,
) -> Result<Option<DateTime<Utc>>, AmporaError> {
    let Some(beat) = names else {
        return Err(AmporaError::NotConfigured(
            "a heartbeat under [deployment.schema.heartbeat]",
        ));
    };
    let sql = format!(
        "SELECT max({})::timestamptz FROM {}",
        quote(&beat.column),
        relation(&beat.table)
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?)
}
