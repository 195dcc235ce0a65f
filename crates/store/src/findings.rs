//! Findings and what became of them. One row a deployment and cause; what happened to it is kept beside it.

use std::time::Duration;

use domain::finding::Record;
use domain::time::Timestamp;

use crate::events::notify;
use crate::row::{json_text, parse, text};
use crate::{PgConnection, Result, Store};

/// Something that happened to a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FindingEvent {
    pub at: Timestamp,
    /// `opened`, `worse`, `resolved`, `reopened`, `acknowledged`, `unknown`.
    pub change: String,
    pub title: String,
}

/// Most events of one finding that are read, the newest.
const EVENTS: i64 = 200;

impl Store {
    /// The findings of one deployment, resolved ones included, or of all of them; by deployment and code.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn findings(&self, deployment: Option<&str>) -> Result<Vec<(String, Record)>> {
        let rows = sqlx::query!(
            "select deployment, code, record from findings
             where $1::text is null or deployment = $1 order by deployment, code",
            deployment,
        )
        .fetch_all(&self.pool)
        .await?;
        let read = rows
            .into_iter()
            .map(|row| Ok((row.deployment, parse(row.record, "findings", row.code)?)));
        read.collect()
    }

    /// What happened to a finding, oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn finding_events(&self, deployment: &str, code: &str) -> Result<Vec<FindingEvent>> {
        let rows = sqlx::query_as!(
            FindingEvent,
            "select at, change, title from (
                 select number, at, change, title from finding_events
                 where deployment = $1 and code = $2 order by at desc, number desc limit $3) as newest
             order by at, number",
            deployment,
            code,
            EVENTS,
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }

    /// Forgets what happened longer ago than `keep`. Answers how much.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn finding_events_prune(&self, keep: Duration) -> Result<u64> {
        let result = sqlx::query!(
            "delete from finding_events where at < clock_timestamp() - make_interval(secs => $1)",
            keep.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }
}

/// One finding, locked until the transaction ends, so that the collector and a person don't overwrite each other. `None`: it was never found.
///
/// # Errors
/// If the database doesn't answer.
pub async fn lock(conn: &mut PgConnection, deployment: &str, code: &str) -> Result<Option<Record>> {
    let row = sqlx::query_scalar!(
        "select record from findings where deployment = $1 and code = $2 for update",
        deployment,
        code,
    )
    .fetch_optional(conn)
    .await?;
    row.map(|record| parse(record, "findings", code)).transpose()
}

/// Writes a finding down, with what happened to it if anybody should know.
///
/// # Errors
/// If the database doesn't take it.
pub async fn put(
    conn: &mut PgConnection,
    deployment: &str,
    record: &Record,
    change: Option<&str>,
    at: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into findings (deployment, code, state, severity, record, changed_at)
         values ($1, $2, $3, $4, $5::text::json, $6)
         on conflict (deployment, code) do update set
             state = excluded.state, severity = excluded.severity, record = excluded.record, changed_at = excluded.changed_at",
        deployment,
        record.code,
        record.state.word(),
        record.found.severity.word(),
        json_text(record),
        record.changed_at,
    )
    .execute(&mut *conn)
    .await?;
    let Some(change) = change else { return Ok(()) };
    let title = text(&record.found.title);
    sqlx::query!(
        "insert into finding_events (deployment, code, at, change, title) values ($1, $2, $3, $4, $5)",
        deployment,
        record.code,
        at,
        change,
        title.as_ref(),
    )
    .execute(&mut *conn)
    .await?;
    notify(conn, &format!("observation:{deployment}")).await
}
