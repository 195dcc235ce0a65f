//! Readings of the outside world: the last good value of each thing from each source, and beside it why the latest attempt failed.

use domain::observation::Observation;
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::events::notify;
use crate::row::{json_text, text};
use crate::{Result, Store};

struct Row {
    source: String,
    interval_s: i32,
    value: Option<Value>,
    read_at: Option<Timestamp>,
    failure: Option<String>,
    failed_at: Option<Timestamp>,
}

impl Store {
    /// Writes down one attempt to read `kind` from `source`: a value replaces the last good one and clears the failure, a failure
    /// stands beside it. `interval_s` is the pause between two attempts, in seconds.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn observation_put<T: Serialize>(
        &self,
        deployment: &str,
        kind: &str,
        source: &str,
        interval_s: u32,
        reading: std::result::Result<&T, &str>,
        at: Timestamp,
    ) -> Result<()> {
        let value = reading.ok().map(json_text);
        let failure = reading.err().map(text);
        let mut tx = self.begin().await?;
        sqlx::query!(
            "insert into observations (deployment, kind, source, interval_s, value, read_at, failure, failed_at)
             values ($1, $2, $3, $4, $5::text::json, $6, $7, $8)
             on conflict (deployment, kind, source) do update set
                 interval_s = excluded.interval_s,
                 value = coalesce(excluded.value, observations.value),
                 read_at = coalesce(excluded.read_at, observations.read_at),
                 failure = excluded.failure,
                 failed_at = excluded.failed_at",
            deployment,
            kind,
            source,
            i32::try_from(interval_s).unwrap_or(i32::MAX),
            value,
            reading.is_ok().then_some(at),
            failure.as_deref(),
            reading.is_err().then_some(at),
        )
        .execute(&mut *tx)
        .await?;
        notify(&mut tx, &format!("observation:{deployment}")).await?;
        Ok(tx.commit().await?)
    }

    /// What is known of `kind` from `source`. `None`: nobody has tried to read it.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn observation<T: DeserializeOwned>(
        &self,
        deployment: &str,
        kind: &str,
        source: &str,
    ) -> Result<Option<Observation<T>>> {
        let row = sqlx::query_as!(
            Row,
            "select source, interval_s, value, read_at, failure, failed_at from observations
             where deployment = $1 and kind = $2 and source = $3",
            deployment,
            kind,
            source,
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(Row::into_observation))
    }

    /// What is known of `kind` from all sources, by the name of the source.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn observations<T: DeserializeOwned>(&self, deployment: &str, kind: &str) -> Result<Vec<Observation<T>>> {
        let rows = sqlx::query_as!(
            Row,
            "select source, interval_s, value, read_at, failure, failed_at from observations
             where deployment = $1 and kind = $2 order by source",
            deployment,
            kind,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(Row::into_observation).collect())
    }
}

impl Row {
    /// A value that this version can't read counts as not read, and says so.
    fn into_observation<T: DeserializeOwned>(self) -> Observation<T> {
        let mut failure = self.failed_at.zip(self.failure);
        let last_good = self.value.zip(self.read_at).and_then(|(value, at)| {
            let parsed = serde_json::from_value(value);
            if let Err(error) = &parsed {
                let what = format!("the stored reading is of another version of Muster: {error}");
                failure.get_or_insert((at, what));
            }
            parsed.ok().map(|value| (value, at))
        });
        Observation {
            source: self.source,
            interval_s: self.interval_s.unsigned_abs(),
            last_good,
            failure,
        }
    }
}
