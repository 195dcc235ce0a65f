//! The history of vital signs: what a restore is measured against, and which commit times are known at which WAL positions.

mod around;

use std::time::Duration;

use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::wal::Lsn;

use crate::row::{inconsistent, json_text};
use crate::{Result, Store};

pub use around::VitalsAround;

/// Most readings that [`Store::commits_known`] gives whole; older ones are thinned to about as many again.
const COMMITS_WHOLE: i64 = 2000;
/// Readings that one statement of [`Store::vitals_thin`] decides about.
const THINNED_AT_A_TIME: i64 = 10_000;

impl Store {
    /// Adds a reading. The same reading twice is one.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn vitals_append(&self, deployment: &str, vitals: &Vitals) -> Result<()> {
        let lsn = i64::try_from(vitals.lsn.0).map_err(|error| inconsistent("vitals", vitals.read_at, error))?;
        sqlx::query!(
            "insert into vitals (deployment, read_at, lsn, newest_commit, reading) values ($1, $2, $3, $4, $5::text::json)
             on conflict (deployment, read_at) do nothing",
            deployment,
            vitals.read_at,
            lsn,
            vitals.newest_commit(),
            json_text(vitals),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The newest reading.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn vitals_latest(&self, deployment: &str) -> Result<Option<Vitals>> {
        let reading = sqlx::query_scalar!(
            "select reading from vitals where deployment = $1 order by read_at desc limit 1",
            deployment,
        )
        .fetch_optional(&self.pool)
        .await?;
        // One of another version of Muster is as good as none: the next is due within the minute.
        Ok(reading.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Readings since then, oldest first: all of them where there are few, else about `most`, evenly, with the newest.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn vitals_sampled(&self, deployment: &str, since: Timestamp, most: i64) -> Result<Vec<Vitals>> {
        let readings = sqlx::query_scalar!(
            r#"with known as (
                 select read_at, row_number() over (order by read_at desc) as age, count(*) over () as total
                 from vitals where deployment = $1 and read_at >= $2)
             select reading as "reading!" from vitals join known using (read_at)
             where deployment = $1 and (age - 1) % greatest(1, (total + $3 - 1) / $3) = 0
             order by read_at"#,
            deployment,
            since,
            most,
        )
        .fetch_all(&self.pool)
        .await?;
        let readings = readings.into_iter();
        Ok(readings
            .filter_map(|value| serde_json::from_value(value).ok())
            .collect())
    }

    /// Known commit times with positions at or behind them, oldest first: the newest 2000 readings and, of those before, evenly about
    /// 2000 more.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn commits_known(&self, deployment: &str, since: Timestamp) -> Result<Vec<(Lsn, Timestamp)>> {
        let rows = sqlx::query!(
            r#"with known as (
                 select lsn, newest_commit, read_at,
                        row_number() over (order by read_at desc) as age,
                        count(*) over () as total
                 from vitals
                 where deployment = $1 and read_at >= $2 and newest_commit is not null)
             select lsn, newest_commit as "newest_commit!" from known
             where age <= $3 or age % greatest(1, (total - 1) / $3) = 0
             order by read_at"#,
            deployment,
            since,
            COMMITS_WHOLE,
        )
        .fetch_all(&self.pool)
        .await?;
        let commits = rows
            .into_iter()
            .map(|row| (Lsn(row.lsn.cast_unsigned()), row.newest_commit));
        Ok(commits.collect())
    }

    /// Of readings older than `whole` keeps one an hour, the last. Answers how many were forgotten. Each reading is decided about once, and
    /// not many at a time, so that no statement is long however far behind this is.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn vitals_thin(&self, whole: Duration) -> Result<u64> {
        let mut forgotten = 0;
        loop {
            let done = sqlx::query!(
                r#"with due as (
                     select deployment, read_at,
                            exists (select from vitals newer
                                    where newer.deployment = old.deployment and newer.read_at > old.read_at
                                      and newer.read_at < date_trunc('hour', old.read_at) + interval '1 hour') as passed
                     from vitals old
                     where not thinned and read_at < clock_timestamp() - make_interval(secs => $1)
                     order by read_at limit $2),
                 removed as (
                     delete from vitals using due
                     where due.passed and vitals.deployment = due.deployment and vitals.read_at = due.read_at
                     returning 1),
                 kept as (
                     update vitals set thinned = true from due
                     where not due.passed and vitals.deployment = due.deployment and vitals.read_at = due.read_at
                     returning 1)
                 select (select count(*) from due) as "due!", (select count(*) from removed) as "removed!""#,
                whole.as_secs_f64(),
                THINNED_AT_A_TIME,
            )
            .fetch_one(&self.pool)
            .await?;
            forgotten += u64::try_from(done.removed).unwrap_or_default();
            if done.due < THINNED_AT_A_TIME {
                return Ok(forgotten);
            }
        }
    }

    /// Forgets readings older than `keep`, but never the newest. Answers how many.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn vitals_prune(&self, keep: Duration) -> Result<u64> {
        let result = sqlx::query!(
            "delete from vitals old
             where read_at < clock_timestamp() - make_interval(secs => $1)
               and exists (select from vitals newer where newer.deployment = old.deployment and newer.read_at > old.read_at)",
            keep.as_secs_f64(),
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }
}
