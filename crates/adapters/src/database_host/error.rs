//! What can go wrong on the database's host, in words for whoever looks at it at night.

use crate::process::ProcessError;

/// Why something about the host isn't known, or a step on it wasn't done.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("{what} said {said:?}, which Muster doesn’t understand")]
    Odd { what: String, said: String },
    #[error(
        "PostgreSQL {major} was not found on {host}: looked for {looked}. Install postgresql-{major}, or name its folder as bin_dir under [deployment.restore]"
    )]
    NoServer { host: String, major: u32, looked: String },
    #[error(
        "the programs in {folder} are {found}, and the cluster is of PostgreSQL {major}: install postgresql-{major} on {host}, or name its folder as bin_dir under [deployment.restore]"
    )]
    OtherServer {
        folder: String,
        host: String,
        found: String,
        major: u32,
    },
    #[error("another run holds {lock}: {holder}. Nothing was done. If that run is over, remove the link")]
    Locked { lock: String, holder: String },
    #[error("{0} is in the way; nothing was moved")]
    InTheWay(String),
    #[error("{0} is gone; nothing was moved")]
    Gone(String),
    #[error("the copy’s server ended: {}", .0.trim())]
    Died(String),
    #[error("the copy’s server refused: {0}")]
    Refused(String),
}

impl HostError {
    pub(crate) fn odd(what: impl Into<String>, said: impl Into<String>) -> Self {
        let what = what.into();
        let said: String = said.into().chars().take(200).collect();
        Self::Odd { what, said }
    }
}
