//! Readings around the moment that a restored copy is of.

use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::wal::Lsn;
use serde_json::Value;

use crate::{Result, Store};

/// Readings on either side of a moment, the nearest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct VitalsAround {
    pub before: Vec<Vitals>,
    pub after: Vec<Vitals>,
}

impl VitalsAround {
    fn of(before: Vec<Value>, after: Vec<Value>) -> Self {
        // One of another version of Muster is as good as none.
        let read = |values: Vec<Value>| {
            let readings = values
                .into_iter()
                .filter_map(|value| serde_json::from_value(value).ok());
            readings.collect()
        };
        Self {
            before: read(before),
            after: read(after),
        }
    }
}

impl Store {
    /// By position in the WAL: exact for whatever was recovered to it. At most `limit` on each side, of the same cluster.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn vitals_around_lsn(&self, deployment: &str, system: &str, at: Lsn, limit: i64) -> Result<VitalsAround> {
        let at = i64::try_from(at.0).unwrap_or(i64::MAX);
        let before = sqlx::query_scalar!(
            "select reading from vitals where deployment = $1 and reading ->> 'system_identifier' = $2 and lsn <= $3
             order by read_at desc limit $4",
            deployment,
            system,
            at,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let after = sqlx::query_scalar!(
            "select reading from vitals where deployment = $1 and reading ->> 'system_identifier' = $2 and lsn > $3
             order by read_at limit $4",
            deployment,
            system,
            at,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(VitalsAround::of(before, after))
    }

    /// By time, as for a dump: its header tells the second in which it was begun, and its data are of a moment soon after. A reading that
    /// may be of the same moment is on neither side.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn vitals_around_time(&self, deployment: &str, at: Timestamp, limit: i64) -> Result<VitalsAround> {
        let before = sqlx::query_scalar!(
            "select reading from vitals where deployment = $1 and read_at <= $2 order by read_at desc limit $3",
            deployment,
            at,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let after = sqlx::query_scalar!(
            "select reading from vitals where deployment = $1 and read_at > $2::timestamptz + interval '2 seconds' order by read_at limit $3",
            deployment,
            at,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(VitalsAround::of(before, after))
    }
}
