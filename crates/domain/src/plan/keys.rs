//! Plans about the master key: one version for somebody, or the key in use for the manager. They name keys by fingerprint, never by bytes.

use serde::{Deserialize, Serialize};

use super::{PlaceName, Step};
use crate::key::{Encoding, Fingerprint};

/// One version of the master key, for its requester, for two people, or for a place where nothing was before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RetrieveKey {
    pub deployment: String,
    pub manager: String,
    pub version: String,
    pub fingerprint: Fingerprint,
    pub delivery: Delivery,
    pub steps: Vec<Step>,
}

/// How a retrieved key leaves Muster.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "kebab-case")]
pub enum Delivery {
    /// In one response to the requester's own fresh login.
    ShownOnce,
    /// Encrypted to an age X25519 recipient that the request names.
    Sealed { recipient: String },
    /// As two shares, each encrypted to another age X25519 recipient. Both are needed to make the key.
    Split { recipients: [String; 2] },
    /// Written into another secret manager, as the first version of a new secret. No person sees it.
    Placed(Placed),
}

/// A place where nothing was when the plan was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Placed {
    /// The configured destination.
    pub destination: String,
    /// What people call the new secret.
    pub manager: String,
    /// Names the new secret itself, so that nothing that is in use can be meant.
    pub identity: String,
    pub name: PlaceName,
    /// Where in the new value the key will stand.
    pub field: Option<String>,
    pub encoding: Encoding,
}

/// The cure of a manager that is behind: the key Ampora runs with becomes the manager's new current version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyCatchUp {
    pub deployment: String,
    pub manager: String,
    pub identity: String,
    /// The version that is current now. If another one is by then, nothing is written.
    pub expected: String,
    /// The key in use.
    pub fingerprint: Fingerprint,
    /// Where the running Ampora has it from.
    pub source: String,
    /// A version that holds this key already and isn't the current one.
    pub held_as: Option<String>,
    /// Versions that the manager removes because of this write. No kept backup needs them.
    pub pruned: Vec<String>,
    /// Where in the value the key stands; everything else in it stays as it is.
    pub field: Option<String>,
    pub encoding: Encoding,
    pub steps: Vec<Step>,
}

impl Delivery {
    /// The words for it in a list: `shown once`.
    #[must_use]
    pub const fn words(&self) -> &'static str {
        match self {
            Self::ShownOnce => "shown once",
            Self::Sealed { .. } => "sealed to a recipient",
            Self::Split { .. } => "as two sealed shares",
            Self::Placed(_) => "into a new place",
        }
    }
}
