//! The tools and the room that a drill needs, and a dump out of its place.

use adapters::dumps::{DumpFile, OpenDump, Outline, PgRestore, Reader};
use adapters::postgres::Binaries;
use adapters::sandbox::{Fetch, SandboxError};
use domain::drill::{Failure, WalNeeded};
use store::DumpReading;
use tokio_util::sync::CancellationToken;

use super::choose::Physical;
use super::execution::Execution;
use crate::collect;
use crate::settings::{Dumps, Sandbox};

/// Beside the data: the server’s own files, and what recovery writes.
const BESIDE: u64 = 256 << 20;
/// A dump is compressed, and its indexes are only made when it is restored.
const UNPACKED: u64 = 8;

/// What has to fit.
pub enum Room<'a> {
    Physical { files: Option<u64>, wal: &'a WalNeeded },
    Dump { stored: u64, database: Option<u64> },
}

impl Room<'_> {
    /// Bytes.
    pub fn needed(&self) -> u64 {
        let data = match self {
            Room::Physical { files, wal } => {
                let segments = u64::try_from(wal.segments.len()).unwrap_or(u64::MAX);
                files
                    .unwrap_or_default()
                    .saturating_add(segments.saturating_mul(wal.segment_size))
            }
            Room::Dump { stored, database } => {
                let unpacked = database.unwrap_or_else(|| stored.saturating_mul(UNPACKED));
                unpacked.saturating_add(*stored)
            }
        };
        data.saturating_add(data / 10).saturating_add(BESIDE)
    }
}

/// The database's own size, where it was ever read, tells best what a dump of it unpacks to.
pub async fn room_for_dump(run: &Execution, file: &DumpFile) -> Room<'static> {
    let latest = run.services.store.vitals_latest(&run.deployment.name).await;
    let database = latest.ok().flatten().map(|vitals| vitals.database_size.0);
    Room::Dump {
        stored: file.size,
        database,
    }
}

/// The programs of the version that the backup is of.
pub fn binaries(settings: &Sandbox, major: Option<u32>) -> Result<Binaries, Failure> {
    let found = match major {
        // Its tool doesn't tell: the newest is as good as any, and the server says if it isn't.
        None => Binaries::find(None).ok(),
        Some(major) => match settings.bin_dir.get(&major) {
            Some(dir) => Binaries::find(Some(dir)).ok().filter(|found| found.major == major),
            None => Binaries::installed().into_iter().find(|found| found.major == major),
        },
    };
    found.ok_or_else(|| {
        let version = major.map_or("PostgreSQL".into(), |major| format!("PostgreSQL {major}"));
        let package = major.map_or("postgresql".into(), |major| format!("postgresql-{major}"));
        Failure::of_environment(
            "missing-version",
            format!("the backup is of {version}, which isn’t to be found here"),
            format!("install {package}, or name its folder under [deployment.sandbox] bin_dir"),
        )
    })
}

pub fn of<'a>(run: &Execution, settings: &Sandbox, physical: &'a Physical) -> Fetch<'a> {
    // The label was chosen from what the tool listed.
    Fetch {
        stanza: &physical.stanza,
        repo: physical.repo,
        label: physical.label.as_str(),
        escrow: physical.escrow.as_ref(),
        processes: settings.jobs,
        time_limit: settings.time_limit,
        cancellation: run.end.clone(),
    }
}

/// Opens a dump, and reads what it says of itself.
pub async fn dump(run: &Execution, dumps: &Dumps, file: &DumpFile) -> Result<((OpenDump, Outline), String), Failure> {
    let blame = |error: SandboxError| error.blame("dump-broken");
    let opened = dumps
        .place
        .open(file, &dumps.scratch)
        .await
        .map_err(|error| blame(error.into()))?;
    let pg_restore = PgRestore::find(dumps.pg_restore.clone())
        .await
        .map_err(|error| blame(error.into()))?;
    let reader = Reader {
        pg_restore,
        wrapped: Vec::new(),
        migrations: None,
        cancellation: CancellationToken::new(),
    };
    let outline = reader.outline(&opened).await.map_err(|error| blame(error.into()))?;
    let sha256 = opened.sha256().await.map_err(|error| blame(error.into()))?;
    let words = format!("SHA-256 {}, {}", sha256.short(), domain::time::bytes(file.size));
    run.with(|drill| {
        if let Some(backup) = &mut drill.backup {
            backup.sha256 = Some(sha256);
        }
        let versions = &mut drill.figures.versions;
        versions.extend(outline.tool_version.clone().map(|version| ("pg_dump".into(), version)));
    });
    Ok(((opened, outline), words))
}

/// What reading this very dump has shown before, if it was read.
pub async fn kept_reading(run: &Execution, dumps: &Dumps, file: &DumpFile) -> Option<DumpReading> {
    let observed = collect::cached(&run.services.store, &run.deployment).await.ok()?;
    let reading = observed.dump(dumps.place.name(), &file.label)?.clone();
    let sha256 = run.with(|drill| drill.backup.as_ref().and_then(|backup| backup.sha256));
    let same = reading
        .contents
        .as_ref()
        .is_ok_and(|contents| Some(contents.sha256) == sha256);
    same.then_some(reading)
}
