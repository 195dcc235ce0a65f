//! What can go wrong in a sandbox, and whose fault it is: the backup's, or the sandbox's own.

use std::io;
use std::path::PathBuf;

use domain::drill::Failure;

use crate::dumps::DumpError;
use crate::pgbackrest::PgBackRestError;
use crate::process::ProcessError;

use super::lint;

/// Why a drill couldn't go on.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("{} could not be {what}: {source}", .path.display())]
    File {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{needed} are needed under {}, and {free} are free", .root.display())]
    NoRoom {
        root: PathBuf,
        needed: String,
        free: String,
    },
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    PgBackRest(#[from] PgBackRestError),
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// A tool or the server said what was wrong.
    #[error("{what}: {said}")]
    Told { what: &'static str, said: String },
    #[error("nobody can log in to the restored server as its superuser; tried {}", .tried.join(", "))]
    NoSuperuser { tried: Vec<String> },
    #[error("the server did not come up within {after}")]
    TooSlow { after: String },
    /// What was to be started on the copy.
    #[error("the launcher: {0}")]
    Launcher(String),
    #[error("nothing is handed a key where nothing keeps it apart: {0}")]
    NotApart(String),
    #[error("the restored server could not be asked: {0}")]
    Query(#[from] sqlx::Error),
}

impl SandboxError {
    pub(super) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }

    /// What it says about the backup, if anything. `code` is the failure where the backup is to blame.
    #[must_use]
    pub fn blame(&self, code: &str) -> Failure {
        let words = self.to_string();
        if let Some(found) = lint::environment(&words) {
            return Failure::of_environment(found.code, words, found.remedy);
        }
        let environment = |code: &str, remedy: &str| Failure::of_environment(code, words.clone(), remedy);
        match self {
            Self::File { .. } => environment(
                "sandbox-files",
                "look at the folder of sandboxes and its permissions, then start the drill again",
            ),
            Self::NoRoom { .. } => environment(
                "disk-full",
                "make room, or set [deployment.sandbox] root to a larger disk",
            ),
            Self::NoSuperuser { .. } => environment("no-superuser", "name it: [deployment.sandbox] superuser"),
            Self::Launcher(_) => environment(
                "launcher",
                "look at the drill’s log, and at [deployment.sandbox] launcher",
            ),
            Self::NotApart(_) => environment(
                "not-apart",
                "let Muster make namespaces (unshare of util-linux), or set [deployment.sandbox] agents = \"off\"",
            ),
            Self::TooSlow { .. } => environment(
                "too-slow",
                "look at the drill’s log; give it more time with [deployment.sandbox] time_limit",
            ),
            Self::Process(error) => of_process(error, code, &words),
            Self::PgBackRest(PgBackRestError::Process(error)) => of_process(error, code, &words),
            Self::PgBackRest(PgBackRestError::Info(_) | PgBackRestError::TooMuch) => environment(
                "repository-unread",
                "see whether `muster inventory` can read the repository",
            ),
            Self::PgBackRest(PgBackRestError::Elsewhere) => environment(
                "tool-elsewhere",
                "drills need pgBackRest on Muster’s own host: [deployment.sandbox] pgbackrest",
            ),
            Self::Dump(DumpError::Broken { .. }) | Self::Told { .. } | Self::Query(_) => {
                Failure::of_backup(code, words)
            }
            Self::Dump(_) => environment(
                "dump-unread",
                "see whether `muster inventory` can read the dump, then start the drill again",
            ),
        }
    }
}

/// A tool that ended by itself judged what it was given; one that didn't start or was ended judged nothing.
fn of_process(error: &ProcessError, code: &str, words: &str) -> Failure {
    match error {
        ProcessError::Failed { .. } => Failure::of_backup(code, words),
        ProcessError::NotFound { .. } => {
            Failure::of_environment("tool-missing", words, "install what the message names")
        }
        _ => Failure::of_environment(
            "tool-stopped",
            words,
            "start the drill again; if that doesn’t help, look at its log",
        ),
    }
}
