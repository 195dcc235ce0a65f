//! `pgbackrest info --output=json`: an array of stanzas. Which keys are there depends on the version, the exit code is 0 even when a
//! repository can't be read, and the text of an error may hold bytes that are no UTF-8.
//! Format: <https://pgbackrest.org/command.html#command-info>; seen from 2.45 and 2.55.1.

use chrono::{DateTime, Utc};
use domain::backup::{Backup, Kind};
use domain::status::Status;
use domain::window::Anchor;
use serde::Deserialize;

use super::{ArchivePlace, anchor};

/// Segment size that PostgreSQL is built with unless told otherwise; `info` doesn't name it.
const DEFAULT_SEGMENT: u64 = 16 * 1024 * 1024;

/// An answer that isn't what `info` prints.
#[derive(Debug, thiserror::Error)]
pub enum InfoError {
    #[error("pgBackRest printed no JSON that Muster understands: {0}")]
    Json(#[from] serde_json::Error),
    #[error("pgBackRest doesn’t know the stanza {0}; check its name and the tool’s configuration")]
    NoStanza(String),
}

#[derive(Debug, Deserialize)]
struct Stanza {
    name: String,
    #[serde(default)]
    archive: Vec<ArchiveRange>,
    #[serde(default)]
    backup: Vec<BackupEntry>,
    #[serde(default)]
    repo: Vec<RepoEntry>,
    status: StatusEntry,
}

#[derive(Debug, Deserialize)]
struct ArchiveRange {
    database: DatabaseRef,
    id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
struct DatabaseRef {
    id: u32,
    #[serde(rename = "repo-key", default = "first_repo")]
    repo: u32,
}

const fn first_repo() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
struct RepoEntry {
    key: u32,
    #[serde(default)]
    cipher: Option<String>,
    status: StatusEntry,
}

#[derive(Debug, Deserialize)]
struct StatusEntry {
    code: i32,
    #[serde(default)]
    message: String,
}

#[derive(Debug, Deserialize)]
struct BackupEntry {
    label: String,
    #[serde(rename = "type")]
    kind: String,
    prior: Option<String>,
    archive: Option<Ends<String>>,
    database: DatabaseRef,
    lsn: Option<Ends<String>>,
    timestamp: Ends<i64>,
    /// Absent means that pgBackRest didn't look, which is not `false`.
    error: Option<bool>,
    #[serde(default)]
    info: Sizes,
}

#[derive(Debug, Deserialize)]
struct Ends<T> {
    start: Option<T>,
    stop: Option<T>,
}

#[derive(Debug, Default, Deserialize)]
struct Sizes {
    size: Option<u64>,
    #[serde(default)]
    repository: Stored,
}

#[derive(Debug, Default, Deserialize)]
struct Stored {
    /// Absent for block-incremental backups; `delta` is what this backup added.
    size: Option<u64>,
    delta: Option<u64>,
}

/// One repository, as far as `info` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoState {
    pub key: u32,
    pub cipher: Option<String>,
    pub status: Status,
    pub message: String,
}

/// What `info` said about one stanza.
#[derive(Debug)]
pub struct Info(Stanza);

impl Info {
    /// Reads the answer; bytes that aren't UTF-8 and control characters are replaced.
    ///
    /// # Errors
    /// If it is no JSON of this form, or the stanza isn't in it.
    pub fn parse(answer: &[u8], stanza: &str) -> Result<Self, InfoError> {
        // A quoted error may hold raw control bytes, which JSON forbids inside strings and calls white space outside.
        let text = String::from_utf8_lossy(answer).replace(|c: char| c.is_ascii_control(), " ");
        let stanzas: Vec<Stanza> = serde_json::from_str(&text)?;
        stanzas
            .into_iter()
            .find(|entry| entry.name == stanza)
            .map(Self)
            .ok_or_else(|| InfoError::NoStanza(stanza.into()))
    }

    /// The repositories in order.
    #[must_use]
    pub fn repos(&self) -> Vec<RepoState> {
        let state = |repo: &RepoEntry| RepoState {
            key: repo.key,
            cipher: repo.cipher.clone(),
            status: judge_code(repo.status.code),
            message: one_line(&repo.status.message),
        };
        self.0.repo.iter().map(state).collect()
    }

    /// The stanza's status by its codes; the exit code of the command says nothing.
    #[must_use]
    pub fn judge(&self) -> (Status, String) {
        let own = judge_code(self.0.status.code);
        let repos = self.repos();
        let bad: Vec<_> = repos
            .iter()
            .filter(|r| r.status != Status::Ok)
            .map(|r| format!("repo{}: {}", r.key, r.message))
            .collect();
        let status = Status::group(repos.iter().map(|r| r.status).chain([own]));
        if bad.is_empty() {
            (status, one_line(&self.0.status.message))
        } else {
            (status, bad.join("; "))
        }
    }

    /// Its backups, oldest first.
    #[must_use]
    pub fn backups(&self, source: &str) -> Vec<Backup> {
        self.0.backup.iter().filter_map(|entry| backup(entry, source)).collect()
    }

    /// The archives that are to be listed.
    #[must_use]
    pub fn archive_places(&self) -> Vec<ArchivePlace> {
        let place = |range: &ArchiveRange| ArchivePlace {
            repo: range.database.repo,
            id: range.id.clone(),
            segment_size: DEFAULT_SEGMENT,
        };
        self.0.archive.iter().map(place).collect()
    }

    /// The usable backups that start in this archive. One whose `error` isn't `false` opens no window.
    #[must_use]
    pub fn anchors(&self, source: &str, place: &ArchivePlace) -> Vec<Anchor> {
        let database = self
            .0
            .archive
            .iter()
            .find(|a| a.id == place.id && a.database.repo == place.repo)
            .map(|a| a.database);
        let of_place = self
            .0
            .backup
            .iter()
            .filter(|entry| Some(entry.database) == database && entry.error == Some(false));
        of_place
            .filter_map(|entry| {
                let archive = entry.archive.as_ref()?;
                let (first, last) = anchor(archive.start.as_deref()?, archive.stop.as_deref()?, place.segment_size)?;
                let backup = backup(entry, source)?;
                Some(Anchor {
                    stopped_at: backup.stopped_at?,
                    first,
                    last,
                    stop_lsn: backup.stop_lsn,
                })
            })
            .collect()
    }
}

fn backup(entry: &BackupEntry, source: &str) -> Option<Backup> {
    let kind = match entry.kind.as_str() {
        "full" => Kind::Full,
        "diff" => Kind::Diff,
        "incr" => Kind::Incr,
        _ => return None,
    };
    let (status, detail) = match entry.error {
        Some(false) => (Status::Ok, "page checksums were right while it was made"),
        Some(true) => (Status::Broken, "pgBackRest found page checksum errors in it"),
        None => (
            Status::Unknown,
            "pgBackRest doesn’t say whether it saw errors; a drill would tell",
        ),
    };
    let lsn = |side: fn(&Ends<String>) -> Option<&String>| entry.lsn.as_ref().and_then(side)?.parse().ok();
    Some(Backup {
        source: source.into(),
        tool: "pgbackrest".into(),
        repo: Some(entry.database.repo),
        label: entry.label.clone(),
        kind,
        parent: entry.prior.clone(),
        started_at: entry.timestamp.start.and_then(seconds),
        stopped_at: entry.timestamp.stop.and_then(seconds),
        start_lsn: lsn(|ends| ends.start.as_ref()),
        stop_lsn: lsn(|ends| ends.stop.as_ref()),
        size_bytes: entry.info.size,
        stored_bytes: entry.info.repository.delta.or(entry.info.repository.size),
        status,
        detail: detail.into(),
    })
}

fn seconds(epoch: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(epoch, 0)
}

/// 0 ok; 1 missing stanza path, 2 no valid backups, 3 missing stanza data are facts; the rest (4 differs across repositories, 5 database
/// mismatch, 6 backup not found, 99 other) means that something couldn't be read or understood.
const fn judge_code(code: i32) -> Status {
    match code {
        0 => Status::Ok,
        1..=3 => Status::Broken,
        _ => Status::Unknown,
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
