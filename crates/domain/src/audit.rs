//! The audit log's arithmetic: what an entry's canonical bytes are, how they hash into a Merkle tree (RFC 6962), and what a change,
//! a removal or a swap looks like when the log is read back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::canonical;
use crate::ids::{EntryId, Person, RequestId, Sha256};
use crate::role::{Actor, Role};
use crate::time::Timestamp;

mod export;
mod tree;

pub use export::{Export, ExportedEntry, Mismatch, Verified};
pub use tree::Tree;

/// Version of the leaf format.
pub const SCHEMA: &str = "muster.audit/1";

/// Whether an entry announces an act, reports its end, or states something that happened by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Written before the act. Without it the act doesn't happen.
    Intent,
    /// Written after it, naming the intent.
    Outcome,
    /// Change and entry are one transaction.
    Fact,
}

impl Phase {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::Outcome => "outcome",
            Self::Fact => "fact",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Ok,
    Refused,
    Failed,
}

impl Outcome {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Who did it, as known at that moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Who {
    #[serde(flatten)]
    pub person: Person,
    pub name: String,
    pub roles: Vec<Role>,
    pub address: Option<String>,
}

impl From<&Actor> for Who {
    fn from(actor: &Actor) -> Self {
        Self {
            person: actor.person.clone(),
            name: actor.name.clone(),
            roles: actor.roles.iter().copied().collect(),
            address: actor.address.map(|address| address.to_string()),
        }
    }
}

/// One entry. Holds no secret: values in `detail` are names, digests, fingerprints and words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub id: EntryId,
    pub at: Timestamp,
    pub who: Who,
    /// `area.verb`, such as `request.approve`.
    pub action: String,
    pub phase: Phase,
    pub outcome: Option<Outcome>,
    /// The intent that this is the outcome of.
    pub intent: Option<EntryId>,
    pub deployment: Option<String>,
    pub request: Option<RequestId>,
    /// What it was done to, in words.
    pub object: String,
    pub detail: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct Leaf {
    schema: String,
    /// 16 random bytes in hex: nobody can guess an entry from its public hash.
    salt: String,
    entry: Entry,
}

impl Entry {
    /// The canonical bytes that are stored and hashed.
    #[must_use]
    pub fn leaf(&self, salt: [u8; 16]) -> Vec<u8> {
        canonical::json(&Leaf {
            schema: SCHEMA.into(),
            salt: hex::encode(salt),
            entry: self.clone(),
        })
    }

    /// Reads an entry back from its canonical bytes.
    ///
    /// # Errors
    /// If they aren't a leaf of this format.
    pub fn from_leaf(leaf: &[u8]) -> Result<Self, serde_json::Error> {
        Ok(serde_json::from_slice::<Leaf>(leaf)?.entry)
    }
}

/// `SHA-256(0x00 ‖ leaf)`, RFC 6962 section 2.1.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Sha256 {
    Sha256::of(&[&[0], leaf])
}

#[cfg(test)]
mod tests;
