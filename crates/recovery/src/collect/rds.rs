//! A managed database at Amazon: its snapshots and the span that AWS restores to, and the keys that all of it is encrypted with.

use std::collections::BTreeSet;

use adapters::aws::{Aws, KmsKey};
use adapters::rds::{Managed, Rds};
use domain::drill::Leftover;
use domain::inventory::{Artifact, ArtifactKind};
use domain::policy::{Fact, Immutability, ManagedSpan, Place, What};
use domain::status::Status;
use domain::time::Timestamp;
use futures::future::join_all;
use serde::{Deserialize, Serialize};

use super::SourceReading;
use crate::settings::Deployment;

/// What the rules of the policy need beside the reading.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RdsFacts {
    /// Resource name of the database, by which rights are asked for. `None`: it is gone.
    pub arn: Option<String>,
    /// The last time that AWS restores to.
    pub latest: Option<Timestamp>,
    pub retention_days: Option<u32>,
    /// The region it lies in, and those that its automated backups are copied to.
    pub region: String,
    pub other_regions: BTreeSet<String>,
    pub encrypted: Option<bool>,
    pub multi_az: Option<bool>,
    /// A vault of AWS Backup may hold some of it.
    pub vaulted: bool,
    /// Each key of KMS, with its state.
    pub keys: Vec<Artifact>,
    /// Temporary instances of this deployment's drills, or why they aren't known. `None`: drills make none of it.
    #[serde(default)]
    pub leftovers: Option<Result<Vec<Leftover>, String>>,
}

/// Reads the database's backups, and the state of each key that opens them.
///
/// # Errors
/// With the reason why nothing is known, for a person.
pub async fn read(rds: &Rds, now: Timestamp) -> Result<SourceReading, String> {
    let managed = rds.read().await.map_err(|error| error.to_string())?;
    let keys = join_all(managed.kms_keys.iter().map(|key| kms_key(&rds.aws, key, now))).await;
    let facts = facts(&managed, keys);
    Ok(SourceReading {
        kind: "rds".into(),
        status: managed.status,
        detail: managed.detail,
        backups: managed.backups,
        windows: managed.windows,
        gaps: Vec::new(),
        dumps: Vec::new(),
        repos: Vec::new(),
        managed: Some(facts),
        vanished: Vec::new(),
        archives: Vec::new(),
        systems: Vec::new(),
    })
}

fn facts(managed: &Managed, keys: Vec<Artifact>) -> RdsFacts {
    let database = managed.database.as_ref();
    RdsFacts {
        arn: database.and_then(|database| database.arn.clone()),
        latest: managed.latest_restorable(),
        retention_days: database.and_then(|database| database.retention_days),
        region: managed.region.clone(),
        other_regions: managed.other_regions(),
        encrypted: database.and_then(|database| database.encrypted),
        multi_az: database.and_then(|database| database.multi_az),
        vaulted: managed.vaulted,
        keys,
        leftovers: None,
    }
}

/// The same, with what drills of this deployment left there.
///
/// # Errors
/// As [`read`].
pub async fn look(rds: &Rds, deployment: &Deployment, now: Timestamp) -> Result<SourceReading, String> {
    let mut reading = read(rds, now).await?;
    if let Some(facts) = reading.managed.as_mut()
        && deployment.drills.managed.contains_key(&rds.name)
    {
        facts.leftovers = Some(leftovers(rds, &facts.region, &deployment.name).await);
    }
    Ok(reading)
}

async fn leftovers(rds: &Rds, region: &str, deployment: &str) -> Result<Vec<Leftover>, String> {
    let found = rds.temporaries().await.map_err(|error| error.to_string())?;
    // What AWS deletes already is no longer left.
    let own = found
        .into_iter()
        .filter(|found| found.deployment.as_deref() == Some(deployment) && found.status != "deleting");
    let left = own.filter_map(|found| {
        Some(Leftover {
            region: region.to_owned(),
            drill: found.drill?,
            name: found.identifier,
            resource_id: found.resource_id,
            status: found.status,
            created_at: found.created_at,
        })
    });
    Ok(left.collect())
}

async fn kms_key(aws: &Aws, key: &str, now: Timestamp) -> Artifact {
    let (status, detail) = match aws.kms_key(key).await.as_ref().map(KmsKey::judge) {
        Ok(judged) => judged,
        Err(error) => (Status::Unknown, error.to_string()),
    };
    Artifact {
        kind: ArtifactKind::KmsKey,
        name: key.to_owned(),
        status,
        detail,
        observed_at: Some(now),
    }
}

impl RdsFacts {
    /// What AWS can restore to, for the rules about WAL and loss.
    #[must_use]
    pub fn span(&self, source: &str) -> Option<ManagedSpan> {
        Some(ManagedSpan {
            source: source.into(),
            latest: self.latest?,
            retention_days: self.retention_days?,
        })
    }

    /// Where the backups lie, as read at `at`. RDS has no lock of its own: who may delete snapshots and automated backups can.
    #[must_use]
    pub fn places(&self, source: &str, at: Timestamp) -> Vec<Place> {
        let regions = std::iter::once(&self.region).chain(&self.other_regions);
        let place = |region: &String| Place {
            what: What::Backups,
            name: format!("{source} in {region}"),
            site: Some(region.clone()),
            immutable: match self.vaulted {
                true => Fact::unknown("AWS Backup keeps some of it, and whether a vault lock holds that isn’t read"),
                false => Fact::Known {
                    value: Immutability::Open,
                    at,
                },
            },
        };
        regions.map(place).collect()
    }
}
