//! A folder of `pg_dump` files as a source. A dump is recognised by its content, and believed only after it was read from the first byte
//! to the last: one that lost its end still lists its contents without an error.

mod contents;
mod copy;
mod script;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use domain::ids::Sha256;

use crate::process::{ProcessError, Tool};

pub use contents::{DumpRead, Reader};
pub use copy::Wrapped;

/// The folder, as configured.
#[derive(Clone, Debug)]
pub struct DumpFolder {
    /// Name of the source.
    pub name: String,
    pub dir: PathBuf,
}

/// How a dump was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `pg_dump -Fc`.
    Custom,
    /// `pg_dump -Fd`: a folder with a `toc.dat`.
    Directory,
    /// SQL. Listed, never restored: psql obeys commands inside it.
    Plain,
}

/// A file or folder that is a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpFile {
    /// Its name in the folder.
    pub label: String,
    pub path: PathBuf,
    pub form: Form,
    /// Bytes, of all its files.
    pub size: u64,
    pub modified: DateTime<Utc>,
}

/// What went wrong with the folder or one dump.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    #[error("{path} can’t be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{0:?} is no dump in this folder")]
    NoDump(String),
    #[error(
        "{0} is a plain SQL dump. Muster lists those and never restores them: psql obeys commands inside them. Make one with pg_dump -Fc"
    )]
    Plain(String),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("{label} is broken: {reason}. Other backups are unharmed")]
    Broken { label: String, reason: String },
}

impl DumpFolder {
    /// All dumps in the folder, by name. Files that are none are left out.
    ///
    /// # Errors
    /// If the folder can't be listed.
    pub fn list(&self) -> Result<Vec<DumpFile>, DumpError> {
        let unreadable = |source| DumpError::Unreadable {
            path: self.dir.clone(),
            source,
        };
        let mut dumps = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            dumps.extend(recognise(&path));
        }
        dumps.sort_by(|a, b| a.label.cmp(&b.label));
        Ok(dumps)
    }

    /// One dump by its label. Only what the folder lists is found, so a label is never a path.
    ///
    /// # Errors
    /// If there is no such dump.
    pub fn find(&self, label: &str) -> Result<DumpFile, DumpError> {
        self.list()?
            .into_iter()
            .find(|dump| dump.label == label)
            .ok_or_else(|| DumpError::NoDump(label.into()))
    }
}

/// `None`: no dump. A file that can't be opened is none either; the next listing sees it when it can be.
fn recognise(path: &Path) -> Option<DumpFile> {
    let label = path.file_name()?.to_str()?.to_owned();
    let meta = fs::symlink_metadata(path).ok()?;
    let (form, size) = if meta.is_dir() {
        let toc = path.join("toc.dat");
        (
            starts_with(&toc, b"PGDMP")?.then_some(Form::Directory)?,
            folder_size(path)?,
        )
    } else if meta.is_file() {
        let custom = starts_with(path, b"PGDMP")?;
        let plain = !custom && starts_with(path, b"--\n-- PostgreSQL database dump")?;
        let form = if custom {
            Form::Custom
        } else {
            plain.then_some(Form::Plain)?
        };
        (form, meta.len())
    } else {
        return None;
    };
    Some(DumpFile {
        label,
        path: path.into(),
        form,
        size,
        modified: meta.modified().ok()?.into(),
    })
}

fn starts_with(path: &Path, magic: &[u8]) -> Option<bool> {
    let mut head = vec![0; magic.len()];
    match fs::File::open(path).ok()?.read_exact(&mut head) {
        Ok(()) => Some(head == magic),
        Err(_) => Some(false),
    }
}

fn folder_size(path: &Path) -> Option<u64> {
    fs::read_dir(path)
        .ok()?
        .map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .sum()
}

impl DumpFile {
    /// SHA-256 of the dump: of the file, or of the names and hashes of a folder's files in order. Reads every byte.
    ///
    /// # Errors
    /// If a file can't be read.
    pub async fn sha256(&self) -> Result<Sha256, DumpError> {
        let dump = self.clone();
        let hashed = tokio::task::spawn_blocking(move || match dump.form {
            Form::Custom | Form::Plain => hash_file(&dump.path),
            Form::Directory => hash_folder(&dump.path),
        });
        hashed
            .await
            .expect("hashing doesn’t panic")
            .map_err(|source| DumpError::Unreadable {
                path: self.path.clone(),
                source,
            })
    }
}

fn hash_file(path: &Path) -> std::io::Result<Sha256> {
    use sha2::Digest as _;
    let mut file = fs::File::open(path)?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 1024 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(Sha256(hasher.finalize().into())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

fn hash_folder(path: &Path) -> std::io::Result<Sha256> {
    let mut names: Vec<_> = fs::read_dir(path)?
        .map(|entry| entry.map(|e| e.file_name()))
        .collect::<Result<_, _>>()?;
    names.sort();
    let mut parts = Vec::new();
    for name in names {
        parts.push(format!(
            "{} {}\n",
            hash_file(&path.join(&name))?,
            name.to_string_lossy()
        ));
    }
    Ok(Sha256::of(&[parts.concat().as_bytes()]))
}

/// The `pg_restore` that reads and restores dumps, with its version.
#[derive(Clone, Debug)]
pub struct PgRestore {
    pub tool: Tool,
    pub version: String,
}

impl PgRestore {
    /// # Errors
    /// If the program can't be called.
    pub async fn find(tool: Tool) -> Result<Self, ProcessError> {
        let output = tool.invoke(["--version"]).output().await?;
        let text = output.text();
        let version = text
            .split_whitespace()
            .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        Ok(Self {
            version: version.unwrap_or("unknown").to_owned(),
            tool,
        })
    }
}

#[cfg(test)]
mod tests;
