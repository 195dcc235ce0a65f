//! What the live database holds beyond a moment: what a copy of then would lack, and what it would bring back to life. Counted in one
//! read-only transaction, so that all figures are of one moment.

use chrono::{DateTime, Utc};
use domain::loss::Beyond;
use domain::revival::Withdrawn;
use domain::traces::{Identity, MOST};
use sqlx::{AssertSqlSafe, PgConnection};

use super::traces::{NO_ACCESS_TOKENS, taken};
use super::vitals::{begin, settled};
use super::{AmporaDb, AmporaError, Schema};
use crate::postgres::{quote, relation};

/// Counting a large audit log takes longer than a vital sign may.
const PATIENCE: &str = "SET LOCAL statement_timeout = '60s'";

/// Which rows a copy lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Since {
    pub at: DateTime<Utc>,
    /// Rows of exactly that moment are lacking too.
    pub inclusive: bool,
}

impl Since {
    const fn later(self) -> &'static str {
        if self.inclusive { ">=" } else { ">" }
    }

    const fn kept(self) -> &'static str {
        if self.inclusive { "<" } else { "<=" }
    }
}

impl AmporaDb {
    /// Counts what is later than `since`, and lists what was ended after it.
    ///
    /// # Errors
    /// If the database can't be reached. What else can't be read is unknown by itself.
    pub async fn beyond(&self, since: Since) -> Result<(Beyond, Withdrawn), AmporaError> {
        let mut tx = self.pool.begin().await?;
        let conn = &mut *tx;
        begin(conn).await?;
        sqlx::query(PATIENCE).execute(&mut *conn).await?;
        sqlx::query("SAVEPOINT sign").execute(&mut *conn).await?;
        let schema = &self.schema;
        macro_rules! sign {
            ($reading:expr) => {{
                let read = $reading.await;
                settled(conn, read).await?
            }};
        }
        let (agents, certificates) = (&schema.agents, &schema.certificates);
        let versions = (&schema.configurations.versions, &schema.configurations.at);
        let beyond = Beyond {
            newest: sign!(newest(conn, schema, None)),
            kept: sign!(newest(conn, schema, Some(since))),
            audit_events: sign!(events(conn, schema, Some(since))),
            configurations: sign!(later(conn, versions, since)),
            agents: sign!(later(conn, (&agents.table, &agents.enrolled), since)),
            certificates: sign!(later(conn, (&certificates.table, &certificates.issued), since)),
            all_events: sign!(events(conn, schema, None)),
        };
        let withdrawn = Withdrawn {
            certificates: sign!(certificates_since(conn, schema, since)),
            tokens: sign!(tokens_since(conn, schema, since)),
            access_tokens: sign!(access_tokens_since(conn, schema, since)),
        };
        tx.rollback().await?;
        Ok((beyond, withdrawn))
    }
}

/// The newest time that a row was written at, of all there are or of those that a copy has.
async fn newest(
    conn: &mut PgConnection,
    schema: &Schema,
    kept: Option<Since>,
) -> Result<Option<DateTime<Utc>>, AmporaError> {
    let mut columns = vec![
        (&schema.audit.table, &schema.audit.at),
        (&schema.configurations.versions, &schema.configurations.at),
        (&schema.certificates.table, &schema.certificates.issued),
    ];
    // A heartbeat's row is overwritten: it tells the newest commit and none before.
    if let (None, Some(beat)) = (kept, &schema.heartbeat) {
        columns.push((&beat.table, &beat.column));
    }
    let mut newest = None;
    for (table, column) in columns {
        let (table, at) = (relation(table), quote(column));
        let condition = kept.map_or_else(String::new, |since| format!(" WHERE {at} {} $1", since.kept()));
        let sql = format!("SELECT max({at})::timestamptz FROM {table}{condition}");
        let mut asked = sqlx::query_scalar(AssertSqlSafe(sql));
        if let Some(since) = kept {
            asked = asked.bind(since.at);
        }
        let found: Result<Option<DateTime<Utc>>, _> = asked.fetch_one(&mut *conn).await;
        // One column less is a commit time less, and says nothing about the others.
        match settled(conn, found.map_err(AmporaError::from)).await? {
            domain::vitals::Sign::Known(found) => newest = newest.max(found),
            domain::vitals::Sign::Unknown { .. } => {}
        }
    }
    Ok(newest)
}

/// Audit events, whichever table they lie in.
async fn events(conn: &mut PgConnection, schema: &Schema, since: Option<Since>) -> Result<u64, AmporaError> {
    let audit = &schema.audit;
    let at = quote(&audit.at);
    let condition = since.map_or_else(String::new, |since| format!(" WHERE {at} {} $1", since.later()));
    let archive = match &audit.archive {
        Some(table) if is_there(conn, table).await? => Some(table),
        // Nothing was ever moved to a table that isn't there.
        _ => None,
    };
    let tables = [Some(&audit.table), archive].into_iter().flatten();
    let parts: Vec<_> = tables
        .map(|table| format!("(SELECT count(*) FROM {}{condition})", relation(table)))
        .collect();
    counted(conn, format!("SELECT {}", parts.join(" + ")), since).await
}

async fn is_there(conn: &mut PgConnection, table: &str) -> Result<bool, AmporaError> {
    let there = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(relation(table))
        .fetch_one(conn)
        .await?;
    Ok(there)
}

async fn later(conn: &mut PgConnection, (table, column): (&String, &String), since: Since) -> Result<u64, AmporaError> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE {} {} $1",
        relation(table),
        quote(column),
        since.later()
    );
    counted(conn, sql, Some(since)).await
}

async fn counted(conn: &mut PgConnection, sql: String, since: Option<Since>) -> Result<u64, AmporaError> {
    let mut asked = sqlx::query_scalar(AssertSqlSafe(sql));
    if let Some(since) = since {
        asked = asked.bind(since.at);
    }
    let rows: i64 = asked.fetch_one(conn).await?;
    Ok(rows.unsigned_abs())
}

/// Revoked since, issued before, and still good for something.
async fn certificates_since(
    conn: &mut PgConnection,
    schema: &Schema,
    since: Since,
) -> Result<Vec<Identity>, AmporaError> {
    let names = &schema.certificates;
    let sql = format!(
        "SELECT {id}::text, {serial}::text, {until}::timestamptz, {revoked}::timestamptz FROM {table}
         WHERE {revoked} {later} $1 AND {issued} {kept} $1 AND {until} > now() ORDER BY {revoked} LIMIT {limit}",
        id = quote(&names.fingerprint),
        serial = quote(&names.serial),
        until = quote(&names.expires),
        revoked = quote(&names.revoked),
        issued = quote(&names.issued),
        table = relation(&names.table),
        later = since.later(),
        kept = since.kept(),
        limit = MOST + 1,
    );
    listed(conn, sql, since, "certificates revoked since").await
}

async fn tokens_since(conn: &mut PgConnection, schema: &Schema, since: Since) -> Result<Vec<Identity>, AmporaError> {
    let names = &schema.tokens;
    let Some(redeemed) = &names.redeemed else {
        return Err(AmporaError::NotConfigured(
            "a column that tells when a token was redeemed (Ampora deletes the row)",
        ));
    };
    let columns = [&names.table, &names.id, &names.expires, redeemed];
    listed(conn, ended_since(columns, since), since, "tokens redeemed since").await
}

async fn access_tokens_since(
    conn: &mut PgConnection,
    schema: &Schema,
    since: Since,
) -> Result<Vec<Identity>, AmporaError> {
    let names = schema.access_tokens.as_ref();
    let names = names.ok_or(AmporaError::NotConfigured(NO_ACCESS_TOKENS))?;
    let columns = [&names.table, &names.id, &names.expires, &names.revoked];
    listed(
        conn,
        ended_since(columns, since),
        since,
        "access tokens withdrawn since",
    )
    .await
}

fn ended_since([table, id, until, ended]: [&String; 4], since: Since) -> String {
    format!(
        "SELECT {id}::text, {id}::text, {until}::timestamptz, {ended}::timestamptz FROM {table}
         WHERE {ended} {later} $1 AND ({until} IS NULL OR {until} > now()) ORDER BY {ended} LIMIT {limit}",
        id = quote(id),
        until = quote(until),
        ended = quote(ended),
        table = relation(table),
        later = since.later(),
        limit = MOST + 1,
    )
}

async fn listed(
    conn: &mut PgConnection,
    sql: String,
    since: Since,
    what: &'static str,
) -> Result<Vec<Identity>, AmporaError> {
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(since.at).fetch_all(conn).await?;
    taken(&rows, what)
}
