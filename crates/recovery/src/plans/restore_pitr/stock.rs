//! The stanza as it is now: backups, windows, and the WAL between them.

use adapters::pgbackrest::PgBackRest;
use domain::backup::Backup;
use domain::pitr;
use domain::plan::RestorePitr;
use domain::route::{Past, Production, Stock};
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::window::{Archive, Commit, Gap, Window};

use super::{afterwards, place::Looked};
use crate::keys::Memory;
use crate::plans::Planner;
use crate::plans::cost::until_in_use;
use crate::{Error, collect};

/// What there is to restore from.
pub(super) struct Shelf {
    pub backups: Vec<Backup>,
    pub archives: Vec<Archive>,
    pub windows: Vec<Window>,
    pub gaps: Vec<Gap>,
    pub commits: Vec<Commit>,
    pub past: Vec<Past>,
    /// What of the stanza could not be read.
    pub unread: Vec<String>,
}

impl Planner<'_> {
    pub(super) async fn shelf(&self, stanza: &PgBackRest, vitals: Option<&Vitals>) -> Result<Shelf, Error> {
        let read = stanza.read().await;
        let read = read.map_err(|error| Error::invalid(format!("{} can’t be read: {error}.", stanza.name)))?;
        let commits = collect::commits(self.deployment, vitals, self.memory).await;
        let (windows, gaps): (Vec<_>, Vec<_>) = read
            .archives
            .iter()
            .map(|(archive, anchors)| archive.windows(anchors, &commits))
            .unzip();
        let past = match self.memory {
            Memory::None => Vec::new(),
            Memory::Store(store) => store.runs_succeeded(&self.deployment.name, "restore-pitr", 5).await?,
        };
        Ok(Shelf {
            backups: read.backups,
            archives: read.archives.into_iter().map(|(archive, _)| archive).collect(),
            windows: windows.concat(),
            gaps: gaps.concat(),
            commits,
            past: past
                .iter()
                .filter_map(until_in_use)
                .map(|seconds| Past {
                    source: stanza.name.clone(),
                    seconds,
                })
                .collect(),
            unread: read.unread,
        })
    }
}

impl Shelf {
    pub fn stock(&self, looked: &Looked, now: Timestamp) -> Stock<'_> {
        let newest = looked.vitals.as_ref().and_then(Vitals::newest_commit);
        let remembered = self.commits.iter().map(|commit| commit.at).max();
        Stock {
            backups: &self.backups,
            windows: &self.windows,
            gaps: &self.gaps,
            commits: &self.commits,
            production: Production {
                newest: newest.or(remembered),
                live: newest.is_some(),
                as_of: looked.vitals.as_ref().map_or(now, |vitals| vitals.read_at),
            },
            coverage: &[],
            past: &self.past,
        }
    }
}

/// What of the approved backup and its WAL isn't there any more.
///
/// # Errors
/// If the stanza can't be read.
pub async fn check_wal(planner: &Planner<'_>, approved: &RestorePitr) -> Result<Vec<String>, Error> {
    let (stanza, host) = planner.pitr_configured(&approved.source)?;
    let shelf = planner.shelf(stanza, None).await?;
    let held = Box::pin(afterwards::hold_moved(host, &shelf, approved, planner.clock.now())).await?;
    let mut moved = Vec::from_iter(held);
    for label in &approved.chain {
        let found = shelf
            .backups
            .iter()
            .find(|backup| backup.label == *label && backup.repo == Some(approved.repo));
        match found {
            Some(backup) if backup.status == Status::Ok => {}
            Some(backup) => moved.push(format!(
                "the backup {label} is {}: {}",
                backup.status.word(),
                backup.detail
            )),
            None => moved.push(format!("the backup {label} is gone")),
        }
    }
    let manifest = stanza.manifest_sha256(approved.repo, &approved.backup).await;
    match manifest {
        Ok(sha256) if sha256 == approved.manifest_sha256 => {}
        Ok(sha256) => moved.push(format!(
            "the manifest of {} was {} and is {}",
            approved.backup,
            approved.manifest_sha256.short(),
            sha256.short()
        )),
        Err(error) => moved.push(format!("the manifest of {} can’t be read: {error}", approved.backup)),
    }
    let own =
        |archive: &&Archive| archive.repo == approved.repo && archive.system == Some(approved.server.system_identifier);
    let Some(archive) = shelf.archives.iter().rfind(own) else {
        moved.push(format!(
            "the WAL archive of the cluster {} is gone",
            approved.server.system_identifier
        ));
        return Ok(moved);
    };
    let hole = pitr::hole(
        archive,
        &approved.timelines,
        approved.replay_from,
        approved.expected_end,
    );
    moved.extend(hole.map(|segment| format!("wal-gap {}", segment.name(archive.segment_size))));
    Ok(moved)
}
