//! Plans. A plan is fully resolved before anybody sees it: pinned facts say what will be done, to what, from what; advisory ones say what
//! it costs. People approve the digest of the pinned part, so the run has nothing left to choose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::ids::{Big, Sha256, SystemIdentifier};
use crate::key::Fingerprint;
use crate::locale::LocaleProvider;
use crate::role::Action;
use crate::time::Timestamp;

mod cost;
mod disaster;
mod drill_on_rds;
mod drill_with_key;
mod keys;
mod name;
mod pitr;
mod rds;
mod repoint;

pub use cost::{Advisory, Basis, DataLoss, MeasuredIn, PhaseTime, Range, Resurrection, Revived};
pub use disaster::{Change, FullDisaster, Holds, Manifests, NewCluster};
pub use drill_on_rds::{CopyOnRds, DrillOnRds};
pub use drill_with_key::{DrillWithKey, LONGEST_DAYS, Launch, LaunchCluster, STAND_IN};
pub use keys::{Delivery, KeyCatchUp, Placed, RetrieveKey};
pub use name::{BadName, BadPlaceName, DatabaseName, PlaceName};
pub use pitr::{Kept, LET_IN, RUN, RecoveryStop, RestorePitr, Server};
pub use rds::{BadInstanceName, InstanceName, InstanceShape, RestoreRds};
pub use repoint::{Ampora, Former, Reach, Repoint, Service, Setup, Successor, Workload};

/// What people agree to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Pinned {
    RestoreDump(Box<RestoreDump>),
    RestorePitr(Box<RestorePitr>),
    RetrieveKey(RetrieveKey),
    KeyCatchUp(KeyCatchUp),
    Repoint(Box<Repoint>),
    RestoreRds(Box<RestoreRds>),
    DrillWithKey(DrillWithKey),
    DrillOnRds(DrillOnRds),
    FullDisaster(Box<FullDisaster>),
}

/// "Different database, same data": a dump into a database that doesn't exist yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestoreDump {
    pub deployment: String,
    pub source: String,
    /// File name of the dump.
    pub backup: String,
    pub dump_sha256: Sha256,
    pub dump_bytes: Big,
    pub target: Target,
    /// Rows of each table in the dump, as counted while reading it in full.
    pub rows: BTreeMap<String, Big>,
    /// Settings that `pg_restore` would leave out, as statements.
    pub settings: Vec<String>,
    /// The key that opened this dump's envelopes when the plan was made. `None`: no key at hand opens them.
    pub key_fingerprint: Option<Fingerprint>,
    pub tool_version: String,
    pub jobs: u32,
    pub steps: Vec<Step>,
}

/// The server and the database to be made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Target {
    /// Host and port, or the socket's directory and port.
    pub server: String,
    pub system_identifier: SystemIdentifier,
    pub server_version: String,
    pub database: DatabaseName,
    pub owner: String,
    pub encoding: String,
    pub collate: String,
    pub ctype: String,
    #[serde(default, skip_serializing_if = "LocaleProvider::is_libc")]
    pub provider: LocaleProvider,
}

/// One named step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Step {
    pub name: String,
    /// Never repeated by itself once it has begun.
    pub destructive: bool,
    /// The command, where the step is one. No secret is ever part of it.
    pub argv: Vec<String>,
    /// What it does, in words.
    pub detail: String,
    /// Who confirms, with a note, that it was done elsewhere, where Muster can't see that by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual: Option<Confirmer>,
}

/// Whose word a manual step takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirmer {
    /// Who may run things: the word is that something was done.
    Operator,
    /// Who may approve, and didn't ask for it: the word is that something may stay as it is.
    Approver,
}

impl Confirmer {
    /// What such a person must be allowed to do.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Operator => Action::Run,
            Self::Approver => Action::Decide,
        }
    }

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "an operator",
            Self::Approver => "an approver who didn’t ask for it",
        }
    }
}

impl Step {
    pub fn new(name: &str, detail: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            destructive: false,
            argv: Vec::new(),
            detail: detail.into(),
            manual: None,
        }
    }

    /// Takes somebody's word where Muster can't see it done.
    #[must_use]
    pub const fn confirmed_by(mut self, who: Confirmer) -> Self {
        self.manual = Some(who);
        self
    }

    #[must_use]
    pub fn running(mut self, argv: Vec<String>) -> Self {
        self.argv = argv;
        self
    }

    #[must_use]
    pub fn destructive(mut self) -> Self {
        self.destructive = true;
        self
    }
}

/// An immutable plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub pinned: Pinned,
    pub advisory: Advisory,
    pub made_at: Timestamp,
}

/// A pinned fact that is no longer what people agreed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moved {
    /// Path of the fact inside the pinned part, such as `target.server_version`.
    pub fact: String,
    pub was: String,
    pub is: String,
}

impl Moved {
    /// In words, for the record.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} was {} and is {}", self.fact, self.was, self.is)
    }
}

impl From<RestorePitr> for Pinned {
    fn from(plan: RestorePitr) -> Self {
        Self::RestorePitr(Box::new(plan))
    }
}

impl From<Repoint> for Pinned {
    fn from(plan: Repoint) -> Self {
        Self::Repoint(Box::new(plan))
    }
}

impl From<RestoreRds> for Pinned {
    fn from(plan: RestoreRds) -> Self {
        Self::RestoreRds(Box::new(plan))
    }
}

impl From<FullDisaster> for Pinned {
    fn from(plan: FullDisaster) -> Self {
        Self::FullDisaster(Box::new(plan))
    }
}

impl From<RestoreDump> for Pinned {
    fn from(plan: RestoreDump) -> Self {
        Self::RestoreDump(Box::new(plan))
    }
}

impl Pinned {
    /// `SHA-256("muster.plan/1\n" ‖ JCS(pinned))`: what is approved.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        Sha256::of(&[b"muster.plan/1\n", &canonical::json(self)])
    }

    #[must_use]
    pub fn deployment(&self) -> &str {
        match self {
            Self::RestoreDump(plan) => &plan.deployment,
            Self::RestorePitr(plan) => &plan.deployment,
            Self::RetrieveKey(plan) => &plan.deployment,
            Self::KeyCatchUp(plan) => &plan.deployment,
            Self::Repoint(plan) => &plan.deployment,
            Self::RestoreRds(plan) => &plan.deployment,
            Self::DrillWithKey(plan) => &plan.deployment,
            Self::DrillOnRds(plan) => &plan.deployment,
            Self::FullDisaster(plan) => &plan.deployment,
        }
    }

    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RestoreDump(_) => "restore-dump",
            Self::RestorePitr(_) => "restore-pitr",
            Self::RetrieveKey(_) => "retrieve-key",
            Self::KeyCatchUp(_) => "key-catch-up",
            Self::Repoint(_) => "repoint",
            Self::RestoreRds(_) => "restore-rds",
            Self::DrillWithKey(_) => "drill-with-key",
            Self::DrillOnRds(_) => "drill-on-rds",
            Self::FullDisaster(_) => "full-disaster",
        }
    }

    /// Whether it is carried out by the answer to the requester's own login. Everything else is run by a worker, whoever starts it.
    #[must_use]
    pub const fn is_handed_over(&self) -> bool {
        matches!(
            self,
            Self::RetrieveKey(RetrieveKey {
                delivery: Delivery::ShownOnce | Delivery::Sealed { .. } | Delivery::Split { .. },
                ..
            })
        )
    }

    /// For how long it holds once it is approved, where it isn't one run that is approved: nothing starts it, and nothing uses it up.
    #[must_use]
    pub fn standing(&self) -> Option<chrono::Duration> {
        match self {
            Self::DrillWithKey(plan) => Some(plan.validity()),
            Self::DrillOnRds(plan) => Some(plan.validity()),
            _ => None,
        }
    }

    #[must_use]
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::RestoreDump(plan) => &plan.steps,
            Self::RestorePitr(plan) => &plan.steps,
            Self::RetrieveKey(plan) => &plan.steps,
            Self::KeyCatchUp(plan) => &plan.steps,
            Self::Repoint(plan) => &plan.steps,
            Self::RestoreRds(plan) => &plan.steps,
            Self::DrillWithKey(plan) => &plan.steps,
            Self::DrillOnRds(plan) => &plan.steps,
            Self::FullDisaster(plan) => &plan.steps,
        }
    }

    /// One line: what happens to what.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::RestoreDump(plan) => format!("Restore {} into a new database {}", plan.backup, plan.target.database),
            Self::RetrieveKey(RetrieveKey {
                version,
                manager,
                delivery: Delivery::Placed(place),
                ..
            }) => format!("Put master key version {version} of {manager} into {}", place.manager),
            Self::RestorePitr(plan) => plan.title(),
            Self::RetrieveKey(plan) => format!("Retrieve master key version {} of {}", plan.version, plan.manager),
            Self::KeyCatchUp(plan) => format!("Catch {} up with the key in use", plan.manager),
            Self::Repoint(plan) => plan.title(),
            Self::RestoreRds(plan) => plan.title(),
            Self::DrillWithKey(plan) => plan.title(),
            Self::DrillOnRds(plan) => plan.title(),
            Self::FullDisaster(plan) => plan.title(),
        }
    }

    /// What differs in `now`, fact by fact. Empty: exactly what was approved.
    #[must_use]
    pub fn moved(&self, now: &Self) -> Vec<Moved> {
        let (Ok(was), Ok(is)) = (serde_json::to_value(self), serde_json::to_value(now)) else {
            return Vec::new();
        };
        let mut moved = Vec::new();
        compare("", &was, &is, &mut moved);
        moved
    }
}

fn compare(path: &str, was: &serde_json::Value, is: &serde_json::Value, moved: &mut Vec<Moved>) {
    use serde_json::Value::{Null, Object};
    if was == is {
        return;
    }
    if let (Object(was), Object(is)) = (was, is) {
        let names: std::collections::BTreeSet<_> = was.keys().chain(is.keys()).collect();
        for name in names {
            let inner = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            compare(
                &inner,
                was.get(name).unwrap_or(&Null),
                is.get(name).unwrap_or(&Null),
                moved,
            );
        }
        return;
    }
    let show = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), ToString::to_string);
    moved.push(Moved {
        fact: path.into(),
        was: show(was),
        is: show(is),
    });
}

#[cfg(test)]
mod tests;
