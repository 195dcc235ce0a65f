//! A standing approval: until its time is over, drills may have AWS make a second copy of a managed database, which costs money and holds
//! all that production holds. Anything that changes about the copy makes it another one, which nobody has approved.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{LONGEST_DAYS, Step};

/// What people agree to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DrillOnRds {
    pub deployment: String,
    /// The source of kind rds.
    pub source: String,
    pub copy: CopyOnRds,
    /// Days from the last approval on, 1 to [`LONGEST_DAYS`].
    pub valid_days: u32,
    pub steps: Vec<Step>,
}

/// The instance that each drill has made, and of what. Nothing is left to what AWS would choose by itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CopyOnRds {
    pub region: String,
    /// The instance that is copied.
    pub instance: String,
    /// Names this very instance: the next one of its name has another.
    pub resource_id: String,
    pub class: String,
    pub subnet_group: Option<String>,
    pub parameter_group: Option<String>,
    /// In alphabetical order.
    pub security_groups: Vec<String>,
    /// The source's, which AWS encrypts the copy with too. `None`: neither is encrypted.
    pub kms_key: Option<String>,
}

impl DrillOnRds {
    #[must_use]
    pub fn validity(&self) -> Duration {
        Duration::days(self.valid_days.min(LONGEST_DAYS).into())
    }

    /// One line: what is made of what, for how long.
    #[must_use]
    pub fn title(&self) -> String {
        format!(
            "Let drills make temporary copies of the RDS instance {} for {} days",
            self.copy.instance, self.valid_days
        )
    }
}
