//! What can go wrong with a private cluster, for the person who reads it at three in the morning.

use std::{io, path::PathBuf, time::Duration};

use crate::process::ProcessError;

/// Why a private cluster couldn't be made, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// No PostgreSQL server is installed where Muster looks.
    #[error(
        "no PostgreSQL server was found in {looked_in}. Install it (package postgresql on Debian and Ubuntu) or configure its bin folder"
    )]
    NoBinaries {
        /// The places that were searched.
        looked_in: String,
    },
    /// A name or value can't be written into PostgreSQL's configuration.
    #[error("{value:?} is not a valid {what} for a private cluster; nothing was changed")]
    Invalid {
        /// What it was meant to be.
        what: &'static str,
        /// The offending text.
        value: String,
    },
    /// Another process holds the folder.
    #[error("another Muster{} is using {}. Nothing was changed; stop it first, or start this one with another data directory", holder.map(|pid| format!(" (process {pid})")).unwrap_or_default(), folder.display())]
    InUse {
        /// The cluster's folder.
        folder: PathBuf,
        /// Process id of the holder, if it could be read.
        holder: Option<u32>,
    },
    /// A file or folder of the cluster couldn't be made, read or written.
    #[error("{} could not be {what}: {source}", path.display())]
    File {
        /// What was attempted, as in "could not be …".
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The data directory holds something that is no cluster.
    #[error("{} holds files but no PostgreSQL cluster (PG_VERSION is missing or unreadable). Nothing was changed; move them away, or start with another data directory", data.display())]
    NotACluster {
        /// The data directory.
        data: PathBuf,
    },
    /// The data directory belongs to a major version that isn't installed.
    #[error("{} belongs to PostgreSQL {found}, but only PostgreSQL {available} is installed. Nothing was changed: install the package postgresql-{found}, or move the data with pg_upgrade or a dump", data.display())]
    OtherMajor {
        /// The data directory.
        data: PathBuf,
        /// Major version in `PG_VERSION`.
        found: u32,
        /// Major versions of the servers that were found.
        available: String,
    },
    /// The file system is full.
    #[error("the file system of {} is full ({free_mib} MiB free). Make room and start again; a cluster that was there before is unharmed{}", folder.display(), quote(.detail))]
    DiskFull {
        /// The cluster's folder.
        folder: PathBuf,
        /// What is left, in MiB.
        free_mib: u64,
        /// Last lines of PostgreSQL's own words.
        detail: String,
    },
    /// The server's user can't get to the data directory.
    #[error("PostgreSQL runs as user {user}, who may not enter {}. Choose a data directory outside it, or allow entry with: chmod o+x {}", blocked.display(), blocked.display())]
    Unreachable {
        /// The unprivileged user.
        user: String,
        /// The folder on the way that bars it.
        blocked: PathBuf,
    },
    /// `initdb` failed; its half-made directory was removed.
    #[error("a new cluster could not be made in {}; nothing was left behind", folder.display())]
    Initialise {
        /// The cluster's folder.
        folder: PathBuf,
        /// What `initdb` said.
        source: ProcessError,
    },
    /// The folder of the Unix socket can't be trusted or made.
    #[error("the socket folder {} can't be used: {reason}", path.display())]
    SocketDir {
        /// The folder.
        path: PathBuf,
        /// Why not, and what to do.
        reason: String,
    },
    /// The server ended before it accepted connections.
    #[error("PostgreSQL did not start ({status}). The data in {} was not changed by Muster. Its log says{}", data.display(), quote(.log))]
    Died {
        /// The data directory.
        data: PathBuf,
        /// How the server ended.
        status: String,
        /// Last lines of the server's log.
        log: String,
    },
    /// The server didn't accept connections in time and was ended.
    #[error("PostgreSQL did not accept connections within {} s and was stopped. The data in {} is kept; its log says{}", after.as_secs(), data.display(), quote(.log))]
    TooSlow {
        /// The data directory.
        data: PathBuf,
        /// How long it was given.
        after: Duration,
        /// Last lines of the server's log.
        log: String,
    },
    /// Processes of a server that died still use the data directory.
    #[error("the server of {} is gone, but processes of it are still running: {}. Nothing was changed; end them (kill -QUIT) and start again", data.display(), list(.pids))]
    Orphans {
        /// The data directory.
        data: PathBuf,
        /// Their process ids.
        pids: Vec<i32>,
    },
    /// The server ignored every request to stop.
    #[error("PostgreSQL (process {pid}) did not stop, not even when asked for an immediate shutdown; it still runs on {}", data.display())]
    NotStopped {
        /// The data directory.
        data: PathBuf,
        /// The server's process id.
        pid: i32,
    },
    /// The user to run as couldn't be found, or a program couldn't be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
}

impl ClusterError {
    /// For `map_err` on file operations.
    pub(super) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }
}

fn quote(log: &str) -> String {
    if log.is_empty() {
        " nothing".to_owned()
    } else {
        format!(":\n{log}")
    }
}

fn list(pids: &[i32]) -> String {
    pids.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")
}
