//! What a restore of a cluster ends with: a full backup of its new timeline. Whether it can be made on the database's own host is asked before,
//! and whether it was made is seen by the WAL that it begins with.

use domain::backup::{Backup, Kind};
use domain::ids::SystemIdentifier;
use domain::status::Status;

use super::retention::{Current, current};
use super::{PgBackRest, PgBackRestError};

/// Where backups into a repository are made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Making {
    /// On the host of this name, which keeps the repository: any other one is refused.
    Elsewhere { host: String },
    /// Here, into this folder.
    Folder { path: String },
    /// Here, into storage whose rights nothing tells without writing.
    Storage { kind: String },
    /// This version tells the options of the first repository only.
    OtherRepo,
}

/// Kinds of repository that are folders of the host. <https://pgbackrest.org/configuration.html#section-repository/option-repo-type>
const FOLDERS: [&str; 2] = ["posix", "cifs"];
/// Where a repository lies that no configuration names.
const USUAL_PATH: &str = "/var/lib/pgbackrest";

impl PgBackRest {
    /// Where backups into this repository are made, by the configuration of the host that the tool runs on.
    ///
    /// # Errors
    /// If pgBackRest can't be asked.
    pub async fn making(&self, repo: u32) -> Result<Making, PgBackRestError> {
        let [host, path, kind] = ["repo-host", "repo-path", "repo-type"].map(|option| ["backup", option]);
        let (host, path) = (self.help(&host).await?, self.help(&path).await?);
        if let Current::Told(host) = current(&host, repo) {
            return Ok(Making::Elsewhere { host: host.to_owned() });
        }
        let path = match current(&path, repo) {
            Current::Told(path) => path,
            Current::Default => USUAL_PATH,
            Current::Untold => return Ok(Making::OtherRepo),
        };
        let kind = self.help(&kind).await?;
        if let Current::Told(kind) = current(&kind, repo)
            && !FOLDERS.contains(&kind)
        {
            return Ok(Making::Storage { kind: kind.to_owned() });
        }
        Ok(Making::Folder {
            path: format!("{}/backup/{}", path.trim_end_matches('/'), self.stanza),
        })
    }

    /// A usable full backup of this cluster that begins on this timeline. A restore makes a timeline of its own, so such a backup is later.
    ///
    /// # Errors
    /// If the repository can't be read.
    pub async fn full_of(
        &self,
        repo: u32,
        (system, timeline): (SystemIdentifier, u32),
    ) -> Result<Option<Backup>, PgBackRestError> {
        let read = self.read().await?;
        let own = read
            .archives
            .iter()
            .filter(|(archive, _)| archive.repo == repo && archive.system == Some(system));
        let begun: Vec<_> = own
            .flat_map(|(_, anchors)| anchors)
            .filter(|anchor| anchor.first.timeline == timeline)
            .map(|anchor| anchor.stopped_at)
            .collect();
        let mut fulls = read
            .backups
            .into_iter()
            .filter(|backup| backup.repo == Some(repo) && backup.kind == Kind::Full && backup.status == Status::Ok);
        Ok(fulls.rfind(|full| full.stopped_at.is_some_and(|stopped| begun.contains(&stopped))))
    }
}
