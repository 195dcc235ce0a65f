//! A folder of dumps. Each is read in full once, its envelopes are tried with every key at hand, and what came of it is remembered until
//! the file changes.

use std::collections::BTreeMap;

use adapters::dumps::{DumpError, DumpFile, DumpRead, Form, PgRestore, Reader};
use chrono::{Duration, NaiveDateTime, TimeZone as _};
use chrono_tz::Tz;
use domain::backup::{Backup, Kind};
use domain::ids::Big;
use domain::role::Actor;
use domain::status::Status;
use domain::time::Timestamp;
use store::DumpReading;
use tokio_util::sync::CancellationToken;

use super::SourceReading;
use crate::keys::{self, KeyRing, Memory};
use crate::settings::{Deployment, Dumps};

pub async fn read(
    deployment: &Deployment,
    dumps: &Dumps,
    memory: &Memory,
    actor: &Actor,
    at: Timestamp,
) -> Result<SourceReading, String> {
    let files = dumps.folder.list().map_err(|error| error.to_string())?;
    let mut readings = BTreeMap::new();
    let mut unread = Vec::new();
    for file in &files {
        match remembered(deployment, dumps, file, memory).await {
            Some(reading) => drop(readings.insert(file.label.clone(), reading)),
            None if file.form != Form::Plain => unread.push(file),
            None => {}
        }
    }
    if !unread.is_empty() {
        let pg_restore = PgRestore::find(dumps.pg_restore.clone())
            .await
            .map_err(|error| error.to_string())?;
        let ring = keys::read_ring(deployment, memory, actor, at).await.ok();
        let reader = Reader {
            pg_restore,
            wrapped: deployment.wrapped(),
            cancellation: CancellationToken::new(),
        };
        for file in unread {
            let reading = fresh(deployment, &reader, file, ring.as_ref(), at).await?;
            remember(deployment, dumps, file, &reading, memory).await;
            readings.insert(file.label.clone(), reading);
        }
    }
    let backups: Vec<_> = files
        .iter()
        .map(|file| backup(dumps, file, readings.get(&file.label)))
        .collect();
    let status = if backups.is_empty() { Status::Broken } else { Status::Ok };
    let detail = if backups.is_empty() {
        "there is no dump in the folder".into()
    } else {
        format!("{} dumps", backups.len())
    };
    Ok(SourceReading {
        kind: "dumps".into(),
        status,
        detail,
        backups,
        windows: Vec::new(),
        gaps: Vec::new(),
        dumps: readings.into_iter().collect(),
        repos: Vec::new(),
        managed: None,
        vanished: Vec::new(),
    })
}

/// Reads one dump in full. `Err` only if nothing could be learnt about it.
async fn fresh(
    deployment: &Deployment,
    reader: &Reader,
    file: &DumpFile,
    ring: Option<&KeyRing>,
    at: Timestamp,
) -> Result<DumpReading, String> {
    let read = match reader.read(file).await {
        Ok(read) => read,
        Err(DumpError::Broken { reason, .. }) => {
            return Ok(DumpReading {
                contents: Err(reason),
                openings: Vec::new(),
                sampled: 0,
                unparsed: 0,
                read_at: at,
            });
        }
        Err(error) => return Err(error.to_string()),
    };
    let DumpRead { contents, wrapped } = read;
    let empty = KeyRing::empty();
    let ring = ring.unwrap_or(&empty);
    let tried = keys::try_all(&deployment.layout, ring, wrapped).await;
    let envelopes = tried.document();
    let opening =
        |(index, held): (usize, &keys::HeldKey)| (held.key.fingerprint(), keys::clamp(tried.opened_by(index)));
    Ok(DumpReading {
        contents: Ok(contents),
        openings: ring
            .held
            .iter()
            .enumerate()
            .map(opening)
            .filter(|(_, opened)| *opened > 0)
            .collect(),
        sampled: envelopes.sampled,
        unparsed: envelopes.unparsed,
        read_at: at,
    })
}

/// What an earlier reading has shown, if the file is still the one that was read (by name, size and time).
pub(crate) async fn remembered(
    deployment: &Deployment,
    dumps: &Dumps,
    file: &DumpFile,
    memory: &Memory,
) -> Option<DumpReading> {
    let Memory::Store(store) = memory else { return None };
    let name = &dumps.folder.name;
    store
        .dump_reading(&deployment.name, name, &file.label, Big(file.size), file.modified)
        .await
        .ok()
        .flatten()
}

async fn remember(deployment: &Deployment, dumps: &Dumps, file: &DumpFile, reading: &DumpReading, memory: &Memory) {
    let Memory::Store(store) = memory else { return };
    let name = &dumps.folder.name;
    let kept = store
        .dump_reading_put(
            &deployment.name,
            name,
            &file.label,
            Big(file.size),
            file.modified,
            reading,
        )
        .await;
    if let Err(error) = kept {
        tracing::warn!(%error, dump = file.label, "a reading could not be remembered; the dump is read again");
    }
}

fn backup(dumps: &Dumps, file: &DumpFile, reading: Option<&DumpReading>) -> Backup {
    let contents = reading.map(|reading| &reading.contents);
    let started = contents.and_then(|contents| zoned(contents.as_ref().ok()?.begun?, dumps.zone?));
    let (status, detail) = match contents {
        None if file.form == Form::Plain => (Status::Unknown, "plain SQL: listed, never restored".into()),
        None => (Status::Unknown, "not read yet".into()),
        Some(Err(reason)) => (Status::Broken, reason.clone()),
        Some(Ok(contents)) => judge(contents, started, file),
    };
    Backup {
        source: dumps.folder.name.clone(),
        tool: "pg_dump".into(),
        repo: None,
        label: file.label.clone(),
        kind: Kind::Dump,
        parent: None,
        started_at: started,
        stopped_at: Some(file.modified),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: Some(file.size),
        status,
        detail,
    }
}

fn judge(contents: &domain::backup::DumpContents, started: Option<Timestamp>, file: &DumpFile) -> (Status, String) {
    let rows: u64 = contents.rows.values().map(|rows| rows.0).sum();
    let whole = format!("read to its end: {} tables, {rows} rows", contents.rows.len());
    match started {
        None => (
            Status::Ok,
            format!("{whole}; zone unknown, so the time its data are of is not known"),
        ),
        Some(started) if started > file.modified + Duration::minutes(5) => (
            Status::Unknown,
            format!("{whole}; it claims to be begun after it was written: check timezone"),
        ),
        Some(_) => (Status::Ok, whole),
    }
}

/// What a wall clock in this zone meant. Of the hour that is struck twice in autumn, the earlier: its data are the older ones. `None` for
/// the hour that is left out in spring, which no clock of this zone shows.
pub(crate) fn zoned(begun: NaiveDateTime, zone: Tz) -> Option<Timestamp> {
    zone.from_local_datetime(&begun).earliest().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_is_read_in_its_zone_at_its_season() {
        let zone: Tz = "Europe/Berlin".parse().unwrap();
        let utc = |text: &str| zoned(text.parse().unwrap(), zone).map(|time| time.to_rfc3339());
        for (begun, expected) in [
            ("2026-01-15T12:00:00", Some("2026-01-15T11:00:00+00:00")),
            ("2026-07-15T12:00:00", Some("2026-07-15T10:00:00+00:00")),
            // Struck twice, left out.
            ("2026-10-25T02:30:00", Some("2026-10-25T00:30:00+00:00")),
            ("2026-03-29T02:30:00", None),
        ] {
            assert_eq!(utc(begun).as_deref(), expected, "{begun}");
        }
    }
}
