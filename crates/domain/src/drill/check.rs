//! One thing that was looked at in the restored copy.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What a look showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CheckStatus {
    #[serde(rename = "ok")]
    Ok,
    #[serde(rename = "broken")]
    Broken,
    /// Nothing was looked at, or there was nothing to look at. The detail says why.
    #[serde(rename = "not run")]
    NotRun,
}

impl CheckStatus {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::NotRun => "not run",
        }
    }
}

/// A fact that the status rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    pub fact: String,
    pub value: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    pub status: CheckStatus,
    pub detail: String,
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Set where the sandbox and not the backup explains the status: what to do about it.
    #[serde(default)]
    pub remedy: Option<String>,
    pub finished_at: Option<Timestamp>,
}

/// The fact by which a check of agents tells what served them.
pub const SERVED_BY: &str = "served by";
/// What that fact says where it wasn't Ampora.
pub const STAND_IN: &str = "a stand-in for Ampora";

/// Names of the checks, as they stand in documents.
pub mod names {
    pub const RECOVERY: &str = "recovery";
    pub const SERVER: &str = "server";
    pub const TABLES: &str = "tables";
    pub const ROWS: &str = "rows";
    pub const KEY: &str = "key";
    pub const AUTHORITY: &str = "authority";
    pub const AUDIT: &str = "audit";
    pub const CONFIGURATIONS: &str = "configurations";
    pub const REVOCATIONS: &str = "revocations";
    pub const MIGRATIONS: &str = "migrations";
    pub const IMAGE: &str = "image";
    pub const TLS: &str = "tls";
    pub const PARITY: &str = "parity";
    pub const AGENTS: &str = "agents";
    pub const ROLLOUT: &str = "rollout";
    /// Before the name that the site gave its own check.
    pub const SITE: &str = "site: ";
}

/// Whether a drill can't pass without this check.
#[must_use]
pub fn mandatory(name: &str) -> bool {
    use names::{AUTHORITY, KEY, RECOVERY, ROWS, SERVER, TABLES};
    [RECOVERY, SERVER, TABLES, ROWS, KEY, AUTHORITY].contains(&name)
}

impl Check {
    fn new(name: impl Into<String>, status: CheckStatus, detail: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            status,
            detail: detail.into(),
            evidence: Vec::new(),
            remedy: None,
            finished_at: None,
        }
    }

    pub fn ok(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, CheckStatus::Ok, detail)
    }

    pub fn broken(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(name, CheckStatus::Broken, detail)
    }

    pub fn not_run(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(name, CheckStatus::NotRun, why)
    }

    /// Adds a fact. Never a secret.
    #[must_use]
    pub fn because(mut self, fact: &str, value: impl ToString) -> Self {
        self.evidence.push(Evidence {
            fact: fact.into(),
            value: value.to_string(),
        });
        self
    }

    /// Whether a stand-in served it, so that it says nothing about Ampora itself.
    #[must_use]
    pub fn is_of_stand_in(&self) -> bool {
        let mut evidence = self.evidence.iter();
        evidence.any(|evidence| evidence.fact == SERVED_BY && evidence.value == STAND_IN)
    }

    /// Says that the sandbox is to blame, and what to do.
    #[must_use]
    pub fn remedied_by(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}
