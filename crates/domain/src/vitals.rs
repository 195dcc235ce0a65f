//! Periodic readings of the live Ampora database: what a restore is measured against.

mod signs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{Big, SystemIdentifier};
use crate::time::Timestamp;
use crate::wal::Lsn;

pub use signs::{
    AuditTable, Authority, Chains, Count, Effective, HEARTBEAT_WINDOW_S, Hour, Identities, Position, Published,
    RowSecurity, Sign, Signs, Why,
};

/// One reading. Taken in one read-only transaction with `row_security = off`, so a hidden row is an error and not a smaller number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vitals {
    /// The database's own clock.
    pub read_at: Timestamp,
    pub system_identifier: SystemIdentifier,
    pub server_version: String,
    pub database: String,
    /// Bytes on disk.
    pub database_size: Big,
    pub lsn: Lsn,
    pub timeline: u32,
    /// Rows of the tables that a restore is compared by.
    pub rows: BTreeMap<String, Big>,
    /// The newest applied migration.
    pub migration_head: Option<String>,
    pub newest_audit_event: Option<Timestamp>,
    pub oldest_audit_event: Option<Timestamp>,
    /// The newest heartbeat row: a commit time known to the second.
    pub heartbeat: Option<Timestamp>,
    /// The oldest certificate of Ampora's own authority, which is made at the first start: the deployment is at least as old.
    #[serde(default)]
    pub authority_since: Option<Timestamp>,
    pub archive: ArchiveState,
    /// What may be missing one by one.
    #[serde(default)]
    pub signs: Signs,
}

/// `pg_stat_archiver`, as far as it tells whether WAL leaves the machine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ArchiveState {
    pub mode: String,
    pub last_archived: Option<String>,
    pub last_archived_at: Option<Timestamp>,
    pub last_failed_at: Option<Timestamp>,
}

impl Vitals {
    /// The newest moment at which production is known to have committed something.
    #[must_use]
    pub fn newest_commit(&self) -> Option<Timestamp> {
        self.heartbeat.max(self.newest_audit_event)
    }
}
