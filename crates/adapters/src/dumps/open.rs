//! A dump that tools can read: the file where it lies, or a copy of an object that is gone as soon as nobody needs it.

use std::io;
use std::path::{Path, PathBuf};

use domain::ids::Sha256;
use tokio_util::sync::CancellationToken;

use super::scratch::ScratchFolder;
use super::{DumpError, DumpFile, Form, hash};

/// An opened dump. Dropping it removes the copy, if it is one.
#[derive(Debug)]
pub struct OpenDump {
    pub label: String,
    pub form: Form,
    path: PathBuf,
    copy: Option<Copy>,
}

/// Nobody else writes to a copy, so the hash that was taken while it was made holds.
#[derive(Debug)]
struct Copy {
    sha256: Sha256,
    _folder: ScratchFolder,
}

impl OpenDump {
    pub(super) fn file(dump: &DumpFile, path: PathBuf) -> Self {
        Self {
            label: dump.label.clone(),
            form: dump.form,
            path,
            copy: None,
        }
    }

    pub(super) fn copy(dump: &DumpFile, path: PathBuf, sha256: Sha256, folder: ScratchFolder) -> Self {
        let copy = Some(Copy {
            sha256,
            _folder: folder,
        });
        Self {
            copy,
            ..Self::file(dump, path)
        }
    }

    /// Where `pg_restore` finds it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The hash of a copy, as it arrived. `None`: it is the file itself.
    #[must_use]
    pub fn copied(&self) -> Option<Sha256> {
        self.copy.as_ref().map(|copy| copy.sha256)
    }

    /// SHA-256 of the dump: of the file, or of the names and hashes of a folder's files in order. Reads every byte of what isn't a copy.
    ///
    /// # Errors
    /// If a file can't be read.
    pub async fn sha256(&self) -> Result<Sha256, DumpError> {
        match self.copied() {
            Some(sha256) => Ok(sha256),
            None => self.aside(hash::hash).await,
        }
    }

    /// Does something that takes a while with the file, away from what must not wait. It is stopped when nobody waits for it any more.
    pub(super) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path, &CancellationToken) -> io::Result<T> + Send + 'static,
    ) -> Result<T, DumpError> {
        let stop = CancellationToken::new();
        let _waiting = stop.clone().drop_guard();
        let path = self.path.clone();
        let done = tokio::task::spawn_blocking(move || work(&path, &stop));
        let done = done.await.map_err(|_stopped| DumpError::Stopped(self.label.clone()))?;
        done.map_err(|source| DumpError::Unreadable {
            path: self.path.clone(),
            source,
        })
    }
}
