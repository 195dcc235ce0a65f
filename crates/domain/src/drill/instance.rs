//! The temporary instance that a drill of a managed database has made at AWS. What is written down here is what Muster deletes it by: an
//! instance that differs in anything from its record is never deleted.

use serde::{Deserialize, Serialize};

use crate::ids::DrillId;
use crate::time::Timestamp;

/// One of them, written down before AWS is asked for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TemporaryInstance {
    /// Name of the source it was made of.
    pub source: String,
    pub region: String,
    /// The instance that was copied.
    pub of: String,
    pub of_resource_id: String,
    pub name: String,
    /// `None`: what AWS answered isn't known, and whether it made one.
    pub resource_id: Option<String>,
    pub arn: Option<String>,
    /// The moment that was asked for. `None`: the latest that AWS could restore to.
    pub restored_to: Option<Timestamp>,
    pub asked_at: Timestamp,
    /// When AWS no longer knew it.
    pub gone_at: Option<Timestamp>,
}

impl TemporaryInstance {
    /// The tag that names the drill. The documented rights to delete hold for instances with this tag alone.
    pub const TAG: &str = "muster-drill";
    /// Names the deployment, also for people who look at their bill.
    pub const DEPLOYMENT_TAG: &str = "muster-deployment";
    /// Begins the names of all of them.
    pub const PREFIX: &str = "muster-drill-";

    /// The name of a drill's instance, within what AWS allows in 63 letters.
    #[must_use]
    pub fn name_of(drill: DrillId) -> String {
        format!("{}{}", Self::PREFIX, drill.0.simple())
    }

    /// What auditors find it by: its resource name, or as much of it as is known.
    #[must_use]
    pub fn identity(&self) -> String {
        match (&self.arn, &self.resource_id) {
            (Some(arn), Some(id)) => format!("{arn} ({id})"),
            (Some(known), None) | (None, Some(known)) => known.clone(),
            (None, None) => self.name.clone(),
        }
    }
}

/// An instance of a drill that lies at AWS, as AWS lists it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Leftover {
    pub region: String,
    pub name: String,
    pub resource_id: String,
    /// As its tag has it.
    pub drill: String,
    pub status: String,
    /// `None`: AWS doesn't tell, as while it is being made.
    pub created_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::plan::InstanceName;

    #[test]
    fn its_name_is_one_that_aws_takes() {
        let name = TemporaryInstance::name_of(DrillId(Uuid::from_u128(u128::MAX)));
        assert!(name.parse::<InstanceName>().is_ok(), "{name}");
        assert_ne!(name, TemporaryInstance::name_of(DrillId(Uuid::from_u128(1))));
    }
}
