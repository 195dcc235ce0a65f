//! The audit log: how far it reaches, and how many events each hour has.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use domain::ids::Big;
use domain::vitals::{AuditTable, Hour};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::{AmporaError, count};
use crate::ampora::Audit;
use crate::postgres::{quote, relation};

/// Hours that each reading counts, the running one included.
pub(super) const HOURS: i64 = 7;

/// One of its tables.
pub(super) async fn table(conn: &mut PgConnection, table: Option<&str>, at: &str) -> Result<AuditTable, AmporaError> {
    let Some(table) = table else {
        return Err(AmporaError::NotConfigured("a table that old audit events move to"));
    };
    let rows = count(conn, table).await?;
    let at = quote(at);
    let sql = format!(
        "SELECT min({at})::timestamptz, max({at})::timestamptz FROM {}",
        relation(table)
    );
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(conn).await?;
    Ok(AuditTable {
        rows,
        oldest: row.try_get(0)?,
        newest: row.try_get(1)?,
    })
}

/// Events of each of the last `hours` hours, oldest first, whichever table they lie in.
pub(in crate::ampora) async fn hours(
    conn: &mut PgConnection,
    audit: &Audit,
    now: DateTime<Utc>,
    hours: i64,
) -> Result<Vec<Hour>, AmporaError> {
    let running = now
        .duration_trunc(TimeDelta::hours(1))
        .map_err(|error| AmporaError::Odd(error.to_string()))?;
    let first = running - TimeDelta::hours(hours - 1);
    let at = quote(&audit.at);
    let tables = [Some(&audit.table), audit.archive.as_ref()];
    let parts: Vec<_> = tables
        .into_iter()
        .flatten()
        .map(|table| {
            let table = relation(table);
            format!("SELECT date_trunc('hour', {at}::timestamptz) AS hour FROM {table} WHERE {at} >= $1 AND {at} < $2")
        })
        .collect();
    let sql = format!(
        "SELECT hour, count(*) FROM ({}) AS events GROUP BY hour",
        parts.join(" UNION ALL ")
    );
    let counted = sqlx::query(AssertSqlSafe(sql))
        .bind(first)
        .bind(running + TimeDelta::hours(1))
        .fetch_all(conn)
        .await?;
    let mut found: Vec<Hour> = (0..hours)
        .map(|number| Hour {
            hour: first + TimeDelta::hours(number),
            events: Big(0),
        })
        .collect();
    for row in counted {
        let (hour, events): (DateTime<Utc>, i64) = (row.try_get(0)?, row.try_get(1)?);
        if let Some(place) = found.iter_mut().find(|place| place.hour == hour) {
            place.events = Big(events.unsigned_abs());
        }
    }
    Ok(found)
}
