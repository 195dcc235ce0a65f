//! A pgBackRest stanza: backups, and the windows that its WAL opens.

use std::collections::BTreeMap;

use adapters::pgbackrest::{PgBackRest, RepoState, Repositories};
use domain::rules::{ArchiveReading, TimelineReading};
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::wal::Lsn;
use domain::window::{Anchor, Archive, Commit, Gap, Unarchived, Window, place};

use super::{RepoReading, SourceReading};
use crate::keys::Memory;
use crate::settings::Deployment;

/// Reasons that are given one by one before the rest is only counted.
const NAMED: usize = 3;

/// Reads the stanza. A gap makes the source broken.
///
/// # Errors
/// With the reason why nothing is known, for a person.
pub async fn read(
    deployment: &Deployment,
    stanza: &PgBackRest,
    vitals: Option<&Vitals>,
    memory: &Memory,
) -> Result<SourceReading, String> {
    let repositories = stanza.read().await.map_err(|error| error.to_string())?;
    let mut reading = judge(repositories, &commits(deployment, vitals, memory).await);
    for repo in &mut reading.repos {
        repo.retention = stanza.retention(repo.key).await.map_err(|error| error.to_string());
    }
    Ok(reading)
}

fn judge(repositories: Repositories, commits: &[Commit]) -> SourceReading {
    let (windows, gaps) = windows(&repositories, commits);
    let archives = repositories.archives.iter();
    let archives = archives
        .map(|(archive, _)| compared(archive, &repositories.doubled))
        .collect();
    let repos = repositories.repos.iter();
    let repos = repos
        .map(|state| repo(state, &repositories.archives, commits))
        .collect();
    let unread = if repositories.unread.is_empty() {
        Status::Ok
    } else {
        Status::Unknown
    };
    let whole = if gaps.is_empty() { Status::Ok } else { Status::Broken };
    SourceReading {
        kind: "pgbackrest".into(),
        status: Status::group([repositories.status, unread, whole]),
        detail: detail(&repositories, &gaps),
        backups: repositories.backups,
        windows,
        gaps,
        dumps: Vec::new(),
        repos,
        managed: None,
        vanished: Vec::new(),
        archives,
        systems: Vec::new(),
    }
}

/// What of an archive is compared with the live server.
pub(super) fn compared(archive: &Archive, doubled: &[(u32, String)]) -> ArchiveReading {
    let mut ends: BTreeMap<u32, Lsn> = BTreeMap::new();
    for segment in archive.segments.keys() {
        ends.insert(segment.timeline, segment.end(archive.segment_size));
    }
    let timelines = ends.into_iter().map(|(timeline, end)| TimelineReading {
        timeline,
        end,
        parent: archive
            .branches
            .get(&timeline)
            .map(|branch| (branch.parent, branch.switch)),
    });
    ArchiveReading {
        repo: archive.repo,
        system: archive.system,
        segment_size: archive.segment_size,
        timelines: timelines.collect(),
        doubled: doubled
            .iter()
            .filter(|(repo, _)| *repo == archive.repo)
            .map(|(_, name)| name.clone())
            .collect(),
    }
}

fn windows(repositories: &Repositories, commits: &[Commit]) -> (Vec<Window>, Vec<Gap>) {
    let archives = repositories.archives.iter();
    let (windows, gaps): (Vec<_>, Vec<_>) = archives
        .map(|(archive, anchors)| archive.windows(anchors, commits))
        .unzip();
    (windows.concat(), gaps.concat())
}

fn detail(repositories: &Repositories, gaps: &[Gap]) -> String {
    let torn = gaps
        .iter()
        .map(|gap| format!("WAL is missing in {}: {}", place(&gap.source, gap.repo), gap.missing()));
    let reasons: Vec<_> = torn.chain(repositories.unread.iter().cloned()).collect();
    let more = reasons.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("and {more} more"));
    let own = Some(repositories.detail.clone()).filter(|own| reasons.is_empty() || own != "ok");
    let all = own.into_iter().chain(reasons.into_iter().take(NAMED)).chain(more);
    all.collect::<Vec<_>>().join("; ")
}

/// A repository holds an archive for each major version that the cluster had, the newest last; the commits are of that.
fn repo(state: &RepoState, archives: &[(Archive, Vec<Anchor>)], commits: &[Commit]) -> RepoReading {
    let own = archives.iter().rev().filter(|(archive, _)| archive.repo == state.key);
    let behind = own.map(|(archive, anchors)| unarchived(archive, anchors, commits));
    RepoReading {
        retention: Err("it was not asked for".into()),
        key: state.key,
        cipher: state.cipher.clone(),
        oldest_unarchived: behind
            .reduce(|newer, older| if newer.is_ok() { newer } else { older })
            .unwrap_or_else(|| Err("its WAL archive was not read".into())),
    }
}

/// Time of the oldest known commit that the archive doesn't hold.
pub(super) fn unarchived(
    archive: &Archive,
    anchors: &[Anchor],
    commits: &[Commit],
) -> Result<Option<Timestamp>, String> {
    match archive.oldest_unarchived(anchors, commits) {
        Unarchived::Nothing => Ok(None),
        Unarchived::Since(at) => Ok(Some(at)),
        Unarchived::Unknown => Err("no commit is known by time and place that could be looked for in it".into()),
    }
}

/// Known commit times with their positions, from this reading and earlier ones.
pub(crate) async fn commits(deployment: &Deployment, vitals: Option<&Vitals>, memory: &Memory) -> Vec<Commit> {
    let Memory::Store(store) = memory else {
        return vitals.and_then(commit).into_iter().collect();
    };
    let earlier = store.commits_known(&deployment.name, Timestamp::UNIX_EPOCH).await;
    let latest = match vitals {
        Some(_) => Ok(None),
        None => store.vitals_latest(&deployment.name).await,
    };
    let (earlier, latest) = match (earlier, latest) {
        (Ok(earlier), Ok(latest)) => (earlier, latest),
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(%error, "earlier commit times are not known; windows may end early");
            (Vec::new(), None)
        }
    };
    let newest = vitals.or(latest.as_ref());
    // A deployment has one database at a time, so all of them are taken to be of the cluster that was read last. A commit of the one
    // before is older than any backup of this one and opens nothing.
    let system = newest.map(|vitals| vitals.system_identifier);
    let earlier = earlier.into_iter().map(|(lsn, at)| Commit {
        system,
        timeline: None,
        lsn,
        at,
    });
    earlier.chain(newest.and_then(commit)).collect()
}

fn commit(vitals: &Vitals) -> Option<Commit> {
    Some(Commit {
        system: Some(vitals.system_identifier),
        timeline: Some(vitals.timeline),
        lsn: vitals.lsn,
        at: vitals.newest_commit()?,
    })
}

#[cfg(test)]
mod tests;
