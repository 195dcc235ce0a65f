//! The folder of the Unix socket: short, because a socket's path has 107 bytes at most, and closed to others.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    },
    path::{Path, PathBuf},
};

use rustix::{fs::OFlags, process::geteuid};
use sha2::{Digest, Sha256};

use super::{ClusterError, PORT, layout::Layout, spec::ClusterSpec};

/// `sun_path` of unix(7) without its closing zero byte.
const LONGEST_SOCKET_PATH: usize = 107;

/// The folder of one cluster's socket. Dropped, one below `/tmp` is removed, unless a server still uses it.
pub(super) struct SocketDir {
    path: PathBuf,
    configured: bool,
}

impl SocketDir {
    /// Always the same folder for the same data directory and user. The cluster's lock must be held.
    pub fn prepare(spec: &ClusterSpec, layout: &Layout) -> Result<Self, ClusterError> {
        let path = prepare(spec, layout)?;
        Ok(Self {
            path,
            configured: spec.socket_dir.is_some(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketDir {
    fn drop(&mut self) {
        if !self.configured {
            // While a server runs its socket is in there, and the folder stays.
            let _ = fs::remove_dir(&self.path);
        }
    }
}

fn prepare(spec: &ClusterSpec, layout: &Layout) -> Result<PathBuf, ClusterError> {
    let owner = spec.run_as.as_ref().map_or_else(|| geteuid().as_raw(), |user| user.uid);
    let path = spec
        .socket_dir
        .clone()
        .unwrap_or_else(|| short_path(&layout.data(), owner));
    if socket_file(&path).as_os_str().len() > LONGEST_SOCKET_PATH {
        let reason = format!("the path of the socket in it would be longer than {LONGEST_SOCKET_PATH} bytes");
        return Err(ClusterError::SocketDir { path, reason });
    }
    match secure(&path, owner, spec.run_as.as_ref().map(|user| user.gid)) {
        Ok(None) => Ok(path),
        Ok(Some(reason)) => Err(ClusterError::SocketDir { path, reason }),
        Err(error) => Err(ClusterError::SocketDir {
            path,
            reason: error.to_string(),
        }),
    }
}

/// The socket that clients connect to, and the file PostgreSQL locks it with.
pub(super) fn socket_file(dir: &Path) -> PathBuf {
    dir.join(format!(".s.PGSQL.{PORT}"))
}

fn short_path(data: &Path, owner: u32) -> PathBuf {
    let hash = hex::encode(&Sha256::digest(data.as_os_str().as_bytes())[..4]);
    PathBuf::from(format!("/tmp/muster-{hash}-{owner}"))
}

/// Makes the folder, or checks the one that is there; `/tmp` is open to everybody, so it may be a trap.
fn secure(path: &Path, owner: u32, group: Option<u32>) -> io::Result<Option<String>> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let dir: File = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(dir) => dir,
        Err(error) if matches!(error.raw_os_error(), Some(code) if is_no_folder(code)) => {
            return Ok(Some(
                "it is a link or a file, which Muster never makes; remove it".to_owned(),
            ));
        }
        Err(error) => return Err(error),
    };
    let found = dir.metadata()?.uid();
    if found != owner && found != geteuid().as_raw() {
        return Ok(Some(format!(
            "it belongs to user id {found}, not to {owner}; have its owner remove it"
        )));
    }
    if found != owner {
        fchown(&dir, Some(owner), group)?;
    }
    dir.set_permissions(Permissions::from_mode(0o700))?;
    Ok(None)
}

fn is_no_folder(code: i32) -> bool {
    [rustix::io::Errno::LOOP, rustix::io::Errno::NOTDIR]
        .iter()
        .any(|errno| errno.raw_os_error() == code)
}
