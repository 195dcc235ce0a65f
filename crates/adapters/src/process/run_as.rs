//! The user that tools run as: PostgreSQL refuses to run as root, and no tool needs to be root.

use std::path::PathBuf;

use nix::unistd::{Uid, User};

use super::ProcessError;

/// The account every Debian and Red Hat package of PostgreSQL creates.
const UNPRIVILEGED: &str = "postgres";

/// An account from the user database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunAs {
    /// Login name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group id. A tool gets no other group.
    pub gid: u32,
    /// Home directory, given to tools as `HOME`.
    pub home: PathBuf,
}

impl RunAs {
    /// The user to hand tools to: `postgres` if Muster is root, `None` if Muster is an ordinary user already.
    pub fn unprivileged() -> Result<Option<Self>, ProcessError> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        let user =
            User::from_name(UNPRIVILEGED).map_err(|errno| ProcessError::UserDatabase { source: errno.into() })?;
        let user = user
            .filter(|user| !user.uid.is_root())
            .ok_or(ProcessError::NoUnprivilegedUser { name: UNPRIVILEGED })?;
        Ok(Some(user.into()))
    }

    /// The account that Muster itself runs as; `None` if its id has no entry, as in some containers.
    pub fn current() -> Result<Option<Self>, ProcessError> {
        let user =
            User::from_uid(Uid::effective()).map_err(|errno| ProcessError::UserDatabase { source: errno.into() })?;
        Ok(user.map(Self::from))
    }
}

impl From<User> for RunAs {
    fn from(user: User) -> Self {
        Self {
            name: user.name,
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            home: user.dir,
        }
    }
}
