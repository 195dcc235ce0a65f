//! Where a private cluster keeps what, and what its data directory holds already.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::ClusterError;

/// The folder of one cluster. It belongs to Muster; only `data` belongs to the server's user, so nothing the
/// server does can plant a file where Muster, perhaps as root, writes its own.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    folder: PathBuf,
}

/// What stands where the data directory shall be.
pub(super) enum Content {
    Nothing,
    Cluster { major: u32 },
}

impl Layout {
    /// Makes the folder if it is missing. The server's user must be able to pass through it.
    pub fn prepare(folder: &Path) -> Result<Self, ClusterError> {
        let make = || -> io::Result<PathBuf> {
            if !folder.is_dir() {
                DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
                fs::set_permissions(folder, Permissions::from_mode(0o711))?;
            }
            folder.canonicalize()
        };
        Ok(Self {
            folder: make().map_err(ClusterError::file("made", folder))?,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// PostgreSQL's data directory.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    pub fn lock(&self) -> PathBuf {
        self.folder.join("muster.lock")
    }

    /// Looks at the data directory and changes nothing.
    pub fn content(&self) -> Result<Content, ClusterError> {
        let data = self.data();
        match fs::read_to_string(data.join("PG_VERSION")) {
            Ok(version) => match version.trim().parse() {
                Ok(major) => Ok(Content::Cluster { major }),
                Err(_) => Err(ClusterError::NotACluster { data }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::read_dir(&data) {
                Ok(mut entries) => match entries.next() {
                    None => Ok(Content::Nothing),
                    Some(_) => Err(ClusterError::NotACluster { data }),
                },
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Content::Nothing),
                Err(source) => Err(ClusterError::file("read", data)(source)),
            },
            Err(source) => Err(ClusterError::file("read", data.join("PG_VERSION"))(source)),
        }
    }
}
