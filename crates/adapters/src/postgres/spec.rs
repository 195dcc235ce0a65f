//! What a private cluster shall be.

use std::path::PathBuf;

use super::{Binaries, ClusterError};
use crate::process::RunAs;

/// Who may log in, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Only the operating-system users root, postgres and the one Muster runs as, without any password.
    Peer,
    /// The superuser as under [`Auth::Peer`]; every other role by a password that the caller gave it.
    Scram,
}

/// A cluster to start. The defaults are those of Muster's own database.
#[derive(Clone, Debug)]
pub struct ClusterSpec {
    pub(super) folder: PathBuf,
    pub(super) superuser: String,
    pub(super) binaries: Binaries,
    pub(super) run_as: Option<RunAs>,
    pub(super) auth: Auth,
    pub(super) roles: Vec<String>,
    pub(super) settings: Vec<(String, String)>,
    pub(super) socket_dir: Option<PathBuf>,
}

impl ClusterSpec {
    /// A cluster in `folder`, which will hold PostgreSQL's data directory `data`, the server's log and a lock.
    /// It runs the newest PostgreSQL found, as the user `postgres` if Muster is root.
    pub fn new(folder: impl Into<PathBuf>, superuser: impl Into<String>) -> Result<Self, ClusterError> {
        let superuser = superuser.into();
        Ok(Self {
            folder: folder.into(),
            superuser: checked_role(superuser)?,
            binaries: Binaries::find(None)?,
            run_as: RunAs::unprivileged()?,
            auth: Auth::Peer,
            roles: Vec::new(),
            settings: Vec::new(),
            socket_dir: None,
        })
    }

    /// Uses this installation instead of the newest. A data directory of another major version that is
    /// installed too keeps its own.
    #[must_use]
    pub fn binaries(mut self, binaries: Binaries) -> Self {
        self.binaries = binaries;
        self
    }

    /// Chooses how roles other than the superuser log in.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Lets the operating-system users of [`Auth::Peer`] log in as this role too.
    pub fn role(mut self, role: impl Into<String>) -> Result<Self, ClusterError> {
        self.roles.push(checked_role(role.into())?);
        Ok(self)
    }

    /// Sets a parameter of the server. Network and socket stay Muster's.
    pub fn setting(mut self, name: &str, value: &str) -> Result<Self, ClusterError> {
        let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.');
        if name.is_empty() || !name.chars().all(plain) {
            return Err(ClusterError::Invalid {
                what: "name of a server setting",
                value: name.to_owned(),
            });
        }
        if value.contains(char::is_control) {
            return Err(ClusterError::Invalid {
                what: "value of a server setting",
                value: value.to_owned(),
            });
        }
        self.settings.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// Puts the socket into this folder instead of a short one below `/tmp`.
    #[must_use]
    pub fn socket_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.socket_dir = Some(dir.into());
        self
    }

    /// A cluster whose content needn't survive a power cut.
    pub(super) fn is_volatile(&self) -> bool {
        self.settings
            .iter()
            .any(|(name, value)| name == "fsync" && value == "off")
    }
}

/// A role name that needs no quoting anywhere, in SQL, in `pg_hba.conf` or in a URL.
fn checked_role(name: String) -> Result<String, ClusterError> {
    let plain = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
    if name.is_empty() || name.len() > 63 || name.starts_with("pg_") || !name.chars().all(plain) {
        return Err(ClusterError::Invalid {
            what: "role name",
            value: name,
        });
    }
    Ok(name)
}
