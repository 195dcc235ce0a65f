//! "Same database, point in time": a physical backup and its WAL, restored beside the cluster, looked at, and swapped with it.

use serde::{Deserialize, Serialize};

use super::Step;
use crate::ids::{Big, RunId, Sha256, SystemIdentifier};
use crate::time::{Timestamp, rfc3339};
use crate::wal::Lsn;

/// What people agree to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestorePitr {
    pub deployment: String,
    pub source: String,
    pub stanza: String,
    pub repo: u32,
    /// Label of the backup.
    pub backup: String,
    /// What has to be restored for it, the full one first, itself last.
    pub chain: Vec<String>,
    /// SHA-256 of its `backup.manifest`, which names each of its files with a checksum.
    pub manifest_sha256: Sha256,
    pub stop: RecoveryStop,
    /// The ancestry that recovery follows, oldest first.
    pub timelines: Vec<u32>,
    /// Where replay begins.
    pub replay_from: Lsn,
    /// How far the WAL has to reach: for the latest state, the end of the newest segment of the archive.
    pub expected_end: Lsn,
    pub server: Server,
    /// Other databases of the cluster that go back with it, as the request names them.
    pub affects_other_databases: Vec<String>,
    /// What is copied aside before the cluster is replaced where it stands. `None`: a copy is made beside it and swapped in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_place: Option<Kept>,
    pub tool_version: String,
    pub stop_command: Vec<String>,
    pub start_command: Vec<String>,
    pub steps: Vec<Step>,
}

/// What of a cluster is kept when it is replaced in place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// The whole data directory.
    Everything,
    /// Its WAL alone: what was committed and never archived. There is no room for more.
    Wal,
}

impl Kept {
    /// For people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Everything => "the whole data directory",
            Self::Wal => "pg_wal alone, since there is no room for more",
        }
    }
}

/// Where recovery stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "kebab-case")]
pub enum RecoveryStop {
    Time {
        time: Timestamp,
        /// Just before the first commit of exactly that moment, instead of behind it.
        exclusive: bool,
    },
    /// At the end of the archived WAL.
    Latest,
}

/// The cluster that goes back in time, as it was found on its host.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Server {
    pub host: String,
    pub pgdata: String,
    pub system_identifier: SystemIdentifier,
    /// Major version.
    pub major: u32,
    pub bin_dir: String,
    /// Bytes in a WAL segment.
    pub segment_size: Big,
    /// The role by which Muster enters the copy.
    pub superuser: String,
    /// Ampora's own database.
    pub database: String,
    /// All databases of the cluster but templates. `None`: the cluster could not be asked.
    pub databases: Option<Vec<String>>,
}

/// What stands for the run's id in names and commands of a plan: it is given when the run starts.
pub const RUN: &str = "{run}";

/// Name of the step behind which the cluster is in use again.
pub const LET_IN: &str = "let-clients-in";

impl RestorePitr {
    /// One line: what happens to what.
    #[must_use]
    pub fn title(&self) -> String {
        let (host, pgdata) = (&self.server.host, &self.server.pgdata);
        match self.stop {
            RecoveryStop::Time { time, .. } => format!("Set {pgdata} on {host} back to {}", rfc3339(time)),
            RecoveryStop::Latest => format!("Restore {pgdata} on {host} to the end of its archived WAL"),
        }
    }

    /// The copy, until it is swapped in.
    #[must_use]
    pub fn beside(&self) -> String {
        format!("{}.muster-{RUN}", self.server.pgdata)
    }

    /// Where the backup is restored to and recovered.
    #[must_use]
    pub fn restored_into(&self) -> String {
        match self.in_place {
            None => self.beside(),
            Some(_) => self.server.pgdata.clone(),
        }
    }

    /// The old cluster, once it is swapped out; in place, what is kept of it.
    #[must_use]
    pub fn before(&self) -> String {
        format!("{}.before-{RUN}", self.server.pgdata)
    }

    /// The first step that can't be taken back: from it on a failure leaves the cluster half-way.
    #[must_use]
    pub fn turn(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.destructive)
    }

    /// What is left for people once clients are in, in order: what it is, and what to do. Muster reaches none of it.
    #[must_use]
    pub fn afterwards(&self) -> [(&'static str, String); 5] {
        let (pgdata, host, before) = (&self.server.pgdata, &self.server.host, self.before());
        [
            (
                "Connection pools",
                "RECONNECT each PgBouncer, and restart whatever else keeps sessions: those from before the restore are gone.".into(),
            ),
            (
                "Standbys",
                format!(
                    "Make each one anew from {pgdata} on {host}, with a new replication slot: an old one holds the history that was undone, and \
                     never fits again."
                ),
            ),
            (
                "Agents",
                "Let them back in batches: one Ampora first, then one after the other, each ready before the next, 1 000 sessions an \
                 instance; and not before every line of the gap report is settled."
                    .into(),
            ),
            (
                "Retention",
                format!(
                    "Once there is a full backup of the new timeline, remove expire-auto=n again where it was set for this restore; until then \
                     the backup {} is the only way back.",
                    self.backup
                ),
            ),
            (
                "Old cluster",
                format!("Remove {before} on {host} when nobody needs it any more: it takes room, and holds what was never archived."),
            ),
        ]
    }

    /// Whether clients are in again when this step begins: from here on a failure harms nothing of what was restored.
    #[must_use]
    pub fn is_in_use_at(&self, index: usize) -> bool {
        let let_in = self.steps.iter().position(|step| step.name == LET_IN);
        let_in.is_some_and(|let_in| index > let_in)
    }

    /// A name or word of the plan, with the run's id in it.
    #[must_use]
    pub fn of_run(word: &str, run: RunId) -> String {
        word.replace(RUN, &run.to_string())
    }
}
