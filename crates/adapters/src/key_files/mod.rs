//! A folder as a secret manager: `<version>.key` per version and `current` naming the current one; and the env file a binary Ampora was
//! started with. The simplest managers there are, for air-gapped sites and the demo.

mod env_file;
mod folder;
mod small;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use domain::key::KeyError;

use crate::env_text::BadEnvText;

pub use env_file::EnvFile;
pub use folder::resolved;

/// The folder, as configured.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    pub dir: PathBuf,
}

/// One version, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub name: String,
    pub created_at: Option<DateTime<Utc>>,
    pub current: bool,
}

/// Why the folder or a value can't be used. Names files, never contents.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("{path} can’t be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{path} can be read by others (mode {mode:o}); Muster doesn’t use such a key. Set it to 600")]
    TooOpen { path: PathBuf, mode: u32 },
    #[error(
        "{path} can be written to by others (mode {mode:o}): they could say which key is current. Take that right away"
    )]
    Writable { path: PathBuf, mode: u32 },
    #[error(
        "{path} belongs to another user (uid {owner}), who could put another key there. Make it Muster’s own, or root’s"
    )]
    Foreign { path: PathBuf, owner: u32 },
    #[error("{path} is no file")]
    NoFile { path: PathBuf },
    #[error("{path} has more than {largest} bytes, which no such file has")]
    TooLarge { path: PathBuf, largest: usize },
    #[error("{path}: {source}")]
    Value { path: PathBuf, source: KeyError },
    #[error("{variable} in {path} can’t be read: {source}")]
    Text {
        path: PathBuf,
        variable: &'static str,
        source: BadEnvText,
    },
    #[error("{0:?} is no version of this folder")]
    NoVersion(String),
}

impl KeyFiles {
    /// All versions, in the order of their names read as numbers, then as text. Reads no value.
    ///
    /// # Errors
    /// If the folder can't be listed, or others can write to it.
    pub fn versions(&self) -> Result<Vec<Version>, KeyFileError> {
        let unreadable = |source| KeyFileError::Unreadable {
            path: self.dir.clone(),
            source,
        };
        let meta = fs::metadata(&self.dir).map_err(unreadable)?;
        small::check_owner(&self.dir, meta.uid())?;
        let mode = meta.permissions().mode();
        // Where the sticky bit is set, as on mounted Secrets, nobody can change what belongs to another.
        if mode & 0o1000 == 0 {
            small::check_unwritable(&self.dir, mode)?;
        }
        let current = self.current()?;
        let mut versions = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some(name) = path.file_name().and_then(|file| file.to_str()).and_then(named) else {
                continue;
            };
            let created_at = fs::metadata(&path)
                .and_then(|meta| meta.modified())
                .ok()
                .map(DateTime::from);
            versions.push(Version {
                name: name.into(),
                created_at,
                current: current.as_deref() == Some(name),
            });
        }
        versions.sort_by_key(|version| (version.name.parse::<u64>().unwrap_or(u64::MAX), version.name.clone()));
        Ok(versions)
    }

    /// The name in `current`, or that of the key file that it is a link to; `None` if there is neither. A file that isn't a name is read all
    /// the same, so what comes back must not be shown.
    ///
    /// # Errors
    /// If it is there and can't be read.
    fn current(&self) -> Result<Option<String>, KeyFileError> {
        let path = self.dir.join("current");
        let linked = fs::read_link(&path).ok();
        let linked = linked.and_then(|target| named(target.file_name()?.to_str()?).map(str::to_owned));
        if linked.is_some() {
            return Ok(linked);
        }
        match small::read_steady(&path) {
            Ok(text) => {
                let text = String::from_utf8_lossy(&text);
                let name = text.trim();
                Ok(Some(named(name).unwrap_or(name).to_owned()))
            }
            Err(KeyFileError::Unreadable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The version that a file holds, by the file's name.
fn named(file: &str) -> Option<&str> {
    file.strip_suffix(".key").filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests;
