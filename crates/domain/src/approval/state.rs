//! The states of a request, each with the data that is true only there.

use serde::{Deserialize, Serialize};

use crate::ids::{Person, RunId};
use crate::time::Timestamp;

/// Somebody other than the requester agreed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approval {
    pub person: Person,
    pub name: String,
    pub at: Timestamp,
    pub note: String,
}

/// Where a request stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Waits for people. Silence expires it, never approves it.
    Pending {
        approvals: Vec<Approval>,
        expires_at: Timestamp,
    },
    /// Enough people agreed; it can be run once, until `run_by`.
    Approved {
        approvals: Vec<Approval>,
        run_by: Timestamp,
    },
    Rejected {
        person: Person,
        name: String,
        at: Timestamp,
        note: String,
    },
    Withdrawn {
        at: Timestamp,
    },
    Expired {
        at: Timestamp,
    },
    /// A pinned fact is no longer what people agreed to.
    Stale {
        moved: Vec<String>,
        at: Timestamp,
    },
    /// Run, once.
    Consumed {
        approvals: Vec<Approval>,
        run: RunId,
        at: Timestamp,
    },
}

impl State {
    /// The word in pages, URLs and refusals.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Expired { .. } => "expired",
            Self::Stale { .. } => "stale",
            Self::Consumed { .. } => "consumed",
        }
    }

    /// The approvals that count or counted.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        match self {
            Self::Pending { approvals, .. } | Self::Approved { approvals, .. } | Self::Consumed { approvals, .. } => {
                approvals
            }
            _ => &[],
        }
    }

    /// Nothing can change it any more, but that its run goes on.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Pending { .. } | Self::Approved { .. })
    }
}
