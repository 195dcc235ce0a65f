//! What a chain is worth, and how that is told.

use domain::status::Status;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What the chain is worth.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ChainVerdict {
    /// Leads to a root that Muster knows.
    Trusted {
        root: String,
    },
    /// Whole, up to a root that is neither among the system's nor in `roots`.
    UnknownRoot {
        root: String,
        /// `roots` says what to expect, and this isn't it.
        declared: bool,
    },
    /// The endpoint leaves out a certificate that clients need.
    Incomplete {
        missing: String,
        /// Certain, not just likely: with the saved chain it leads to a root, or `roots` says what to expect.
        certain: bool,
    },
    Expired {
        subject: String,
        at: Timestamp,
    },
    NotYetValid {
        subject: String,
        from: Timestamp,
    },
    /// Clients refuse it.
    Refused {
        reason: String,
    },
    /// Muster can't judge it.
    Unread {
        reason: String,
    },
}

impl ChainVerdict {
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Trusted { .. } => Status::Ok,
            Self::UnknownRoot { declared: false, .. } | Self::Incomplete { certain: false, .. } => Status::Unknown,
            Self::Unread { .. } => Status::Unknown,
            _ => Status::Broken,
        }
    }

    /// Whether every certificate of the chain was seen, so that none can end earlier than is known.
    pub(super) const fn end_status(&self) -> Status {
        match self {
            Self::Incomplete { .. } | Self::Unread { .. } => Status::Unknown,
            _ => Status::Ok,
        }
    }

    /// Fact and meaning.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Trusted { root } => format!("its chain leads to {root}"),
            Self::UnknownRoot { root, declared: true } => {
                format!("its chain ends at {root}, which isn’t in roots: clients refuse it")
            }
            Self::UnknownRoot { root, .. } => {
                format!("its chain ends at {root}, which this host doesn’t know: give its certificate as roots")
            }
            Self::Incomplete { missing, certain: true } => {
                format!("the endpoint doesn’t serve the certificate of {missing}: clients that lack it refuse")
            }
            Self::Incomplete { missing, .. } => format!(
                "the endpoint doesn’t serve the certificate of its issuer {missing}, which this host doesn’t know: \
                 give its root as roots"
            ),
            Self::Expired { subject, at } => format!("{subject} ended {}: clients refuse it", at.format(DATE)),
            Self::NotYetValid { subject, from } => {
                format!("{subject} is valid from {} only: clients refuse it", from.format(DATE))
            }
            Self::Refused { reason } => format!("clients refuse its chain: {reason}"),
            Self::Unread { reason } => format!("its chain can’t be judged: {reason}"),
        }
    }
}

/// How dates are written in details. They are absolute, so that a reading changes only when the certificate does.
pub(super) const DATE: &str = "%Y-%m-%d %H:%M UTC";
