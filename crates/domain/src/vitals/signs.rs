//! The signs of one reading that can each be missing by itself: a table that isn't there makes one sign unknown, not the reading.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::Big;
use crate::time::Timestamp;
use crate::wal::Lsn;

/// Seconds after which an agent that says nothing counts as gone: `OpAmp:HeartbeatWindowSeconds` as Ampora ships it.
pub const HEARTBEAT_WINDOW_S: u32 = 90;

/// One sign: read, or why it wasn't.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign<T> {
    Known(T),
    Unknown {
        why: Why,
        /// In words, for a person.
        reason: String,
    },
}

/// Why a sign isn't known, as far as rules tell reasons apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The reading is of a version of Muster that didn't look.
    Earlier,
    /// No table or column of this name.
    Missing,
    /// Nothing is configured that could be looked at.
    NotConfigured,
    Denied,
    /// Row-level security hides rows from Muster's role.
    Hidden,
    /// Stopped after the time that one sign may take.
    TooSlow,
    /// Answered, and not understood.
    Odd,
}

impl<T> Default for Sign<T> {
    fn default() -> Self {
        Self::unknown(
            Why::Earlier,
            "the reading is of a version of Muster that didn’t look at it",
        )
    }
}

impl<T> Sign<T> {
    pub fn unknown(why: Why, reason: impl Into<String>) -> Self {
        Self::Unknown {
            why,
            reason: reason.into(),
        }
    }

    /// The value, or the reason why there is none.
    ///
    /// # Errors
    /// With that reason.
    pub fn known(&self) -> Result<&T, &str> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unknown { reason, .. } => Err(reason),
        }
    }

    /// Why it isn't known.
    #[must_use]
    pub const fn why(&self) -> Option<Why> {
        match self {
            Self::Known(_) => None,
            Self::Unknown { why, .. } => Some(*why),
        }
    }
}

/// A number of rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Count {
    pub rows: Big,
    /// The planner's estimate: the table is too large to be counted on every reading.
    pub estimated: bool,
}

impl Count {
    #[must_use]
    pub const fn exactly(rows: u64) -> Self {
        Self {
            rows: Big(rows),
            estimated: false,
        }
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let about = if self.estimated { "about " } else { "" };
        write!(f, "{about}{}", self.rows)
    }
}

/// One table of the audit log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditTable {
    pub rows: Count,
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

/// Audit events of one hour, hot and archived.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hour {
    /// Its beginning.
    pub hour: Timestamp,
    pub events: Big,
}

/// The newest published version of any configuration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Published {
    pub version: String,
    pub hash: String,
    pub at: Timestamp,
}

/// One certificate of Ampora's own authority.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Authority {
    /// SHA-256 of its DER form, in hex.
    pub fingerprint: String,
    /// `Draft`, `Active`, `Trusted` or `Retired`.
    pub state: String,
    pub subject: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}

/// Agents' certificates, tried on the authorities of the same database.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Chains {
    /// The agents that were heard of last.
    pub sampled: u32,
    /// Signed by none of the authorities.
    pub orphaned: u32,
    /// No certificate that could be read.
    pub unread: u32,
}

/// Identities by their number and a digest of them all: equal digests are equal sets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identities {
    pub number: Big,
    /// SHA-256 over the identities in order, in hex.
    pub digest: String,
}

/// What agents last reported of themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Effective {
    /// Rows without an effective configuration.
    pub missing: Big,
    /// Of those, agents that were heard of within the heartbeat window.
    pub missing_and_heard: Big,
    pub newest_heard: Option<Timestamp>,
}

/// How the database separates tenants.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RowSecurity {
    pub tables: Big,
    pub forced: Big,
    /// SHA-256 over all policies, in hex.
    pub policies: String,
}

/// Where the server writes its WAL.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Position {
    pub timeline: u32,
    pub lsn: Lsn,
    /// Bytes in a segment.
    pub segment_size: u64,
    /// The server replays WAL instead of writing it.
    pub in_recovery: bool,
}

/// All signs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Signs {
    pub tenants: Sign<Count>,
    pub users: Sign<Count>,
    pub agents: Sign<Count>,
    pub hot: Sign<AuditTable>,
    pub archive: Sign<AuditTable>,
    /// The newest seven hours, the running one last; an hour without events is there with 0.
    pub hours: Sign<Vec<Hour>>,
    pub published: Sign<Option<Published>>,
    /// Key ids of the wrapped values that were looked at, with how many there are of each.
    pub key_ids: Sign<BTreeMap<String, Big>>,
    pub authorities: Sign<Vec<Authority>>,
    pub chains: Sign<Chains>,
    /// Certificates that were ever issued.
    pub issued: Sign<Count>,
    pub revoked: Sign<Identities>,
    /// Tokens that can still be redeemed.
    pub tokens: Sign<Identities>,
    /// Tokens that were redeemed, where a table tells.
    pub redeemed: Sign<Count>,
    pub peers: Sign<Identities>,
    /// Login roles with a digest of what the server keeps of their passwords: enough to see that one was changed.
    pub role_passwords: Sign<BTreeMap<String, String>>,
    pub effective: Sign<Effective>,
    pub row_security: Sign<RowSecurity>,
    pub migration_head: Sign<Option<String>>,
    pub heartbeat: Sign<Option<Timestamp>>,
    /// Recovery targets that are set on the server; empty: none.
    pub recovery_target: Sign<String>,
    pub position: Sign<Position>,
    /// Tables that were too large to be counted, with the planner's estimate.
    pub estimates: BTreeMap<String, Big>,
    /// The database's clock at the end of the reading.
    pub ended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_of_an_earlier_version_is_unknown_sign_by_sign() {
        let signs: Signs =
            serde_json::from_str(r#"{"tenants":{"known":{"rows":"3","estimated":false}}}"#).expect("reads");
        assert_eq!(signs.tenants, Sign::Known(Count::exactly(3)));
        assert_eq!(signs.hours.why(), Some(Why::Earlier));
        assert!(signs.agents.known().is_err());
    }

    #[test]
    fn an_estimate_says_so() {
        let count = Count {
            rows: Big(1_000_000),
            estimated: true,
        };
        assert_eq!(
            [count.to_string(), Count::exactly(0).to_string()],
            ["about 1000000", "0"]
        );
    }
}
