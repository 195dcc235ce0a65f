//! The folder of one sandbox, and the record by which the next Muster finds what a killed one left.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use domain::drill::Isolation;
use domain::ids::DrillId;
use domain::time::{Timestamp, bytes};
use rustix::fs::statvfs;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::sweep::{end, read};
use super::{Hold, SandboxError, Sandboxes};
use crate::process::ProcessIdentity;

/// Ends the names of records.
pub(super) const RECORD: &str = "json";

/// What is known of a sandbox while it exists.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub id: DrillId,
    /// The Muster that made it.
    pub owner: ProcessIdentity,
    /// What holds its server.
    pub server: Option<ProcessIdentity>,
    /// What holds a server that was launched on the copy.
    #[serde(default)]
    pub launched: Option<ProcessIdentity>,
    pub folder: PathBuf,
    pub socket_dir: PathBuf,
    /// A failed drill is kept until then.
    pub kept_until: Option<Timestamp>,
}

/// A sandbox of one drill. Dropped, it stays for [`Sandboxes::sweep`]; [`Sandbox::remove`] removes it.
#[derive(Debug)]
pub struct Sandbox {
    pub id: DrillId,
    pub isolation: Isolation,
    /// How its server is held to its limits.
    pub hold: Hold,
    pub(super) within: Sandboxes,
    pub(super) folder: PathBuf,
    pub(super) socket_dir: PathBuf,
}

impl Sandboxes {
    /// Makes a sandbox and finds out what keeps it apart. The record is there before the folder.
    ///
    /// # Errors
    /// If a folder can't be made.
    pub async fn make(&self, id: DrillId) -> Result<Sandbox, SandboxError> {
        self.prepare()?;
        let short = id.0.simple().to_string();
        let mut sandbox = Sandbox {
            id,
            isolation: Isolation {
                kind: domain::drill::IsolationKind::Unknown,
                detail: String::new(),
            },
            hold: Hold::default(),
            within: self.clone(),
            folder: self.folder_of(id),
            // Not below the root: the path of a socket has 107 bytes at most.
            socket_dir: PathBuf::from(format!("/tmp/muster-drill-{}", &short[..12])),
        };
        sandbox.record(None, None)?;
        for folder in [
            &sandbox.folder,
            &sandbox.socket_dir,
            &sandbox.data(),
            &sandbox.wal(),
            &sandbox.conf(),
            &sandbox.tablespaces(),
            &sandbox.view(),
        ] {
            self.private(folder)?;
        }
        sandbox.isolation = self.probe(&sandbox.view()).await;
        sandbox.hold = self.hold().await;
        Ok(sandbox)
    }

    fn folder_of(&self, id: DrillId) -> PathBuf {
        self.root.join(format!("drill-{}", id.0.simple()))
    }

    /// Bytes on disk of the sandbox of a drill, while it exists.
    #[must_use]
    pub fn size_of(&self, id: DrillId) -> u64 {
        size_of(&self.folder_of(id))
    }

    /// The folder above all sandboxes, closed to others.
    fn prepare(&self) -> Result<(), SandboxError> {
        if !self.root.is_dir() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o711)
                .create(&self.root)
                .map_err(SandboxError::file("made", &self.root))?;
        }
        self.own(&self.root)
    }

    pub(super) fn private(&self, folder: &Path) -> Result<(), SandboxError> {
        DirBuilder::new()
            .mode(0o700)
            .create(folder)
            .map_err(SandboxError::file("made", folder))?;
        self.own(folder)
    }

    fn own(&self, path: &Path) -> Result<(), SandboxError> {
        let give = || -> io::Result<()> {
            if let Some(user) = &self.run_as {
                chown(path, Some(user.uid), Some(user.gid))?;
            }
            fs::set_permissions(path, Permissions::from_mode(0o700))
        };
        give().map_err(SandboxError::file("handed over", path))
    }

    /// Bytes that are free for sandboxes.
    ///
    /// # Errors
    /// If the folder can't be asked.
    pub fn free(&self) -> Result<u64, SandboxError> {
        self.prepare()?;
        let found =
            statvfs(&self.root).map_err(|error| SandboxError::file("asked for room", &self.root)(error.into()))?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Makes sure that this much fits.
    ///
    /// # Errors
    /// [`SandboxError::NoRoom`] if it doesn't.
    pub fn has_room(&self, needed: u64) -> Result<(), SandboxError> {
        let free = self.free()?;
        if free >= needed {
            return Ok(());
        }
        Err(SandboxError::NoRoom {
            root: self.root.clone(),
            needed: bytes(needed),
            free: bytes(free),
        })
    }
}

impl Sandbox {
    /// PostgreSQL's data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(super) fn wal(&self) -> PathBuf {
        self.folder.join("wal")
    }

    pub(super) fn conf(&self) -> PathBuf {
        self.folder.join("conf")
    }

    pub(super) fn tablespaces(&self) -> PathBuf {
        self.folder.join("tablespaces")
    }

    pub(super) fn view(&self) -> PathBuf {
        self.folder.join("view")
    }

    /// Bytes that it takes on disk.
    #[must_use]
    pub fn size(&self) -> u64 {
        size_of(&self.folder)
    }

    /// Writes a file of the sandbox's user.
    pub(super) fn write(&self, path: &Path, content: &str) -> Result<(), SandboxError> {
        let put = || -> io::Result<()> {
            let mut file = NamedTempFile::new_in(path.parent().unwrap_or(path))?;
            file.write_all(content.as_bytes())?;
            if let Some(user) = &self.within.run_as {
                std::os::unix::fs::fchown(file.as_file(), Some(user.uid), Some(user.gid))?;
            }
            file.persist(path)?;
            Ok(())
        };
        put().map_err(SandboxError::file("written", path))
    }

    /// Notes what has to be ended and removed should Muster be killed now.
    pub(super) fn record(
        &self,
        server: Option<ProcessIdentity>,
        kept_until: Option<Timestamp>,
    ) -> Result<(), SandboxError> {
        let own = i32::try_from(std::process::id()).unwrap_or_default();
        let owner = ProcessIdentity::of(own).unwrap_or(ProcessIdentity { pid: own, started: 0 });
        let record = Record {
            id: self.id,
            owner,
            server,
            launched: None,
            folder: self.folder.clone(),
            socket_dir: self.socket_dir.clone(),
            kept_until,
        };
        self.put(&record)
    }

    /// Notes what was launched beside the server, which is noted already.
    pub(super) fn note_launched(&self, launched: ProcessIdentity) -> Result<(), SandboxError> {
        let Some(mut record) = read(&self.record_path()) else {
            return self.record(Some(launched), None);
        };
        record.launched = Some(launched);
        self.put(&record)
    }

    fn put(&self, record: &Record) -> Result<(), SandboxError> {
        let path = self.record_path();
        let text = serde_json::to_string(record).expect("a record has string keys");
        let put = || -> io::Result<()> {
            let mut file = NamedTempFile::new_in(&self.within.root)?;
            file.write_all(text.as_bytes())?;
            file.persist(&path)?;
            Ok(())
        };
        put().map_err(SandboxError::file("written", &path))
    }

    fn record_path(&self) -> PathBuf {
        self.folder.with_extension(RECORD)
    }

    /// Leaves it there to be looked at, until then. Its server must have ended.
    ///
    /// # Errors
    /// If that can't be noted.
    pub fn keep(self, until: Timestamp) -> Result<(), SandboxError> {
        self.record(None, Some(until))
    }

    /// Removes everything, after what still runs in it has ended.
    ///
    /// # Errors
    /// If something can't be removed; the next sweep tries again.
    pub async fn remove(self) -> Result<(), SandboxError> {
        if let Some(record) = read(&self.record_path()) {
            end(&record).await;
        }
        remove(&self.folder, &self.socket_dir, &self.record_path()).await
    }
}

/// Removes folders, and the record last. A large copy takes a while, which nothing else has to wait for.
pub(super) async fn remove(folder: &Path, socket_dir: &Path, record: &Path) -> Result<(), SandboxError> {
    let [folder, socket_dir, record] = [folder, socket_dir, record].map(Path::to_owned);
    let removing = tokio::task::spawn_blocking(move || remove_now(&folder, &socket_dir, &record));
    removing.await.expect("nothing in it panics")
}

fn remove_now(folder: &Path, socket_dir: &Path, record: &Path) -> Result<(), SandboxError> {
    for path in [folder, socket_dir] {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(SandboxError::file("removed", path)(error));
            }
            _ => {}
        }
    }
    match fs::remove_file(record) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(SandboxError::file("removed", record)(error)),
        _ => Ok(()),
    }
}

fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(found) if found.is_dir() => size_of(&entry.path()),
        Ok(found) => found.len(),
        Err(_gone) => 0,
    };
    entries.map(size).sum()
}
