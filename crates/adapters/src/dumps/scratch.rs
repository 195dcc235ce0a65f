//! Room for copies of dumps that lie in a bucket, since `pg_restore` reads files. A copy holds production's data: it is private to Muster
//! and the account that tools run as, and doesn't outlive its use. What a killed process left behind is removed by the next one.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock, statvfs};
use tempfile::TempDir;

use super::DumpError;
use crate::process::RunAs;

const PREFIX: &str = "dump-";
/// Bytes that are left free for everybody else on the disk.
const RESERVE: u64 = 256 * 1024 * 1024;

/// Where copies go.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// A folder of Muster's own; made when it is needed.
    pub root: PathBuf,
    /// Whom the tools run as that read the copies; `None`: as Muster itself.
    pub reader: Option<RunAs>,
}

/// A private folder. It is locked for as long as it is in use, and removed when it is dropped.
#[derive(Debug)]
pub(super) struct ScratchFolder {
    dir: TempDir,
    _lock: File,
}

impl ScratchFolder {
    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Scratch {
    /// A new folder with room for a dump.
    ///
    /// # Errors
    /// If there is no room, or the folder can't be made.
    pub(super) fn folder_for(&self, label: &str, need: u64) -> Result<ScratchFolder, DumpError> {
        let failed = |source| DumpError::Scratch {
            dir: self.root.clone(),
            source,
        };
        let folder = self.folder().map_err(failed)?;
        let free = self.free().map_err(failed)?;
        if free < need.saturating_add(RESERVE) {
            return Err(DumpError::NoRoom {
                label: label.into(),
                need,
                free,
                dir: self.root.clone(),
            });
        }
        Ok(folder)
    }

    fn folder(&self) -> io::Result<ScratchFolder> {
        // Others may pass through it and not look into it.
        DirBuilder::new().recursive(true).mode(0o711).create(&self.root)?;
        let root = File::open(&self.root)?;
        // Held while folders are made and swept, so that nobody sweeps one that isn't locked yet.
        flock(&root, FlockOperation::LockExclusive)?;
        self.sweep()?;
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&self.root)?;
        let lock = File::open(dir.path())?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        self.hand_over(dir.path(), 0o700)?;
        Ok(ScratchFolder { dir, _lock: lock })
    }

    /// Removes folders that nobody holds any more.
    fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let path = entry?.path();
            let ours = path
                .file_name()
                .is_some_and(|name| name.as_encoded_bytes().starts_with(PREFIX.as_bytes()));
            // What is gone meanwhile was removed by its owner.
            let Ok(folder) = File::open(&path) else { continue };
            if ours && flock(&folder, FlockOperation::NonBlockingLockExclusive).is_ok() {
                let _ = fs::remove_dir_all(&path);
            }
        }
        Ok(())
    }

    /// Gives a file or folder of Muster's to the account that reads it.
    pub(super) fn hand_over(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(mode))?;
        self.reader
            .as_ref()
            .map_or(Ok(()), |user| chown(path, Some(user.uid), Some(user.gid)))
    }

    fn free(&self) -> io::Result<u64> {
        let disk = statvfs(&self.root)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}
