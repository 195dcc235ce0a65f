//! Dumps of `pg_dump` in a folder or in a bucket. A dump is recognised by its content, and believed only after it was read from the first
//! byte to the last: one that lost its end still lists its contents without an error.

mod bucket;
mod contents;
mod copy;
mod ends;
mod error;
mod folder;
mod form;
mod hash;
mod open;
mod outline;
mod plain;
mod scratch;
mod script;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use object_store::ObjectMeta;

use crate::process::{ProcessError, Tool};

pub(crate) use bucket::reason_of;
pub use bucket::{AzureLocation, DumpBucket, GcsLocation, S3Location};
pub use contents::{DumpRead, Reader};
pub use copy::Wrapped;
pub use error::DumpError;
pub use folder::DumpFolder;
pub use form::Form;
pub use open::OpenDump;
pub use outline::Outline;
pub use scratch::Scratch;

/// Where dumps lie.
#[derive(Clone, Debug)]
pub enum DumpPlace {
    Folder(DumpFolder),
    Bucket(DumpBucket),
}

/// A file, a folder or one or more objects that are a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DumpFile {
    /// Its path below the folder or the bucket's prefix.
    pub label: String,
    pub form: Form,
    /// Bytes, of all its files.
    pub size: u64,
    /// Of the file that was changed last.
    pub modified: DateTime<Utc>,
    /// What the bucket calls this content, so that another one of the same size and time is noticed. A folder has no such name.
    pub version: Option<String>,
    at: At,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum At {
    Path(PathBuf),
    /// One object, or all those of a directory dump.
    Objects(Vec<ObjectMeta>),
}

/// What a place holds.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// By label.
    pub dumps: Vec<DumpFile>,
    /// What can't be looked into, with the reason: dumps may be among it.
    pub unreadable: Vec<(String, String)>,
}

impl DumpPlace {
    /// Name of the source.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Folder(folder) => &folder.name,
            Self::Bucket(bucket) => &bucket.name,
        }
    }

    /// Where it is, as people write it.
    #[must_use]
    pub fn whereabouts(&self) -> String {
        match self {
            Self::Folder(folder) => folder.dir.display().to_string(),
            Self::Bucket(bucket) => bucket.url().to_owned(),
        }
    }

    /// The service that Muster was never run against, but only against what stands for it; `None`: it is proven.
    #[must_use]
    pub fn unproven(&self) -> Option<&'static str> {
        match self {
            Self::Folder(_) => None,
            Self::Bucket(bucket) => bucket.unproven(),
        }
    }

    /// Whether a dump can change without looking any different. Each content of an object has a name of its own.
    #[must_use]
    pub const fn hides_changes(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// All dumps, by label. What is none is left out.
    ///
    /// # Errors
    /// If the place can't be listed.
    pub async fn list(&self) -> Result<Listing, DumpError> {
        match self {
            Self::Folder(folder) => folder.clone().list_aside().await,
            Self::Bucket(bucket) => bucket.list().await,
        }
    }

    /// One dump by its label. Only what the place lists is found, so a label is never a path.
    ///
    /// # Errors
    /// If there is no such dump.
    pub async fn find(&self, label: &str) -> Result<DumpFile, DumpError> {
        match self {
            Self::Folder(_) => named(self.list().await?.dumps, label),
            Self::Bucket(bucket) => named(bucket.list_only(label).await?.dumps, label),
        }
    }

    /// Makes a dump readable for tools: an object is copied to the scratch folder and is gone from there when the result is dropped.
    ///
    /// # Errors
    /// If an object can't be copied whole. That says nothing about the dump.
    pub async fn open(&self, dump: &DumpFile, scratch: &Scratch) -> Result<OpenDump, DumpError> {
        match (self, &dump.at) {
            (Self::Bucket(bucket), At::Objects(objects)) => bucket.fetch(dump, objects, scratch).await,
            (_, At::Path(path)) => Ok(OpenDump::file(dump, path.clone())),
            (Self::Folder(_), At::Objects(_)) => Err(DumpError::NoDump(dump.label.clone())),
        }
    }
}

fn named(dumps: Vec<DumpFile>, label: &str) -> Result<DumpFile, DumpError> {
    let found = dumps.into_iter().find(|dump| dump.label == label);
    found.ok_or_else(|| DumpError::NoDump(label.into()))
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
