//! Readings of the outside world: the last good value of each thing from each source, and beside it why the latest attempt failed.

use domain::ids::Sha256;
use domain::observation::Observation;
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::events::notify;
use crate::row::{json_text, text};
use crate::{Result, Store};

/// What is observed: of which deployment, what kind of thing, from which source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject<'a> {
    pub deployment: &'a str,
    pub kind: &'a str,
    pub source: &'a str,
}

/// A value as it is stored: the part that each reading rewrites, and the large one that is only written when it changed.
#[derive(Default)]
struct Written {
    value: Option<String>,
    bulk: Option<String>,
}

impl Store {
    /// Writes down one attempt: a value replaces the last good one and clears the failure, a failure stands beside it. `interval_s` is the
    /// pause between two attempts, in seconds.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn observation_put<T: Serialize>(
        &self,
        subject: Subject<'_>,
        interval_s: u32,
        reading: std::result::Result<&T, &str>,
        at: Timestamp,
    ) -> Result<()> {
        let written = reading.map(|value| Written {
            value: Some(json_text(value)),
            bulk: None,
        });
        self.attempt_put(subject, interval_s, written, at).await
    }

    /// As [`Self::observation_put`], for a reading with a part that is large and seldom changes.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn observation_put_split<T: Serialize, B: Serialize>(
        &self,
        subject: Subject<'_>,
        interval_s: u32,
        reading: std::result::Result<(&T, &B), &str>,
        at: Timestamp,
    ) -> Result<()> {
        let written = reading.map(|(value, bulk)| Written {
            value: Some(json_text(value)),
            bulk: Some(json_text(bulk)),
        });
        self.attempt_put(subject, interval_s, written, at).await
    }

    async fn attempt_put(
        &self,
        subject: Subject<'_>,
        interval_s: u32,
        written: std::result::Result<Written, &str>,
        at: Timestamp,
    ) -> Result<()> {
        let (good, failure) = (
            written.is_ok(),
            written.as_ref().err().map(|why| text(why).into_owned()),
        );
        let Written { value, bulk } = written.unwrap_or_default();
        let bulk_sha256 = bulk.as_ref().map(|bulk| Sha256::of(&[bulk.as_bytes()]).0.to_vec());
        let mut tx = self.begin().await?;
        // A bulk that is assigned to itself isn't written again: PostgreSQL keeps the reference to it.
        sqlx::query!(
            "insert into observations as seen
                 (deployment, kind, source, interval_s, value, bulk, bulk_sha256, read_at, failure, failed_at)
             values ($1, $2, $3, $4, $5::text::json, $6::text::json, $7, $8, $9, $10)
             on conflict (deployment, kind, source) do update set
                 interval_s = excluded.interval_s,
                 value = coalesce(excluded.value, seen.value),
                 bulk = case when excluded.bulk_sha256 is null or excluded.bulk_sha256 = seen.bulk_sha256
                             then seen.bulk else excluded.bulk end,
                 bulk_sha256 = coalesce(excluded.bulk_sha256, seen.bulk_sha256),
                 read_at = coalesce(excluded.read_at, seen.read_at),
                 failure = excluded.failure,
                 failed_at = excluded.failed_at",
            subject.deployment,
            subject.kind,
            subject.source,
            i32::try_from(interval_s).unwrap_or(i32::MAX),
            value,
            bulk,
            bulk_sha256,
            good.then_some(at),
            failure,
            (!good).then_some(at),
        )
        .execute(&mut *tx)
        .await?;
        notify(&mut tx, &format!("observation:{}", subject.deployment)).await?;
        Ok(tx.commit().await?)
    }

    /// What is known of one subject. `None`: nobody has tried to read it.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn observation<T: DeserializeOwned>(&self, subject: Subject<'_>) -> Result<Option<Observation<T>>> {
        let rows = self.rows(subject.deployment, Some(subject)).await?;
        Ok(rows.first().map(Row::observation))
    }

    /// Everything that is known of a deployment.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn observed(&self, deployment: &str) -> Result<Readings> {
        Ok(Readings(self.rows(deployment, None).await?))
    }

    /// The latest proof of each of these deployments' keys: whole where one of the keys is among `fingerprints` or `ids`, else without a
    /// value. One that was never tried isn't there.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn proofs_of<T: DeserializeOwned>(
        &self,
        deployments: &[String],
        fingerprints: &[String],
        ids: &[String],
    ) -> Result<Vec<(String, Observation<Option<T>>)>> {
        let rows = sqlx::query!(
            r#"select deployment, kind, source, interval_s, read_at, failure, failed_at,
                      case when exists (
                          select from (
                              select json_array_elements(case json_typeof(value -> 'versions') when 'array' then value -> 'versions' else '[]' end) as key
                              union all select value -> 'in_use'
                          ) as known
                          where key ->> 'fingerprint' = any($2) or key ->> 'key_id' = any($3)
                      ) then value::text end as value
               from observations where deployment = any($1) and kind = 'keys' order by deployment"#,
            deployments,
            fingerprints,
            ids,
        )
        .fetch_all(&self.pool)
        .await?;
        let rows = rows.into_iter().map(|row| {
            let stored = Row {
                kind: row.kind,
                source: row.source,
                interval_s: row.interval_s,
                value: row.value,
                bulk: None,
                read_at: row.read_at,
                failure: row.failure,
                failed_at: row.failed_at,
            };
            (row.deployment, stored)
        });
        Ok(rows.map(|(deployment, row)| (deployment, row.observation())).collect())
    }

    async fn rows(&self, deployment: &str, only: Option<Subject<'_>>) -> Result<Vec<Row>> {
        let rows = sqlx::query_as!(
            Row,
            "select kind, source, interval_s, value::text, bulk::text, read_at, failure, failed_at from observations
             where deployment = $1 and ($2::text is null or (kind = $2 and source = $3))
             order by kind, source",
            deployment,
            only.map(|subject| subject.kind),
            only.map(|subject| subject.source),
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }
}

struct Row {
    kind: String,
    source: String,
    interval_s: i32,
    value: Option<String>,
    bulk: Option<String>,
    read_at: Option<Timestamp>,
    failure: Option<String>,
    failed_at: Option<Timestamp>,
}

/// The latest readings of one deployment.
pub struct Readings(Vec<Row>);

impl Readings {
    /// What is known of `kind` from `source`. `None`: nobody has tried to read it.
    #[must_use]
    pub fn get<T: DeserializeOwned>(&self, kind: &str, source: &str) -> Option<Observation<T>> {
        self.row(kind, source).map(Row::observation)
    }

    /// The same for readings that were stored in two parts.
    #[must_use]
    pub fn get_split<T: DeserializeOwned, B: DeserializeOwned>(
        &self,
        kind: &str,
        source: &str,
    ) -> Option<Observation<(T, B)>> {
        let split = |row: &Row| row.judged(|row| Ok((parsed(row.value.as_ref())?, parsed(row.bulk.as_ref())?)));
        self.row(kind, source).map(split)
    }

    fn row(&self, kind: &str, source: &str) -> Option<&Row> {
        self.0.iter().find(|row| row.kind == kind && row.source == source)
    }
}

fn parsed<T: DeserializeOwned>(stored: Option<&String>) -> serde_json::Result<T> {
    serde_json::from_str(stored.map_or("null", String::as_str))
}

impl Row {
    fn observation<T: DeserializeOwned>(&self) -> Observation<T> {
        self.judged(|row| parsed(row.value.as_ref()))
    }

    /// A value that this version can't read counts as not read, and says so.
    fn judged<T>(&self, read: impl FnOnce(&Self) -> serde_json::Result<T>) -> Observation<T> {
        let mut failure = self.failed_at.zip(self.failure.clone());
        let last_good = self.read_at.and_then(|at| match read(self) {
            Ok(value) => Some((value, at)),
            Err(error) => {
                let what = format!("the stored reading is of another version of Muster: {error}");
                failure.get_or_insert((at, what));
                None
            }
        });
        Observation {
            source: self.source.clone(),
            interval_s: self.interval_s.unsigned_abs(),
            last_good,
            failure,
        }
    }
}
