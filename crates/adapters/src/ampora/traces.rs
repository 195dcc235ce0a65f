//! What the database holds that a rewind would lose or revive: audit events by the hour, and identities that were ended.

use domain::traces::{HOURS, Identity, Look, MOST};
use domain::vitals::HEARTBEAT_WINDOW_S;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::vitals::{begin, clock, hours, settled};
use super::{AccessTokens, Agents, AmporaDb, AmporaError, Audit, Certificates, Column, Tokens};
use crate::postgres::{quote, relation};

/// Ampora documents no table of its API tokens.
pub(super) const NO_ACCESS_TOKENS: &str = "a table of access tokens under [deployment.schema.access_tokens]";

impl AmporaDb {
    /// Looks once, in one read-only transaction.
    ///
    /// # Errors
    /// If the database can't be reached. What else can't be read is an unknown sign.
    pub async fn traces(&self) -> Result<Look, AmporaError> {
        let mut tx = self.pool.begin().await?;
        let conn = &mut *tx;
        begin(conn).await?;
        let (schema, at) = (&self.schema, clock(conn).await?);
        macro_rules! sign {
            ($reading:expr) => {{
                let read = $reading.await;
                settled(conn, read).await?
            }};
        }
        let look = Look {
            at,
            tenants: sign!(tenants(conn, &schema.tenants)),
            hours: sign!(hours(conn, &schema.audit, at, HOURS)),
            oldest_event: sign!(oldest_event(conn, &schema.audit)),
            revoked: sign!(revoked(conn, &schema.certificates)),
            tokens: sign!(tokens(conn, &schema.tokens)),
            peers: sign!(peers(conn, &schema.peers)),
            access_tokens: sign!(access_tokens(conn, schema.access_tokens.as_ref())),
            without_config: sign!(without_config(conn, &schema.agents)),
        };
        tx.rollback().await?;
        Ok(look)
    }
}

async fn tenants(conn: &mut PgConnection, table: &str) -> Result<u64, AmporaError> {
    let sql = format!("SELECT count(*) FROM {}", relation(table));
    let tenants: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?;
    Ok(tenants.unsigned_abs())
}

async fn oldest_event(
    conn: &mut PgConnection,
    audit: &Audit,
) -> Result<Option<chrono::DateTime<chrono::Utc>>, AmporaError> {
    let at = quote(&audit.at);
    let tables = [Some(&audit.table), audit.archive.as_ref()];
    let oldest = |table: &String| format!("(SELECT min({at})::timestamptz FROM {})", relation(table));
    let parts: Vec<_> = tables.into_iter().flatten().map(oldest).collect();
    let sql = format!("SELECT least({})", parts.join(", "));
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?)
}

async fn revoked(conn: &mut PgConnection, names: &Certificates) -> Result<Vec<Identity>, AmporaError> {
    let sql = format!(
        "SELECT {id}::text, {serial}::text, {until}::timestamptz, {revoked}::timestamptz FROM {table}
         WHERE {revoked} IS NOT NULL AND {until} > now() LIMIT {limit}",
        id = quote(&names.fingerprint),
        serial = quote(&names.serial),
        until = quote(&names.expires),
        table = relation(&names.table),
        revoked = quote(&names.revoked),
        limit = MOST + 1,
    );
    identities(conn, sql, "revoked certificates").await
}

async fn tokens(conn: &mut PgConnection, names: &Tokens) -> Result<Vec<Identity>, AmporaError> {
    let open = names
        .redeemed
        .as_ref()
        .map_or_else(String::new, |redeemed| format!(" AND {} IS NULL", quote(redeemed)));
    let sql = format!(
        "SELECT {id}::text, {id}::text, {until}::timestamptz, NULL::timestamptz FROM {table} WHERE {until} > now(){open} LIMIT {limit}",
        id = quote(&names.id),
        until = quote(&names.expires),
        table = relation(&names.table),
        limit = MOST + 1,
    );
    identities(conn, sql, "tokens").await
}

async fn peers(conn: &mut PgConnection, names: &Column) -> Result<Vec<Identity>, AmporaError> {
    let sql = format!(
        "SELECT {id}::text, {id}::text, NULL::timestamptz, NULL::timestamptz FROM {table} LIMIT {limit}",
        id = quote(&names.column),
        table = relation(&names.table),
        limit = MOST + 1,
    );
    identities(conn, sql, "peers").await
}

/// Those that still open something.
async fn access_tokens(conn: &mut PgConnection, names: Option<&AccessTokens>) -> Result<Vec<Identity>, AmporaError> {
    let names = names.ok_or(AmporaError::NotConfigured(NO_ACCESS_TOKENS))?;
    let sql = format!(
        "SELECT {id}::text, {id}::text, {until}::timestamptz, NULL::timestamptz FROM {table}
         WHERE {revoked} IS NULL AND ({until} IS NULL OR {until} > now()) LIMIT {limit}",
        id = quote(&names.id),
        until = quote(&names.expires),
        revoked = quote(&names.revoked),
        table = relation(&names.table),
        limit = MOST + 1,
    );
    identities(conn, sql, "access tokens").await
}

/// Part of them would not do: what is left out would look as if it had gone.
async fn identities(conn: &mut PgConnection, sql: String, what: &'static str) -> Result<Vec<Identity>, AmporaError> {
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(conn).await?;
    taken(&rows, what)
}

/// Rows of id, name, end of use, and when it was ended.
pub(super) fn taken(rows: &[PgRow], what: &'static str) -> Result<Vec<Identity>, AmporaError> {
    if rows.len() > MOST {
        return Err(AmporaError::Odd(format!("more than {MOST} {what}")));
    }
    let identity = |row: &PgRow| {
        Ok(Identity {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            until: row.try_get(2)?,
            ended: row.try_get(3)?,
        })
    };
    rows.iter().map(identity).collect()
}

async fn without_config(conn: &mut PgConnection, names: &Agents) -> Result<u64, AmporaError> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE {} IS NULL AND {} > now() - make_interval(secs => {HEARTBEAT_WINDOW_S})",
        relation(&names.table),
        quote(&names.effective_config),
        quote(&names.last_seen),
    );
    let agents: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?;
    Ok(agents.unsigned_abs())
}
