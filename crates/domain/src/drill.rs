//! A drill: the restore of one backup in a throw-away sandbox, what was looked at there, and what that proves. A sandbox that is broken
//! says nothing about the backup, so there are three verdicts and not two; what wasn't looked at is said to be not run, never good.

mod audit;
mod certificate;
mod check;
mod instance;
mod judge;
mod measure;
mod pick;
mod rehearsals;
mod rows;
mod wal;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::backup::Kind;
use crate::ids::{Big, DrillId, Person, Sha256};
use crate::time::Timestamp;

pub use audit::{AuditFacts, Hours};
pub use certificate::TestCertificate;
pub use check::{Check, CheckStatus, Evidence, SERVED_BY, STAND_IN, mandatory, names};
pub use instance::{Leftover, TemporaryInstance};
pub use judge::{Blame, Failure, Verdict, judge};
pub use measure::{Beats, Measured, Rpo, rpo, rto};
pub use pick::{Candidate, NoBackup, drawn, pick};
pub use rehearsals::{Freshness, Rehearsals};
pub use rows::{Compared, Counts, Surroundings};
pub use wal::{Hole, WalNeeded};

/// Which backup is rehearsed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Choice {
    /// The newest backup with all WAL behind it: what would be restored today.
    Latest,
    /// Whichever backup and WAL lead to the latest time that can be restored to: around a hole in the WAL, or out of another repository.
    LatestRestorableTime,
    /// Any that is believed to be good; over time each gets its turn.
    Random,
    /// This one, to its own end. `source` only where several have one of this label.
    Label { label: String, source: Option<String> },
}

impl Choice {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Latest => "the latest".into(),
            Self::LatestRestorableTime => "the latest restorable time".into(),
            Self::Random => "a random one".into(),
            Self::Label { label, .. } => label.clone(),
        }
    }
}

/// Why a drill began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    Person,
    Schedule,
    /// `muster drill run` on Muster's host.
    Shell,
}

impl Trigger {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Person => "a person",
            Self::Schedule => "the schedule",
            Self::Shell => "the command line",
        }
    }
}

/// What was restored.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Chosen {
    pub source: String,
    pub tool: String,
    pub repo: Option<u32>,
    pub label: String,
    pub kind: Kind,
    pub stopped_at: Option<Timestamp>,
    /// Of the dump, or of the backup's manifest. `None`: it could not be read.
    pub sha256: Option<Sha256>,
    /// Bytes of the restored data, as the tool tells them before.
    pub size_bytes: Option<u64>,
    /// Recovery goes on to the end of the archived WAL.
    pub to_the_end: bool,
}

/// What keeps code in the restored database away from Muster and the network. It is found out by trying, never assumed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Isolation {
    pub kind: IsolationKind,
    /// What holds, or why it doesn't.
    pub detail: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IsolationKind {
    /// A view of the file system, of processes and of the network of its own.
    Namespaces,
    /// Another account of the operating system, and nothing else.
    User,
    /// The copy runs on no machine of Muster's: nothing of it is run here.
    Elsewhere,
    None,
    /// The drill didn't get as far as a sandbox.
    Unknown,
}

impl IsolationKind {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::User => "user",
            Self::Elsewhere => "elsewhere",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

/// A part of the drill, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// Which backup, and what it needs.
    Choose,
    /// Room, tools and the sandbox itself.
    Prepare,
    /// The backup's files come out of the repository.
    Fetch,
    /// The WAL behind it comes, up to where recovery has to reach.
    Wal,
    /// The server starts, and recovers if there is something to recover.
    Start,
    /// A dump is read into the empty server.
    Restore,
    /// AWS is asked for a temporary instance.
    Create,
    /// AWS makes it.
    Available,
    /// Its database takes Muster's own role.
    Connect,
    Check,
    /// Everything is removed again.
    TearDown,
}

impl PhaseName {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Choose => "choose",
            Self::Prepare => "prepare",
            Self::Fetch => "fetch",
            Self::Wal => "wal",
            Self::Start => "start",
            Self::Restore => "restore",
            Self::Create => "create",
            Self::Available => "available",
            Self::Connect => "connect",
            Self::Check => "check",
            Self::TearDown => "tear_down",
        }
    }

    /// Whether it may be left in the middle when the drill is stopped. Half an answer to what was asked of AWS would leave an instance that
    /// nobody has written down.
    #[must_use]
    pub const fn may_be_cut(self) -> bool {
        !matches!(self, Self::Create | Self::TearDown)
    }
}

/// How far a phase came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseStatus {
    Running,
    Ok,
    Broken,
    /// It was stopped from outside, which says nothing about anything.
    Stopped,
}

impl PhaseStatus {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::Stopped => "stopped",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Phase {
    pub name: PhaseName,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub status: PhaseStatus,
    pub detail: String,
    pub failure: Option<Failure>,
}

/// What was measured. What wasn't is `None`, with the reason where a person would ask for one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// From the first phase to the last check that had to pass.
    pub rto_seconds: Option<u32>,
    pub rpo_seconds: Option<u32>,
    pub rpo_detail: String,
    /// The promise, at the time of the drill.
    pub rto_declared: Option<u32>,
    pub rpo_declared: Option<u32>,
    /// What an outage at the time of the drill would have lost, as far as windows and dumps tell.
    pub rpo_predicted: Option<u32>,
    /// The latest measured recovery before this one.
    pub rto_predicted: Option<u32>,
    /// Bytes of the restored cluster on disk.
    pub restored_bytes: Option<Big>,
    pub wal_segments: Option<u32>,
    pub tables: Option<u32>,
    pub rows: Option<Big>,
    /// Tool or server, and its version.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
}

/// Everything that is known of one drill; it grows while the drill runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Drill {
    pub id: DrillId,
    pub deployment: String,
    pub trigger: Trigger,
    /// Who asked for it.
    pub by: Person,
    pub by_name: String,
    pub choice: Choice,
    pub queued_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub backup: Option<Chosen>,
    pub isolation: Isolation,
    pub verdict: Option<Verdict>,
    /// Why it isn't `passed`.
    pub failure: Option<Failure>,
    pub phases: Vec<Phase>,
    pub checks: Vec<Check>,
    /// Of the key that opened the copy.
    pub key_fingerprint: Option<String>,
    /// The manager's name for that key.
    pub key_version: Option<String>,
    pub figures: Figures,
    /// Things to know that are no verdict.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Until when the sandbox of a failed drill stays to be looked at.
    #[serde(default)]
    pub kept_until: Option<Timestamp>,
    /// Certificates that were issued for its probe.
    #[serde(default)]
    pub certificates: Vec<TestCertificate>,
    /// What AWS was asked to make for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<TemporaryInstance>,
}

impl Drill {
    /// One that waits for a place.
    #[must_use]
    pub fn queued(
        id: DrillId,
        deployment: &str,
        choice: Choice,
        asked: (Trigger, Person, String),
        at: Timestamp,
    ) -> Self {
        let (trigger, by, by_name) = asked;
        Self {
            id,
            deployment: deployment.into(),
            trigger,
            by,
            by_name,
            choice,
            queued_at: at,
            started_at: None,
            finished_at: None,
            backup: None,
            isolation: Isolation {
                kind: IsolationKind::Unknown,
                detail: "the sandbox was not made".into(),
            },
            verdict: None,
            failure: None,
            phases: Vec::new(),
            checks: Vec::new(),
            key_fingerprint: None,
            key_version: None,
            figures: Figures::default(),
            warnings: Vec::new(),
            kept_until: None,
            certificates: Vec::new(),
            instance: None,
        }
    }

    /// Seconds of each phase that ended, in order.
    #[must_use]
    pub fn durations(&self) -> Vec<(PhaseName, i64)> {
        let ended = self.phases.iter().filter_map(|phase| {
            let seconds = (phase.finished_at? - phase.started_at).num_seconds();
            Some((phase.name, seconds))
        });
        ended.collect()
    }

    /// Names of the checks that were not run; and Ampora, where only a stand-in served agents.
    #[must_use]
    pub fn untested(&self) -> Vec<&str> {
        let not_run = self.checks.iter().filter(|check| check.status == CheckStatus::NotRun);
        let stood_in = self.checks.iter().any(Check::is_of_stand_in);
        let not_run = not_run.map(|check| check.name.as_str());
        not_run.chain(stood_in.then_some("Ampora itself")).collect()
    }

    /// `passed; agents not tested`: the verdict never goes without what wasn't looked at.
    #[must_use]
    pub fn sentence(&self) -> String {
        let untested = self.untested();
        let verdict = self.verdict.map_or("no verdict", Verdict::words);
        if untested.is_empty() {
            verdict.to_owned()
        } else {
            format!("{verdict}; not tested: {}", untested.join(", "))
        }
    }
}
