//! pgBackRest as a source: what its repositories hold. Only reads (`info`, `repo-ls`, `repo-get`, `verify`); `check` is never called, since
//! it writes WAL.

mod after_restore;
mod archive;
mod by_hand;
mod escrow;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod info;
mod manifest;
mod reading;
mod rehearse;
mod retention;
mod segment_size;
mod verify;
mod words;

use std::time::Duration;

use domain::backup::Backup;
use domain::status::Status;
use domain::window::{Anchor, Archive};

use crate::process::{Invocation, Output, ProcessError, Tool};

pub use after_restore::Making;
pub(crate) use archive::newest_branch;
pub use by_hand::{Stop, moment};
pub use escrow::{Opening, RepoSecrets};
pub use info::{Info, InfoError, Progress, RepoProgress, RepoState, Running};
pub use retention::RetentionError;
pub use verify::{Files, Verification, VerifiedArchive, VerifiedBackup};

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
    pub repos: Vec<RepoState>,
    /// What runs right now; `None`: nothing that this host knows of.
    pub progress: Option<Progress>,
    pub backups: Vec<Backup>,
    /// One archive a repository and database history entry, with the backups that start in it.
    pub archives: Vec<(Archive, Vec<Anchor>)>,
    /// Archives, or files of them, that could not be read, with the reason. Windows there are unknown.
    pub unread: Vec<String>,
    /// Segments that lie in a repository twice with different content.
    pub doubled: Vec<(u32, String)>,
    /// Entries of an unknown form, with the reason. What they say is unknown; the others stand.
    pub not_understood: Vec<String>,
}

/// Why nothing is known of the stanza.
#[derive(Debug, thiserror::Error)]
pub enum PgBackRestError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Info(#[from] InfoError),
    #[error("pgBackRest printed more than {} MB, which was not read to its end", LARGEST_ANSWER / 1_000_000)]
    TooMuch,
    #[error(
        "what is in escrow can only be proven where pgBackRest runs on this machine: its environment can’t be set from here, and a \
         passphrase must not be part of a command line"
    )]
    Elsewhere,
}

impl PgBackRest {
    /// A call that logs nothing: log files would be written as whoever runs Muster, and stop the database's own user from writing them.
    fn invoke(&self, arguments: &[&str]) -> Invocation {
        let stanza = format!("--stanza={}", self.stanza);
        let quiet = [stanza.as_str(), "--log-level-file=off", "--log-level-console=off"];
        let call = self.tool.invoke([&quiet, arguments].concat());
        call.time_limit(PATIENCE).keep(LARGEST_ANSWER)
    }

    async fn call(&self, arguments: &[&str]) -> Result<Vec<u8>, PgBackRestError> {
        let output = self.invoke(arguments).output().await?;
        complete(output).map(|output| output.stdout)
    }
}

fn complete(output: Output) -> Result<Output, PgBackRestError> {
    if output.stdout_dropped > 0 {
        return Err(PgBackRestError::TooMuch);
    }
    Ok(output)
}
