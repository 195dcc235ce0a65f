//! Readings of dumps. Reading one in full takes a while, so what it showed is kept for as long as the file looks the same; every
//! checksum is kept for ever, since a dump whose content changes under its name is broken.

use std::collections::BTreeMap;

use chrono::SubsecRound as _;
use domain::backup::DumpContents;
use domain::ids::{Big, Sha256};
use domain::key::Fingerprint;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::row::{inconsistent, json_text};
use crate::{Result, Store};

/// What reading one dump in full has shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DumpReading {
    /// Or why it can't be read to its end.
    pub contents: std::result::Result<DumpContents, String>,
    /// How many of the sampled envelopes each key at hand opened.
    pub openings: Vec<(Fingerprint, u32)>,
    pub sampled: u32,
    pub unparsed: u32,
    pub read_at: Timestamp,
}

/// A dump as its place lists it. What was read of it holds for as long as none of this changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListedDump<'a> {
    pub deployment: &'a str,
    pub source: &'a str,
    pub label: &'a str,
    /// Bytes.
    pub size: Big,
    pub modified: Timestamp,
    /// What a bucket calls this content.
    pub version: Option<&'a str>,
}

/// A reading with what its dump looked like then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptReading {
    size: i64,
    modified: Timestamp,
    version: Option<String>,
    pub reading: DumpReading,
}

impl KeptReading {
    /// Whether the dump still looks as it did when it was read.
    #[must_use]
    pub fn holds_for(&self, dump: &ListedDump<'_>) -> bool {
        // Files know nanoseconds, PostgreSQL doesn't.
        u64::try_from(self.size) == Ok(dump.size.0)
            && self.modified == dump.modified.trunc_subsecs(6)
            && self.version.as_deref() == dump.version
    }
}

impl ListedDump<'_> {
    fn bytes(&self) -> Result<i64> {
        i64::try_from(self.size.0).map_err(|error| inconsistent("dump_readings", self.label, error))
    }
}

impl Store {
    /// The reading of this very dump; `None` if it wasn't read as it is now.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn dump_reading(&self, dump: ListedDump<'_>) -> Result<Option<DumpReading>> {
        let reading = sqlx::query_scalar!(
            "select reading from dump_readings
             where deployment = $1 and source = $2 and label = $3 and size = $4 and modified = $5
                 and version is not distinct from $6",
            dump.deployment,
            dump.source,
            dump.label,
            dump.bytes()?,
            dump.modified,
            dump.version,
        )
        .fetch_optional(&self.pool)
        .await?;
        // One of another version of Muster is as good as none: the dump is read again.
        Ok(reading.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// All readings of a source by label, also those of dumps that have changed or gone since.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn dump_readings(&self, deployment: &str, source: &str) -> Result<BTreeMap<String, KeptReading>> {
        let rows = sqlx::query!(
            "select label, size, modified, version, reading from dump_readings
             where deployment = $1 and source = $2",
            deployment,
            source,
        )
        .fetch_all(&self.pool)
        .await?;
        let kept = rows.into_iter().filter_map(|row| {
            let kept = KeptReading {
                size: row.size,
                modified: row.modified,
                version: row.version,
                reading: serde_json::from_value(row.reading).ok()?,
            };
            Some((row.label, kept))
        });
        Ok(kept.collect())
    }

    /// Keeps a reading, in place of one of an older dump of that name, and its checksum beside all others.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn dump_reading_put(&self, dump: ListedDump<'_>, reading: &DumpReading) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query!(
            "insert into dump_readings (deployment, source, label, size, modified, version, reading, read_at)
             values ($1, $2, $3, $4, $5, $6, $7::text::json, $8)
             on conflict (deployment, source, label) do update set
                 size = excluded.size, modified = excluded.modified, version = excluded.version,
                 reading = excluded.reading, read_at = excluded.read_at",
            dump.deployment,
            dump.source,
            dump.label,
            dump.bytes()?,
            dump.modified,
            dump.version,
            json_text(reading),
            reading.read_at,
        )
        .execute(&mut *tx)
        .await?;
        if let Ok(contents) = &reading.contents {
            sqlx::query!(
                "insert into dump_checksums (deployment, source, label, sha256, first_seen)
                 values ($1, $2, $3, $4, $5) on conflict do nothing",
                dump.deployment,
                dump.source,
                dump.label,
                &contents.sha256.0[..],
                reading.read_at,
            )
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The first content that was seen under each name of a source, with when. A dump whose content is another one now is broken.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn dumps_first_seen(
        &self,
        deployment: &str,
        source: &str,
    ) -> Result<BTreeMap<String, (Sha256, Timestamp)>> {
        let rows = sqlx::query!(
            r#"select distinct on (label) label, sha256 as "sha256: [u8; 32]", first_seen from dump_checksums
             where deployment = $1 and source = $2 order by label, first_seen"#,
            deployment,
            source,
        )
        .fetch_all(&self.pool)
        .await?;
        let first = rows
            .into_iter()
            .map(|row| (row.label, (Sha256(row.sha256), row.first_seen)));
        Ok(first.collect())
    }

    /// Every content that a dump of this name has had, oldest first, with when it was first seen.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn dump_checksums(
        &self,
        deployment: &str,
        source: &str,
        label: &str,
    ) -> Result<Vec<(Sha256, Timestamp)>> {
        let rows = sqlx::query!(
            r#"select sha256 as "sha256: [u8; 32]", first_seen from dump_checksums
             where deployment = $1 and source = $2 and label = $3 order by first_seen"#,
            deployment,
            source,
            label,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (Sha256(row.sha256), row.first_seen))
            .collect())
    }
}
