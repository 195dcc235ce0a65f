//! Whether these credentials could delete backups: asked of their policies, never tried.
//! Sources: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>,
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>.

mod caller;
mod simulation;

use super::call::Call;
use super::client::Aws;
use super::error::AwsError;
use super::service::Service;
use super::xml::Node;
use caller::Caller;
use simulation::{allows, decisions, right};

/// What backups consist of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asset {
    /// Objects of a bucket whose names begin with `prefix`.
    Bucket { name: String, prefix: String },
    /// Snapshots and automated backups of the instance or cluster of this resource name.
    Database { arn: String },
}

/// Whether an action is open to the credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Right {
    Allowed,
    Denied,
    /// With the reason why it can't be told.
    Unknown(String),
}

/// What the credentials may do to backups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rights {
    /// Resource name of who calls.
    pub identity: Result<String, String>,
    /// Each action that destroys backups, or lets them be destroyed.
    pub actions: Vec<(String, Right)>,
}

impl Rights {
    /// Whether backups could be destroyed by any of the actions.
    #[must_use]
    pub fn destroy(&self) -> Right {
        if self.actions.is_empty() {
            return Right::Unknown("no action was looked at".into());
        }
        let mut verdict = Right::Denied;
        for (action, right) in &self.actions {
            match (right, &verdict) {
                (Right::Allowed, _) => return Right::Allowed,
                (Right::Unknown(reason), Right::Denied) => verdict = Right::Unknown(format!("{action}: {reason}")),
                _ => {}
            }
        }
        verdict
    }
}

/// Actions that share a resource, in the resource's own words.
type Question = (&'static [&'static str], String);

impl Asset {
    fn questions(&self, partition: &str) -> Vec<Question> {
        match self {
            Self::Bucket { name, prefix } => vec![
                (
                    &[
                        "s3:DeleteObject",
                        "s3:DeleteObjectVersion",
                        "s3:BypassGovernanceRetention",
                    ],
                    format!("arn:{partition}:s3:::{name}/{prefix}*"),
                ),
                (
                    &[
                        "s3:PutLifecycleConfiguration",
                        "s3:PutBucketVersioning",
                        "s3:PutBucketObjectLockConfiguration",
                    ],
                    format!("arn:{partition}:s3:::{name}"),
                ),
            ],
            Self::Database { arn } => {
                // arn:partition:rds:region:account
                let account = arn.splitn(6, ':').take(5).collect::<Vec<_>>().join(":");
                if arn.contains(":cluster:") {
                    vec![
                        (
                            &["rds:DeleteDBClusterSnapshot"],
                            format!("{account}:cluster-snapshot:*"),
                        ),
                        (
                            &["rds:DeleteDBClusterAutomatedBackup"],
                            format!("{account}:cluster-auto-backup:*"),
                        ),
                        (&["rds:DeleteDBCluster", "rds:ModifyDBCluster"], arn.clone()),
                    ]
                } else {
                    vec![
                        (&["rds:DeleteDBSnapshot"], format!("{account}:snapshot:*")),
                        (
                            &["rds:DeleteDBInstanceAutomatedBackup"],
                            format!("{account}:auto-backup:*"),
                        ),
                        (&["rds:DeleteDBInstance", "rds:ModifyDBInstance"], arn.clone()),
                    ]
                }
            }
        }
    }
}

impl Aws {
    /// Asks whether these credentials could destroy the backups. What can't be asked is unknown.
    pub async fn deletion_rights(&self, asset: &Asset) -> Rights {
        let identity = self.identity().await;
        let caller = match &identity {
            Ok(arn) => self.caller(arn).await,
            Err(error) => Caller::Unclear(error.to_string()),
        };
        let partition = identity
            .as_deref()
            .ok()
            .and_then(|arn| arn.split(':').nth(1))
            .unwrap_or("aws");
        let mut actions = Vec::new();
        for (names, resource) in asset.questions(partition) {
            let rights = match &caller {
                Caller::Root => names.iter().map(|_| Right::Allowed).collect(),
                Caller::Unclear(reason) => names.iter().map(|_| Right::Unknown(reason.clone())).collect(),
                Caller::Principal(arn) => self.simulated(arn, names, &resource).await,
            };
            actions.extend(names.iter().map(|name| (*name).to_owned()).zip(rights));
        }
        if let Asset::Bucket { name, .. } = asset
            && actions.iter().any(|(_, right)| *right == Right::Denied)
            && let Some(reason) = self.bucket_grants(name).await
        {
            for (_, right) in actions.iter_mut().filter(|(_, right)| *right == Right::Denied) {
                *right = Right::Unknown(reason.clone());
            }
        }
        Rights {
            identity: identity.map_err(|error| error.to_string()),
            actions,
        }
    }

    async fn identity(&self) -> Result<String, AwsError> {
        let answer = self.call(&Call::query(Service::Sts, "GetCallerIdentity", &[])).await?;
        let call = "sts:GetCallerIdentity";
        let root = Node::parse(&answer).map_err(|error| AwsError::not_understood(call, error))?;
        let arn = root
            .find("GetCallerIdentityResult")
            .and_then(|result| result.value("Arn"));
        Ok(arn
            .ok_or_else(|| AwsError::not_understood(call, "it names nobody"))?
            .to_owned())
    }

    /// Policies belong to users and roles; a session of a role isn't known to IAM.
    async fn caller(&self, arn: &str) -> Caller {
        let caller = Caller::of(arn);
        let Caller::Principal(pathless) = &caller else {
            return caller;
        };
        let Some((_, role)) = pathless.split_once(":role/") else {
            return caller;
        };
        // The name of a session leaves the role's path out.
        let answer = self
            .call(&Call::query(Service::Iam, "GetRole", &[("RoleName", role)]))
            .await;
        let role = answer.ok().and_then(|answer| Node::parse(&answer).ok());
        match role.as_ref().and_then(|root| root.find("Role")?.value("Arn")) {
            Some(arn) => Caller::Principal(arn.to_owned()),
            None => caller,
        }
    }

    async fn simulated(&self, principal: &str, actions: &[&'static str], resource: &str) -> Vec<Right> {
        let numbered: Vec<_> = (1..)
            .map(|number| format!("ActionNames.member.{number}"))
            .take(actions.len())
            .collect();
        let mut parameters = vec![("PolicySourceArn", principal), ("ResourceArns.member.1", resource)];
        parameters.extend(numbered.iter().map(String::as_str).zip(actions.iter().copied()));
        let call = Call::query(Service::Iam, "SimulatePrincipalPolicy", &parameters);
        let answer = self.call(&call).await;
        match answer.and_then(|answer| decisions(&answer)) {
            Ok(decisions) => actions.iter().map(|action| right(&decisions, action)).collect(),
            Err(error) => actions.iter().map(|_| Right::Unknown(error.to_string())).collect(),
        }
    }

    /// Why the bucket's own policy may allow what the credentials' policies don't; the simulation leaves it out.
    async fn bucket_grants(&self, bucket: &str) -> Option<String> {
        match self.call(&Call::bucket("GetBucketPolicy", bucket, "policy")).await {
            Err(error) if error.code() == Some("NoSuchBucketPolicy") => None,
            Err(error) => Some(format!("the bucket’s own policy may allow it: {error}")),
            Ok(policy) if allows(&policy) => {
                Some("the bucket’s own policy allows things, which the simulation leaves out".into())
            }
            Ok(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
