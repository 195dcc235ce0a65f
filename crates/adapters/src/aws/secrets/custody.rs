//! What AWS's answers say of a secret's versions, its rotation and its copies
//! (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>).

use std::collections::HashMap;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::primitives::DateTime;
use aws_sdk_secretsmanager::types::{ReplicationStatusType, SecretVersionsListEntry, StatusType};
use domain::custody::{Keep, Life, ManagedCopy, Rotation, Secret, Version};
use domain::time::Timestamp;

use super::policy;
use crate::aws::AwsError;

/// What whoever names no version gets.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// What was current before.
const PREVIOUS: &str = "AWSPREVIOUS";
/// What a rotation is about to make current.
pub(super) const PENDING: &str = "AWSPENDING";

/// The answers that a description is made of. A right that is missing takes away its own part only.
pub(super) struct Answers {
    pub region: String,
    pub described: DescribeSecretOutput,
    pub versions: Result<Vec<SecretVersionsListEntry>, AwsError>,
    pub policy: Result<Option<String>, AwsError>,
    /// What is wrong with the key of KMS that values are encrypted with.
    pub key: Option<String>,
}

impl Answers {
    pub fn secret(self) -> Secret {
        let gone_at = self.described.deleted_date().and_then(moment);
        let primary = self.described.primary_region();
        let primary = primary.filter(|region| *region != self.region).map(str::to_owned);
        let mut remarks: Vec<String> = self.key.into_iter().collect();
        if let Some(primary) = &primary {
            remarks.push(format!(
                "AWS copies it from {primary}: it can only be changed and rotated there"
            ));
        }
        if let Some(service) = self.described.owning_service() {
            remarks.push(format!("the service {service} of AWS manages it and may change it"));
        }
        let mut versions = match self.versions {
            Ok(listed) => listed.into_iter().filter_map(listed_version).collect(),
            Err(error) => {
                remarks.push(format!(
                    "only versions that a label holds are known, and not when they were made: {error}"
                ));
                labelled(self.described.version_ids_to_stages())
            }
        };
        if self.described.deleted_date().is_some() {
            versions.iter_mut().for_each(|version| condemn(version, gone_at));
            remarks.push(condemned(gone_at));
        }
        // Where AWS tells no times, the order is AWS's own.
        versions.sort_by_key(|version| version.created_at);
        Secret {
            versions,
            rotation: rotation(&self.described, primary.is_some()),
            protection: policy::protection(self.policy),
            gone_at,
            copies: self.described.replication_status().iter().map(copy).collect(),
            remarks,
        }
    }
}

fn listed_version(entry: SecretVersionsListEntry) -> Option<Version> {
    let created_at = entry.created_date().and_then(moment);
    Some(version(
        entry.version_id?,
        created_at,
        entry.version_stages.unwrap_or_default(),
    ))
}

/// Versions as the secret's description has them: without times, so in the order in which labels are passed on.
fn labelled(versions: Option<&HashMap<String, Vec<String>>>) -> Vec<Version> {
    let versions = versions.into_iter().flatten();
    let mut versions: Vec<Version> = versions
        .map(|(name, labels)| version(name.clone(), None, labels.clone()))
        .collect();
    let has = |version: &Version, label: &str| version.labels.iter().any(|held| held == label);
    versions.sort_by_key(|version| {
        let rank = (has(version, PENDING), has(version, CURRENT), has(version, PREVIOUS));
        (rank, version.name.clone())
    });
    versions
}

fn version(name: String, created_at: Option<Timestamp>, labels: Vec<String>) -> Version {
    Version {
        name,
        created_at,
        current: labels.iter().any(|label| label == CURRENT),
        life: Life::Enabled,
        keep: keep(&labels),
        labels,
    }
}

/// A version is kept for as long as a label holds it.
fn keep(labels: &[String]) -> Keep {
    let has = |label: &str| labels.iter().any(|held| held == label);
    let writes = |left: u32, why: &str| Keep::Writes { left, why: why.into() };
    if labels.is_empty() {
        return Keep::AtRisk {
            why: "no label holds it, so AWS calls it deprecated and may delete it at any time".into(),
        };
    }
    if labels
        .iter()
        .any(|label| ![CURRENT, PREVIOUS, PENDING].contains(&label.as_str()))
    {
        return Keep::Kept;
    }
    if has(CURRENT) {
        return writes(
            2,
            "the next version makes it AWSPREVIOUS and the one after that takes this label too; then AWS may delete it",
        );
    }
    if has(PREVIOUS) {
        return writes(
            1,
            "the next version that becomes current takes its label AWSPREVIOUS; then AWS may delete it",
        );
    }
    // A rotation makes what is pending current.
    Keep::Kept
}

/// What a deletion that is scheduled means for a version.
fn condemn(version: &mut Version, gone_at: Option<Timestamp>) {
    version.life = Life::Deleted;
    version.keep = match gone_at {
        Some(at) => Keep::Until {
            at,
            why: "the whole secret is marked for deletion".into(),
        },
        None => Keep::AtRisk {
            why: "the whole secret is marked for deletion".into(),
        },
    };
}

/// Says of a deletion that it is scheduled, and what undoes it.
pub(super) fn condemned(gone_at: Option<Timestamp>) -> String {
    let when = gone_at.map_or_else(
        || "on a day that AWS doesn’t tell".to_owned(),
        |at| format!("some time after {}", at.format("%Y-%m-%d %H:%M UTC")),
    );
    format!("it is marked for deletion: AWS deletes it {when}, and `aws secretsmanager restore-secret` keeps it")
}

fn rotation(described: &DescribeSecretOutput, is_copy: bool) -> Rotation {
    match described.rotation_enabled() {
        Some(true) => Rotation::On {
            every: every(described),
            last: described.last_rotated_date().and_then(moment),
            next: described.next_rotation_date().and_then(moment),
        },
        // It is rotated where it is copied from.
        None if is_copy => Rotation::Unknown,
        // A secret that was never set up to rotate has no word about it.
        Some(false) | None => Rotation::Off,
    }
}

/// `rate(10 days)`, a `cron(…)` expression, or days.
fn every(described: &DescribeSecretOutput) -> Option<String> {
    let rules = described.rotation_rules()?;
    let expression = rules.schedule_expression().filter(|text| !text.is_empty());
    let days = rules.automatically_after_days().filter(|days| *days > 0);
    expression
        .map(str::to_owned)
        .or_else(|| days.map(|days| format!("{days} days")))
}

fn copy(copy: &ReplicationStatusType) -> ManagedCopy {
    let word = copy.status().map_or("AWS tells no status", StatusType::as_str);
    ManagedCopy {
        place: copy.region().unwrap_or("a region that AWS doesn’t name").into(),
        in_step: match copy.status() {
            Some(StatusType::InSync) => Some(true),
            Some(StatusType::Failed | StatusType::InProgress) => Some(false),
            _ => None,
        },
        detail: match copy.status_message().filter(|said| !said.is_empty()) {
            Some(said) => format!("{word}: {said}"),
            None => word.into(),
        },
    }
}

pub(super) fn moment(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_timestamp(at.secs(), at.subsec_nanos())
}

#[cfg(test)]
mod tests;
