//! Why a place or a dump could not be read. Only [`DumpError::Broken`] is a verdict on a dump; after everything else it is unknown.

use std::path::PathBuf;

use super::Form;
use crate::process::ProcessError;

/// What went wrong with a place or one dump.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    #[error("{path} can’t be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{url} can’t be read: {reason}")]
    Bucket { url: String, reason: String },
    #[error("{url} holds more than {limit} files; name a folder below it that holds the dumps alone")]
    TooMany { url: String, limit: usize },
    #[error("{0:?} is no dump of this source")]
    NoDump(String),
    #[error("{label} is {}: listed, never restored. {}", form.words(), form.remedy())]
    NeverRestored { label: String, form: Form },
    #[error("{label} changes while it is read: it is still being written")]
    BeingWritten { label: String },
    #[error(
        "{label} arrived here with {got} of {size} bytes: the transfer was cut short, which says nothing about the dump"
    )]
    CutShort { label: String, got: u64, size: u64 },
    #[error(
        "no room to read {label}: its {need} bytes have to be copied to {dir}, where {free} are free. Free some, or move data_dir"
    )]
    NoRoom {
        label: String,
        need: u64,
        free: u64,
        dir: PathBuf,
    },
    #[error("{dir} can’t take copies of dumps: {source}")]
    Scratch { dir: PathBuf, source: std::io::Error },
    #[error("pg_restore {version} can’t read {label}, which says nothing about the dump: {reason}; {remedy}")]
    NotJudged {
        label: String,
        version: String,
        reason: String,
        remedy: &'static str,
    },
    #[error("reading {0} was stopped before its end")]
    Stopped(String),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("{label} is broken: {reason}. Other backups are unharmed")]
    Broken { label: String, reason: String },
}

impl DumpError {
    pub(super) fn broken(label: &str, reason: impl Into<String>) -> Self {
        Self::Broken {
            label: label.into(),
            reason: reason.into(),
        }
    }
}
