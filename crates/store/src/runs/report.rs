//! What a restore lost and revived, kept with its run, and what people did about each line.

use domain::gap::GapReport;
use domain::ids::RunId;
use domain::time::Timestamp;

use super::{lease::hold, topic};
use crate::events::notify;
use crate::row::{inconsistent, json_clean, parse, text};
use crate::{PgConnection, Result, Store};

/// What became of one line of a report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportLine {
    /// Its place among what was revived, from 0; lost audit events have the place behind them.
    pub line: usize,
    /// Somebody took it upon themselves to leave it; else it was done.
    pub waived: bool,
    pub note: String,
    pub by_name: String,
    pub at: Timestamp,
}

/// Keeps the report of a run, in place of an earlier one.
///
/// # Errors
/// [`crate::StoreError::LeaseLost`] if `fence` isn't the run's.
pub async fn report_save(conn: &mut PgConnection, run: RunId, fence: i64, report: &GapReport) -> Result<()> {
    hold(conn, run, fence).await?;
    sqlx::query!(
        "insert into run_reports (run, report) values ($1, $2) on conflict (run) do update set report = excluded.report",
        run.0,
        json_clean(report),
    )
    .execute(&mut *conn)
    .await?;
    notify(conn, &topic(run)).await
}

/// Notes what became of a line. The first word about it stands: answers whether this was it.
///
/// # Errors
/// If the database doesn't take it.
pub async fn report_line_settle(conn: &mut PgConnection, run: RunId, settled: &ReportLine) -> Result<bool> {
    let line = i32::try_from(settled.line).map_err(|error| inconsistent("run_report_lines", run, error))?;
    let done = sqlx::query!(
        "insert into run_report_lines (run, line, waived, note, by_name, at) values ($1, $2, $3, $4, $5, $6)
         on conflict (run, line) do nothing",
        run.0,
        line,
        settled.waived,
        text(&settled.note).into_owned(),
        text(&settled.by_name).into_owned(),
        settled.at,
    )
    .execute(&mut *conn)
    .await?;
    notify(conn, &topic(run)).await?;
    Ok(done.rows_affected() == 1)
}

impl Store {
    /// The report of a run with what became of its lines. `None`: it has none.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_report(&self, run: RunId) -> Result<Option<(GapReport, Vec<ReportLine>)>> {
        let report = sqlx::query_scalar!("select report from run_reports where run = $1", run.0)
            .fetch_optional(&self.pool)
            .await?;
        let Some(report) = report else { return Ok(None) };
        let rows = sqlx::query!(
            "select line, waived, note, by_name, at from run_report_lines where run = $1 order by line",
            run.0
        )
        .fetch_all(&self.pool)
        .await?;
        let lines = rows.into_iter().filter_map(|row| {
            Some(ReportLine {
                line: usize::try_from(row.line).ok()?,
                waived: row.waived,
                note: row.note,
                by_name: row.by_name,
                at: row.at,
            })
        });
        Ok(Some((parse(report, "run_reports", run)?, lines.collect())))
    }
}
