//! The audit log of a restored Ampora, or of the live one that it is compared with.

use domain::drill::Hours;
use domain::time::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::super::Copy;
use super::{Lookup, has_column, table};
use crate::ampora::Audit;
use crate::postgres::quote;

/// Hours that are compared; the hot table of Ampora holds 90 days unless it was told otherwise.
const DAYS: u32 = 90;

/// The log's end and its hours.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditSpan {
    pub newest: Option<Timestamp>,
    pub oldest: Option<Timestamp>,
    pub hours: Hours,
}

impl Copy {
    /// The audit log of the copy.
    ///
    /// # Errors
    /// If a table of it can't be read.
    pub async fn audit(&self, database: &str, audit: &Audit) -> Result<AuditSpan, Lookup> {
        let pool: PgPool = self.pool(database).await;
        span(&mut *pool.acquire().await?, audit).await
    }
}

impl AuditSpan {
    /// The audit log of production, read by the role that observes it.
    ///
    /// # Errors
    /// If it can't be asked.
    pub async fn of_production(options: &PgConnectOptions, audit: &Audit) -> Result<Self, Lookup> {
        let options = options.clone().options([
            ("row_security", "off"),
            ("default_transaction_read_only", "on"),
            ("statement_timeout", "30s"),
        ]);
        let mut conn = options.application_name("muster drill").connect().await?;
        let read = span(&mut conn, audit).await;
        conn.close().await?;
        read
    }
}

async fn span(conn: &mut PgConnection, audit: &Audit) -> Result<AuditSpan, Lookup> {
    let at = quote(&audit.at);
    let mut tables = vec![table(&audit.table)];
    if let Some(archive) = &audit.archive
        && has_column(conn, archive, &audit.at).await?
    {
        tables.push(table(archive));
    }
    let all: Vec<_> = tables
        .iter()
        .map(|table| format!("SELECT {at} AS at FROM {table}"))
        .collect();
    let all = all.join(" UNION ALL ");
    let ends = format!("SELECT max(at), min(at) FROM ({all}) AS events");
    let (newest, oldest): (Option<Timestamp>, Option<Timestamp>) =
        sqlx::query_as(AssertSqlSafe(ends)).fetch_one(&mut *conn).await?;
    let hours = format!(
        "SELECT date_trunc('hour', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', count(*) FROM ({all}) AS events
         WHERE at > (SELECT max(at) FROM ({all}) AS newest) - interval '{DAYS} days' GROUP BY 1"
    );
    let hours: Vec<(Timestamp, i64)> = sqlx::query_as(AssertSqlSafe(hours)).fetch_all(conn).await?;
    let hours = hours.into_iter().map(|(hour, count)| (hour, count.unsigned_abs()));
    Ok(AuditSpan {
        newest,
        oldest,
        hours: hours.collect(),
    })
}
