//! Readings of dumps. Reading one in full takes a while, so what it showed is kept for as long as the file looks the same; every
//! checksum is kept for ever, since a dump whose content changes under its name is broken.

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

fn signed(size: Big, label: &str) -> Result<i64> {
    i64::try_from(size.0).map_err(|error| inconsistent("dump_readings", label, error))
}

impl Store {
    /// The reading of this very file, told by its size in bytes and its time of change; `None` if it wasn't read as it is now.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn dump_reading(
        &self,
        deployment: &str,
        source: &str,
        label: &str,
        size: Big,
        modified: Timestamp,
    ) -> Result<Option<DumpReading>> {
        let reading = sqlx::query_scalar!(
            "select reading from dump_readings
             where deployment = $1 and source = $2 and label = $3 and size = $4 and modified = $5",
            deployment,
            source,
            label,
            signed(size, label)?,
            modified,
        )
        .fetch_optional(&self.pool)
        .await?;
        // One of another version of Muster is as good as none: the dump is read again.
        Ok(reading.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Keeps a reading, in place of one of an older file of that name, and its checksum beside all others.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn dump_reading_put(
        &self,
        deployment: &str,
        source: &str,
        label: &str,
        size: Big,
        modified: Timestamp,
        reading: &DumpReading,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query!(
            "insert into dump_readings (deployment, source, label, size, modified, reading, read_at)
             values ($1, $2, $3, $4, $5, $6::text::json, $7)
             on conflict (deployment, source, label) do update set
                 size = excluded.size, modified = excluded.modified, reading = excluded.reading, read_at = excluded.read_at",
            deployment,
            source,
            label,
            signed(size, label)?,
            modified,
            json_text(reading),
            reading.read_at,
        )
        .execute(&mut *tx)
        .await?;
        if let Ok(contents) = &reading.contents {
            sqlx::query!(
                "insert into dump_checksums (deployment, source, label, sha256, first_seen)
                 values ($1, $2, $3, $4, $5) on conflict do nothing",
                deployment,
                source,
                label,
                &contents.sha256.0[..],
                reading.read_at,
            )
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Every content that a dump of this name has had, oldest first, with when it was first seen. More than one: broken.
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
