//! One restorable copy, whatever tool made it.

use serde::{Deserialize, Serialize};

use crate::ids::{Big, Sha256};
use crate::locale::LocaleProvider;
use crate::status::Status;
use crate::time::Timestamp;
use crate::wal::Lsn;

/// What a backup consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Full,
    Diff,
    Incr,
    Dump,
    Snapshot,
}

impl Kind {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Diff => "diff",
            Self::Incr => "incr",
            Self::Dump => "dump",
            Self::Snapshot => "snapshot",
        }
    }
}

/// One copy as its source describes it. Fields a source doesn't tell are `None`, never guessed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// Name of the configured source.
    pub source: String,
    /// The tool that made it: `pgbackrest`, `pg_dump`, …
    pub tool: String,
    /// The repository it lies in, where the source has several; the same label in two of them is two backups.
    #[serde(default)]
    pub repo: Option<u32>,
    /// The tool's own name for it; the file name of a dump.
    pub label: String,
    pub kind: Kind,
    /// The backup it builds on.
    pub parent: Option<String>,
    pub started_at: Option<Timestamp>,
    pub stopped_at: Option<Timestamp>,
    pub start_lsn: Option<Lsn>,
    pub stop_lsn: Option<Lsn>,
    /// Size of the data, in bytes.
    pub size_bytes: Option<u64>,
    /// Size in the repository, in bytes.
    pub stored_bytes: Option<u64>,
    pub status: Status,
    /// Why it has this status, in words.
    pub detail: String,
}

impl Backup {
    /// Whether it is a dump that can be restored by itself.
    #[must_use]
    pub fn is_usable_dump(&self) -> bool {
        self.kind == Kind::Dump && self.status == Status::Ok
    }
}

/// What reading a dump in full has shown. A dump is only believed after that: one cut short by a few bytes still lists its contents.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DumpContents {
    pub sha256: Sha256,
    /// Rows of each table, `schema.table`, as counted while reading.
    pub rows: std::collections::BTreeMap<String, Big>,
    /// Encoding, collation and character type of the dumped database.
    pub encoding: String,
    pub collate: String,
    pub ctype: String,
    /// `None`: an earlier version read the dump, which didn't look for it.
    #[serde(default)]
    pub provider: Option<LocaleProvider>,
    /// When it was begun, by the wall clock of the machine that made it: the archive stores no zone. Its data are of this moment.
    pub begun: Option<chrono::NaiveDateTime>,
    /// Version of the server it came from and of the `pg_dump` that wrote it.
    pub server_version: String,
    pub tool_version: String,
    /// Database name inside the dump.
    pub database: String,
    /// `ALTER DATABASE` and `ALTER ROLE … IN DATABASE` settings, which `pg_restore` skips without `--create`.
    pub settings: Vec<String>,
    /// The newest migration that had been applied to it, which tells the version of Ampora that wrote it.
    #[serde(default)]
    pub migration_head: Option<String>,
}
