//! `muster.keys/1`: what was proven of the keys of each deployment, and what the rules about keys find in it.

use serde::{Deserialize, Serialize};

use super::Keys;
use crate::finding::{Finding, NotJudged, Severity};
use crate::status::Status;

/// `muster keys --json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeysReport {
    pub schema: String,
    pub deployments: Vec<KeysFound>,
}

impl KeysReport {
    #[must_use]
    pub fn new(deployments: Vec<KeysFound>) -> Self {
        Self {
            schema: "muster.keys/1".into(),
            deployments,
        }
    }
}

/// The proof for one deployment with its findings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeysFound {
    #[serde(flatten)]
    pub keys: Keys,
    /// The worst first.
    #[serde(default)]
    pub findings: Vec<KeyFinding>,
    /// Rules about keys that couldn’t be judged.
    #[serde(default)]
    pub not_judged: Vec<NotJudged>,
}

/// A finding about a key, as `muster diagnose` has it, in short.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyFinding {
    pub code: String,
    pub severity: Severity,
    pub title: String,
    /// What it is concluded from.
    pub detail: String,
    /// What to do, in order.
    pub recovery: String,
    /// Its section of the documentation.
    #[serde(default)]
    pub page: String,
}

impl From<Finding> for KeyFinding {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.code,
            severity: finding.severity,
            title: finding.title,
            detail: finding.cause,
            recovery: finding.recovery,
            page: finding.page,
        }
    }
}

impl KeysFound {
    /// What the exit code of `muster keys` is drawn from: the verdict, the copies elsewhere, and findings that are errors. What could not be
    /// judged beside the proof, such as who was handed a key, is told and doesn’t count.
    pub fn statuses(&self) -> impl Iterator<Item = Status> {
        let copies = self.keys.replicas.iter().map(|replica| replica.status);
        let errors = self
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        std::iter::once(self.keys.status)
            .chain(copies)
            .chain(errors.map(|_| Status::Broken))
    }
}
