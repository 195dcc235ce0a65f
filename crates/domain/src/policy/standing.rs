//! How a rule stands. Two words more than a fact has: nobody declared a limit, or somebody switched the rule off.

use serde::{Deserialize, Serialize};

use crate::status::Status;

/// The verdict on one rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Ok,
    Broken,
    /// What it looks at isn't known; the default for a line that was written before there were verdicts.
    #[default]
    Unknown,
    /// Nobody declared a limit, or nothing it speaks of is configured: neither good nor bad.
    Unset,
    /// Switched off for this deployment: neither good nor bad.
    Off,
}

impl Standing {
    /// The word for it, as everywhere in Muster.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
            Self::Unset => "unset",
            Self::Off => "off",
        }
    }

    /// What it adds to a group or an exit code; `None` for what is neither good nor bad.
    #[must_use]
    pub const fn counts(self) -> Option<Status> {
        match self {
            Self::Ok => Some(Status::Ok),
            Self::Broken => Some(Status::Broken),
            Self::Unknown => Some(Status::Unknown),
            Self::Unset | Self::Off => None,
        }
    }
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        match status {
            Status::Ok => Self::Ok,
            Status::Broken => Self::Broken,
            Status::Unknown => Self::Unknown,
        }
    }
}
