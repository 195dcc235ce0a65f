//! pgBackRest as a source: what its repositories hold. Only reads (`info`, `repo-ls`, `repo-get`); `check` is never called, since it
//! writes WAL.

mod archive;
mod info;

use std::time::Duration;

use domain::backup::Backup;
use domain::status::Status;
use domain::wal::Segment;
use domain::window::{Anchor, Archive};

use crate::process::{ProcessError, Tool};

pub use info::{Info, InfoError, RepoState};

/// A listing of a repository with years of WAL is tens of megabytes.
const LARGEST_ANSWER: usize = 256 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(300);

/// One configured stanza.
#[derive(Clone, Debug)]
pub struct PgBackRest {
    /// Name of the source.
    pub name: String,
    pub stanza: String,
    /// The configured command; reads only.
    pub tool: Tool,
}

/// What the stanza's repositories hold.
#[derive(Clone, Debug)]
pub struct Repositories {
    pub status: Status,
    pub detail: String,
    pub backups: Vec<Backup>,
    /// One archive a repository and database history entry, with the backups that start in it.
    pub archives: Vec<(Archive, Vec<Anchor>)>,
    /// Archives that could not be listed, with the reason. Windows in them are unknown.
    pub unread: Vec<String>,
}

/// Why nothing is known of the stanza.
#[derive(Debug, thiserror::Error)]
pub enum PgBackRestError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Info(#[from] InfoError),
}

impl PgBackRest {
    /// Reads backups and WAL archives. What can't be read of one repository leaves the others readable.
    ///
    /// # Errors
    /// If the tool doesn't answer, or its answer isn't understood.
    pub async fn read(&self) -> Result<Repositories, PgBackRestError> {
        let info = Info::parse(&self.call(&["info", "--output=json"]).await?, &self.stanza)?;
        let mut archives = Vec::new();
        let mut unread = Vec::new();
        for place in info.archive_places() {
            match self.archive(place.repo, &place.id, place.segment_size).await {
                Ok(archive) => archives.push((archive, info.anchors(&self.name, &place))),
                Err(error) => unread.push(format!("WAL archive {} of repo{}: {error}", place.id, place.repo)),
            }
        }
        let (status, detail) = info.judge();
        Ok(Repositories {
            status,
            detail,
            backups: info.backups(&self.name),
            archives,
            unread,
        })
    }

    async fn archive(&self, repo: u32, id: &str, segment_size: u64) -> Result<Archive, PgBackRestError> {
        let path = format!("archive/{}/{id}", self.stanza);
        let listing = self
            .call(&[
                "repo-ls",
                &format!("--repo={repo}"),
                "--recurse",
                "--output=json",
                &path,
            ])
            .await?;
        let listed = archive::Listing::parse(&listing, segment_size)?;
        let mut branches = std::collections::BTreeMap::new();
        for (timeline, file) in &listed.histories {
            let text = self
                .call(&["repo-get", &format!("--repo={repo}"), &format!("{path}/{file}")])
                .await?;
            if let Some(branch) = archive::newest_branch(&text) {
                branches.insert(*timeline, branch);
            }
        }
        Ok(Archive {
            source: self.name.clone(),
            repo,
            system: None,
            segment_size,
            segments: listed.segments,
            branches,
        })
    }

    async fn call(&self, arguments: &[&str]) -> Result<Vec<u8>, ProcessError> {
        let stanza = format!("--stanza={}", self.stanza);
        // Log files would be written as whoever runs Muster, and stop the database's own user from writing them.
        let all = [
            &[stanza.as_str(), "--log-level-file=off", "--log-level-console=off"],
            arguments,
        ]
        .concat();
        Ok(self
            .tool
            .invoke(all)
            .time_limit(PATIENCE)
            .keep(LARGEST_ANSWER)
            .output()
            .await?
            .stdout)
    }
}

/// Where a segment's place in an archive is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivePlace {
    pub repo: u32,
    /// Version and history number, such as `15-1`.
    pub id: String,
    pub segment_size: u64,
}

/// Whether the anchor's segments could be read from its backup.
fn anchor(start: &str, stop: &str, size: u64) -> Option<(Segment, Segment)> {
    Some((Segment::parse(start, size).ok()?, Segment::parse(stop, size).ok()?))
}
