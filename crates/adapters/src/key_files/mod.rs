//! A folder as a secret manager: `<version>.key` per version and `current` naming the current one; and the env file a binary Ampora was
//! started with. The simplest managers there are, for air-gapped sites and the demo.

mod env_file;
mod folder;

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::key::KeyError;
use zeroize::Zeroizing;

pub use env_file::EnvFile;
pub use folder::resolved;

/// A key file is 45 bytes; nothing close to this is one.
const LARGEST_VALUE: u64 = 4096;

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
    #[error("{path} can be written to by others (mode {mode:o}): they could say which key is current. Set it to 700")]
    OpenFolder { path: PathBuf, mode: u32 },
    #[error("{path} is larger than any key")]
    TooLarge { path: PathBuf },
    #[error("{path}: {source}")]
    Value { path: PathBuf, source: KeyError },
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
        let mode = fs::metadata(&self.dir).map_err(unreadable)?.permissions().mode();
        // Where the sticky bit is set, as on mounted Secrets, nobody can change what belongs to another.
        if mode & 0o022 != 0 && mode & 0o1000 == 0 {
            return Err(KeyFileError::OpenFolder {
                path: self.dir.clone(),
                mode: mode & 0o777,
            });
        }
        let current = self.current()?;
        let mut versions = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some(name) = path
                .file_name()
                .and_then(|n| n.to_str())
                .and_then(|n| n.strip_suffix(".key"))
            else {
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

    /// The name in `current`; `None` if there is no such file.
    fn current(&self) -> Result<Option<String>, KeyFileError> {
        let path = self.dir.join("current");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeyFileError::Unreadable { path, source }),
        }
    }
}

/// Reads a small file that nobody else may read, into memory that is wiped.
fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let unreadable = |source| KeyFileError::Unreadable {
        path: path.into(),
        source,
    };
    let mut file = fs::File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::TooOpen {
            path: path.into(),
            mode,
        });
    }
    if meta.len() > LARGEST_VALUE {
        return Err(KeyFileError::TooLarge { path: path.into() });
    }
    // Reserved once: a growing buffer would leave copies behind.
    let mut value = Zeroizing::new(Vec::with_capacity(LARGEST_VALUE as usize));
    file.by_ref()
        .take(LARGEST_VALUE)
        .read_to_end(&mut value)
        .map_err(unreadable)?;
    Ok(value)
}

#[cfg(test)]
mod tests;
