//! A managed database at another moment: RDS never sets an instance back, it makes a new one beside it.

use serde::{Deserialize, Serialize};

use super::{RecoveryStop, Step};

/// What people agree to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestoreRds {
    pub deployment: String,
    pub source: String,
    pub region: String,
    /// The instance whose automated backups are used.
    pub instance: String,
    /// Names this very instance: the next one of its name has another.
    pub resource_id: String,
    pub stop: RecoveryStop,
    /// The new instance.
    pub target: InstanceName,
    pub shape: InstanceShape,
    /// Ampora's database in it.
    pub database: String,
    pub steps: Vec<Step>,
}

/// What RDS would choose itself if it weren't told: as the source has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InstanceShape {
    pub class: String,
    pub engine_version: String,
    pub subnet_group: Option<String>,
    pub parameter_group: Option<String>,
    /// In alphabetical order.
    pub security_groups: Vec<String>,
    pub multi_az: bool,
    /// Taken over by RDS itself; compared afterwards.
    pub kms_key: Option<String>,
    pub deletion_protection: bool,
}

impl InstanceShape {
    /// How an instance came out otherwise than it was to be, a line each.
    #[must_use]
    pub fn differences(&self, is: &Self) -> Vec<String> {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".into());
        let pairs = [
            ("class", self.class.clone(), is.class.clone()),
            ("version", self.engine_version.clone(), is.engine_version.clone()),
            ("subnet group", text(&self.subnet_group), text(&is.subnet_group)),
            (
                "parameter group",
                text(&self.parameter_group),
                text(&is.parameter_group),
            ),
            (
                "security groups",
                self.security_groups.join(", "),
                is.security_groups.join(", "),
            ),
            ("more than one zone", self.multi_az.to_string(), is.multi_az.to_string()),
            ("KMS key", text(&self.kms_key), text(&is.kms_key)),
            (
                "deletion protection",
                self.deletion_protection.to_string(),
                is.deletion_protection.to_string(),
            ),
        ];
        pairs
            .into_iter()
            .filter(|(_, wanted, is)| wanted != is)
            .map(|(what, wanted, is)| format!("{what} {is} instead of {wanted}"))
            .collect()
    }
}

/// A new instance's name: 1 to 63 letters, digits and hyphens, beginning with a letter, without two hyphens in a row or one at its end.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints>
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceName(String);

/// A name that is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "A new instance’s name has 1 to 63 of a–z, 0–9 and hyphens, begins with a letter, and has no two hyphens together or one at its end."
)]
pub struct BadInstanceName;

impl std::str::FromStr for InstanceName {
    type Err = BadInstanceName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let hyphens = text.contains("--") || text.ends_with('-');
        if plain && starts && !hyphens && text.len() <= 63 {
            Ok(Self(text.into()))
        } else {
            Err(BadInstanceName)
        }
    }
}

super::name::name!(InstanceName, BadInstanceName);

impl RestoreRds {
    /// One line: what happens to what.
    #[must_use]
    pub fn title(&self) -> String {
        match self.stop {
            RecoveryStop::Time { time, .. } => {
                format!(
                    "Make the RDS instance {} of {} as of {}",
                    self.target,
                    self.instance,
                    crate::time::rfc3339(time)
                )
            }
            RecoveryStop::Latest => format!(
                "Make the RDS instance {} of the latest state of {}",
                self.target, self.instance
            ),
        }
    }
}
