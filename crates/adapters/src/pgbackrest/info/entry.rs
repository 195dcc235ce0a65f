//! One backup, archive or database of a stanza.

use chrono::{DateTime, Utc};
use domain::backup::Kind;
use domain::ids::{Big, SystemIdentifier};
use domain::wal::Lsn;
use serde_json::Value;

use super::fields::{Fields, Needed as _, Reason};
use super::quoted;

/// The repository of entries that don't name one: before 2.32 there was one only.
const FIRST_REPO: u32 = 1;

/// A database of the stanza's history, within one repository: a number of its own is given to each upgrade and each new cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::pgbackrest) struct DatabaseRef {
    pub repo: u32,
    pub id: u32,
}

/// A backup as `info` lists it.
#[derive(Clone, Debug)]
pub(in crate::pgbackrest) struct Entry {
    pub label: String,
    pub kind: Kind,
    pub database: DatabaseRef,
    /// The backups whose files it uses, the one before it first.
    pub builds_on: Vec<String>,
    pub parent: Option<String>,
    /// Names of the first and the last WAL segment that it needs; `None`: made while the server was down, it needs none.
    pub wal: Option<(String, String)>,
    pub lsn: Option<(Lsn, Lsn)>,
    pub started_at: DateTime<Utc>,
    pub stopped_at: DateTime<Utc>,
    /// Absent means that pgBackRest didn't look, which is not `false`.
    pub error: Option<bool>,
    pub size: Option<u64>,
    /// What it added to the repository; else what all its files take there, which block-incremental backups don't tell.
    pub stored: Option<u64>,
    /// What could be done without.
    pub notes: Vec<Reason>,
}

/// An archive that is to be listed.
#[derive(Clone, Debug)]
pub(in crate::pgbackrest) struct ArchiveEntry {
    pub database: DatabaseRef,
    /// Version and history number, such as `15-1`.
    pub id: String,
}

/// A database and the cluster it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct DatabaseEntry {
    pub database: DatabaseRef,
    pub system: SystemIdentifier,
}

impl DatabaseRef {
    fn read(fields: Fields<'_>) -> Result<Self, Reason> {
        Ok(Self {
            repo: fields.small("repo-key")?.unwrap_or(FIRST_REPO),
            id: fields.small("id").needed("id")?,
        })
    }

    fn within(fields: Fields<'_>) -> Result<Self, Reason> {
        Self::read(fields.object("database").needed("database")?).map_err(|reason| format!("database.{reason}"))
    }
}

impl Entry {
    pub fn read(value: &Value) -> Result<Self, Reason> {
        let fields = Fields::of(value)?;
        let label = fields.text("label").needed("label")?;
        let mut notes = Vec::new();
        let parent = fields.text("prior")?.map(str::to_owned);
        let time = fields.object("timestamp").needed("timestamp")?;
        let (size, stored) = sizes(fields).unwrap_or_else(|reason| {
            notes.push(reason);
            (None, None)
        });
        let lsn = positions(fields).unwrap_or_else(|reason| {
            notes.push(reason);
            None
        });
        Ok(Self {
            label: label.to_owned(),
            kind: backup_kind(fields.text("type").needed("type")?)?,
            database: DatabaseRef::within(fields)?,
            builds_on: builds_on(parent.as_deref(), fields)?,
            parent,
            wal: wal(fields)?,
            lsn,
            started_at: time.time("start").needed("timestamp.start")?,
            stopped_at: time.time("stop").needed("timestamp.stop")?,
            error: fields.flag("error")?,
            size,
            stored,
            notes,
        })
    }
}

impl ArchiveEntry {
    pub fn read(value: &Value) -> Result<Self, Reason> {
        let fields = Fields::of(value)?;
        let id = fields.text("id").needed("id")?;
        // It becomes part of a path.
        let plain = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
        if !plain || id.contains("..") {
            return Err(format!("id is {:?}, which names no archive", quoted(id)));
        }
        Ok(Self {
            database: DatabaseRef::within(fields)?,
            id: id.to_owned(),
        })
    }
}

impl DatabaseEntry {
    pub fn read(value: &Value) -> Result<Self, Reason> {
        let fields = Fields::of(value)?;
        Ok(Self {
            database: DatabaseRef::read(fields)?,
            system: SystemIdentifier(Big(fields.number("system-id").needed("system-id")?)),
        })
    }
}

fn backup_kind(word: &str) -> Result<Kind, Reason> {
    match word {
        "full" => Ok(Kind::Full),
        "diff" => Ok(Kind::Diff),
        "incr" => Ok(Kind::Incr),
        other => Err(format!("type is {:?}, which is no kind of backup", quoted(other))),
    }
}

fn builds_on(parent: Option<&str>, fields: Fields<'_>) -> Result<Vec<String>, Reason> {
    let mut labels: Vec<String> = parent.into_iter().map(str::to_owned).collect();
    for reference in fields.list("reference")?.unwrap_or_default() {
        let label = reference.as_str().ok_or("reference holds something that is no label")?;
        if Some(label) != parent {
            labels.push(label.to_owned());
        }
    }
    Ok(labels)
}

fn wal(fields: Fields<'_>) -> Result<Option<(String, String)>, Reason> {
    let Some(archive) = fields.object("archive")? else {
        return Ok(None);
    };
    match (archive.text("start")?, archive.text("stop")?) {
        (Some(start), Some(stop)) => Ok(Some((start.to_owned(), stop.to_owned()))),
        (None, None) => Ok(None),
        _ => Err("archive has one end only".into()),
    }
}

fn positions(fields: Fields<'_>) -> Result<Option<(Lsn, Lsn)>, Reason> {
    let Some(lsn) = fields.object("lsn")? else {
        return Ok(None);
    };
    let position = |key: &str| -> Result<Option<Lsn>, Reason> {
        let parsed = lsn.text(key)?.map(str::parse::<Lsn>).transpose();
        parsed.map_err(|error| format!("lsn.{key}: {error}"))
    };
    Ok(position("start")?.zip(position("stop")?))
}

fn sizes(fields: Fields<'_>) -> Result<(Option<u64>, Option<u64>), Reason> {
    let Some(info) = fields.object("info")? else {
        return Ok((None, None));
    };
    let stored = match info.object("repository")? {
        Some(repository) => repository.number("delta")?.or(repository.number("size")?),
        None => None,
    };
    Ok((info.number("size")?, stored))
}
