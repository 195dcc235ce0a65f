//! Dumps in a folder or a bucket. Each is read in full once, its envelopes are tried with every key at hand, and what came of it is
//! remembered until the dump changes. The list comes first: what isn't read yet says so, and a huge dump holds up no list.

mod headers;
mod progress;
mod reading;
mod verdict;

use std::collections::BTreeMap;
use std::time::Duration;

use adapters::dumps::{DumpFile, Listing};
use domain::ids::{Big, Sha256};
use domain::role::Actor;
use domain::status::Status;
use domain::time::Timestamp;
use store::{DumpReading, KeptReading, ListedDump};

use super::SourceReading;
use crate::keys::Memory;
use crate::settings::{Deployment, Dumps};
use reading::Work;

pub use progress::Progress;
pub(crate) use verdict::{changed_since, zoned};

/// How long one look waits for readings; what takes longer goes on behind it, and the next look finds it.
const PATIENCE: Duration = Duration::from_secs(20);
/// A file that looks the same isn't read at each look. After this time it is read once more, one file a look: its content could have
/// changed behind its time and size. Each content of an object has a name of its own, so an object is read once.
const REREAD: chrono::Duration = chrono::Duration::days(7);

/// What is remembered of a source.
#[derive(Default)]
struct Remembered {
    readings: BTreeMap<String, KeptReading>,
    /// By label: the first content that was seen under it, and when.
    first_seen: BTreeMap<String, (Sha256, Timestamp)>,
}

pub async fn read(
    deployment: &Deployment,
    dumps: &Dumps,
    memory: &Memory,
    actor: &Actor,
    at: Timestamp,
) -> Result<SourceReading, String> {
    let listing = dumps.place.list().await.map_err(|error| error.to_string())?;
    let mut remembered = remember(deployment, dumps, memory).await?;
    let mut readings = standing(deployment, dumps, &listing, &remembered);
    let due = due(dumps, &listing, &readings, at);
    if !due.is_empty() {
        let work = Work {
            deployment: deployment.clone(),
            dumps: dumps.clone(),
            memory: memory.clone(),
            actor: actor.clone(),
            at,
        };
        match memory {
            Memory::None => readings.extend(work.all(due).await),
            Memory::Store(_) => {
                behind(dumps, work, due).await;
                remembered = remember(deployment, dumps, memory).await?;
                readings = standing(deployment, dumps, &listing, &remembered);
            }
        }
    }
    Ok(told(dumps, listing, readings, &remembered))
}

/// Lists them, with what is remembered of each. None is read now; of files that never were, the header tells when they were begun.
pub async fn glance(deployment: &Deployment, dumps: &Dumps, memory: &Memory) -> Result<SourceReading, String> {
    let listing = dumps.place.list().await.map_err(|error| error.to_string())?;
    let remembered = remember(deployment, dumps, memory).await?;
    let readings = standing(deployment, dumps, &listing, &remembered);
    let unread = listing.dumps.iter().filter(|file| !readings.contains_key(&file.label));
    let begun = headers::begun(dumps, unread.cloned().collect()).await;
    let mut reading = told(dumps, listing, readings, &remembered);
    for backup in &mut reading.backups {
        backup.started_at = backup.started_at.or(begun.get(&backup.label).copied());
    }
    Ok(reading)
}

/// Reads behind this look, unless an earlier one is still at it, and waits a while for what is quickly done.
async fn behind(dumps: &Dumps, work: Work, due: Vec<DumpFile>) {
    let Some(turn) = dumps.progress.turn() else { return };
    let reading = tokio::spawn(async move {
        let _turn = turn;
        work.all(due).await;
    });
    if let Ok(Err(failed)) = tokio::time::timeout(PATIENCE, reading).await {
        tracing::error!(%failed, source = dumps.place.name(), "reading dumps ended with a mistake in Muster");
    }
}

async fn remember(deployment: &Deployment, dumps: &Dumps, memory: &Memory) -> Result<Remembered, String> {
    let Memory::Store(store) = memory else {
        return Ok(Remembered::default());
    };
    let (deployment, source) = (deployment.name.as_str(), dumps.place.name());
    let failed = |error| format!("what was read of these dumps can’t be looked up: {error}");
    Ok(Remembered {
        readings: store.dump_readings(deployment, source).await.map_err(failed)?,
        first_seen: store.dumps_first_seen(deployment, source).await.map_err(failed)?,
    })
}

/// The readings of dumps that still look as they did.
fn standing(
    deployment: &Deployment,
    dumps: &Dumps,
    listing: &Listing,
    remembered: &Remembered,
) -> BTreeMap<String, DumpReading> {
    let standing = listing.dumps.iter().filter_map(|file| {
        let kept = remembered.readings.get(&file.label)?;
        let holds = kept.holds_for(&listed(deployment, dumps, file));
        holds.then(|| (file.label.clone(), kept.reading.clone()))
    });
    standing.collect()
}

/// What has to be read now: what never was, the newest first; then the one that was read longest ago, if that is long.
fn due(dumps: &Dumps, listing: &Listing, readings: &BTreeMap<String, DumpReading>, at: Timestamp) -> Vec<DumpFile> {
    let unread = |file: &&DumpFile| !readings.contains_key(&file.label) && !dumps.progress.rests(file, at);
    let mut due: Vec<_> = listing.dumps.iter().filter(unread).cloned().collect();
    due.sort_by_key(|file| std::cmp::Reverse(file.modified));
    if dumps.place.hides_changes() {
        let read_at = |file: &&DumpFile| readings.get(&file.label).map(|reading| reading.read_at);
        let long_ago = |file: &&DumpFile| read_at(file).is_some_and(|then| at - then >= REREAD);
        let again = listing
            .dumps
            .iter()
            .filter(|file| long_ago(file) && !dumps.progress.rests(file, at));
        due.extend(again.min_by_key(read_at).cloned());
    }
    due
}

fn told(
    dumps: &Dumps,
    listing: Listing,
    readings: BTreeMap<String, DumpReading>,
    remembered: &Remembered,
) -> SourceReading {
    let backups: Vec<_> = listing
        .dumps
        .iter()
        .map(|file| {
            let first = remembered.first_seen.get(&file.label);
            verdict::backup(dumps, file, readings.get(&file.label), first)
        })
        .collect();
    let unread = listing
        .dumps
        .iter()
        .filter(|file| !readings.contains_key(&file.label))
        .count();
    let (status, detail) = match (listing.unreadable.first(), backups.len()) {
        (Some((label, reason)), count) => (
            Status::Unknown,
            format!(
                "{count} dumps; {} more can’t be looked into: {label}: {reason}",
                listing.unreadable.len()
            ),
        ),
        (None, 0) => (
            Status::Broken,
            format!("there is no dump in {}", dumps.place.whereabouts()),
        ),
        (None, count) if unread > 0 => (Status::Ok, format!("{count} dumps, {unread} of them not read yet")),
        (None, count) => (Status::Ok, format!("{count} dumps")),
    };
    SourceReading {
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
        archives: Vec::new(),
        systems: Vec::new(),
    }
}

/// A dump as the store knows it.
pub(crate) fn listed<'a>(deployment: &'a Deployment, dumps: &'a Dumps, file: &'a DumpFile) -> ListedDump<'a> {
    ListedDump {
        deployment: &deployment.name,
        source: dumps.place.name(),
        label: &file.label,
        size: Big(file.size),
        modified: file.modified,
        version: file.version.as_deref(),
    }
}
