//! The folder as a secret manager. Nothing is ever written over: a version is a new file, and `current` is swapped by a rename.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use domain::custody::{Keep, Life, Protection, Rotation, Secret, Version};
use zeroize::Zeroizing;

use super::small::{LARGEST_KEY, read_private};
use super::{KeyFileError, KeyFiles};
use crate::manager::{ManagerError, SecretManager, Value};

#[async_trait]
impl SecretManager for KeyFiles {
    fn kind(&self) -> &'static str {
        "file"
    }

    fn name(&self) -> String {
        format!("file {}", self.dir.display())
    }

    /// The folder itself, whatever leads to it.
    fn identity(&self) -> String {
        format!("file {}", resolved(&self.dir).display())
    }

    async fn describe(&self) -> Result<Secret, ManagerError> {
        let versions = self.versions().map_err(|error| self.said(error))?;
        let version = |version: super::Version| Version {
            name: version.name,
            created_at: version.created_at,
            current: version.current,
            life: Life::Enabled,
            keep: Keep::Kept,
            labels: Vec::new(),
        };
        let remarks = self.astray(&versions).map_err(|error| self.said(error))?;
        Ok(Secret {
            versions: versions.into_iter().map(version).collect(),
            remarks: remarks.into_iter().collect(),
            rotation: Rotation::Unsupported,
            protection: Protection::Unprotected {
                why: "whoever may write to the folder can delete files".into(),
            },
            ..Secret::default()
        })
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        self.value(version).map(Value::Whole).map_err(|error| self.said(error))
    }

    async fn create(&self, value: &Value) -> Result<String, ManagerError> {
        match self.versions() {
            Ok(_) if !is_empty(&self.dir) => return Err(ManagerError::Exists(self.name())),
            Ok(_) => {}
            Err(KeyFileError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                let made = fs::DirBuilder::new().mode(0o700).create(&self.dir);
                made.map_err(|error| self.unwritten(&error))?;
            }
            Err(error) => return Err(self.said(error)),
        }
        self.write("1", value)
    }

    async fn append(&self, value: &Value, expected: &str) -> Result<String, ManagerError> {
        let versions = self.versions().map_err(|error| self.said(error))?;
        let current = versions.iter().find(|version| version.current);
        if current.is_none_or(|current| current.name != expected) {
            let is = current.map_or_else(|| "none".into(), |current| current.name.clone());
            return Err(ManagerError::Moved(self.name(), is));
        }
        let highest = versions
            .iter()
            .filter_map(|version| version.name.parse::<u64>().ok())
            .max();
        self.write(&(highest.unwrap_or(0) + 1).to_string(), value)
    }
}

impl KeyFiles {
    /// The text of one version, in memory that is wiped.
    pub(super) fn value(&self, version: &str) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
        if !self.versions()?.iter().any(|known| known.name == version) {
            return Err(KeyFileError::NoVersion(version.into()));
        }
        read_private(&self.dir.join(format!("{version}.key")), LARGEST_KEY)
    }

    /// Why none of the versions is current.
    fn astray(&self, versions: &[super::Version]) -> Result<Option<String>, KeyFileError> {
        if versions.iter().any(|version| version.current) {
            return Ok(None);
        }
        Ok(Some(match self.current()?.as_deref() {
            None => "there is no file `current`, so no version is the current one".into(),
            Some("") => "the file `current` is empty, so no version is the current one".into(),
            // What stands in it isn't repeated: it may be a key that was put into the wrong file.
            Some(_) => "the file `current` names no version that is there".into(),
        }))
    }

    /// Writes a new file, then lets `current` name it. A crash in between leaves a version that isn't current, never half a key.
    fn write(&self, version: &str, value: &Value) -> Result<String, ManagerError> {
        let Value::Whole(text) = value else {
            return Err(ManagerError::Unsupported(
                self.name(),
                "a file holds one value, without fields".into(),
            ));
        };
        let write = || -> std::io::Result<()> {
            put_new(&self.dir.join(format!("{version}.key")), text)?;
            let pointer = self.dir.join("current.new");
            let _ = fs::remove_file(&pointer);
            put_new(&pointer, version.as_bytes())?;
            fs::rename(&pointer, self.dir.join("current"))?;
            File::open(&self.dir)?.sync_all()
        };
        match write() {
            Ok(()) => Ok(version.into()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(ManagerError::Exists(self.name())),
            Err(error) => Err(self.unwritten(&error)),
        }
    }

    fn unwritten(&self, error: &std::io::Error) -> ManagerError {
        match error.kind() {
            std::io::ErrorKind::PermissionDenied => ManagerError::Denied(self.name(), error.to_string()),
            _ => ManagerError::Unreachable(self.name(), error.to_string()),
        }
    }

    fn said(&self, error: KeyFileError) -> ManagerError {
        let name = self.name();
        match &error {
            KeyFileError::Unreadable { source, path } => match source.kind() {
                std::io::ErrorKind::PermissionDenied => ManagerError::Denied(name, error.to_string()),
                std::io::ErrorKind::NotFound => ManagerError::Absent(name, path.display().to_string()),
                _ => ManagerError::Unreachable(name, error.to_string()),
            },
            KeyFileError::NoVersion(version) => ManagerError::Absent(name, format!("version {version:?}")),
            KeyFileError::TooOpen { .. }
            | KeyFileError::Writable { .. }
            | KeyFileError::Foreign { .. }
            | KeyFileError::NoFile { .. }
            | KeyFileError::TooLarge { .. }
            | KeyFileError::Value { .. }
            | KeyFileError::Text { .. } => ManagerError::Odd(name, error.to_string()),
        }
    }
}

/// Whether nothing at all lies in the folder: what is no version may be somebody's all the same.
fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none())
}

/// Where a path leads, links followed as far as it is there.
#[must_use]
pub fn resolved(path: &Path) -> PathBuf {
    let known = path.ancestors().find_map(|known| {
        let real = fs::canonicalize(known).ok()?;
        Some(
            real.components()
                .chain(path.strip_prefix(known).ok()?.components())
                .collect(),
        )
    });
    known.unwrap_or_else(|| path.into())
}

/// Makes a file that wasn't there, for its owner alone, and sees it onto the disk.
fn put_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests;
