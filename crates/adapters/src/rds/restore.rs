//! A new instance from the automated backups of another. RDS never restores in place, and gives what it makes its own defaults where it isn't
//! told otherwise: security group, subnet group, parameter group, a single zone. So each of these is read from the source and asked for.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html>

use domain::drill::TemporaryInstance;
use domain::plan::InstanceShape;
use domain::time::{Timestamp, rfc3339};

use super::{Rds, RdsError};
use crate::aws::{AwsError, Call, Node, Service};

/// Names the run that an instance was made by.
pub const RUN_TAG: &str = "muster-run";
const DESCRIBE: &str = "rds:DescribeDBInstances";

/// An instance with all that a restored one has to have, too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instance {
    pub identifier: String,
    pub resource_id: String,
    pub arn: Option<String>,
    pub created_at: Option<Timestamp>,
    /// `available`, `creating`, `backing-up`, …
    pub status: String,
    pub shape: InstanceShape,
    pub engine: String,
    /// Days that automated backups are kept; 0: there are none.
    pub retention_days: u32,
    pub latest_restorable: Option<Timestamp>,
    /// Host and port, once it has them.
    pub endpoint: Option<(String, u16)>,
    pub public: Option<bool>,
    /// The run that made it, by its tag.
    pub run: Option<String>,
    /// The drill that made it, by its tag.
    pub drill: Option<String>,
    /// The deployment that it was made for, by its tag.
    pub deployment: Option<String>,
    /// The cluster it belongs to: then its backups are the cluster's.
    pub cluster: Option<String>,
}

/// What is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub target: &'a str,
    /// `None`: the latest restorable time.
    pub at: Option<Timestamp>,
    pub shape: &'a InstanceShape,
    /// Names and values.
    pub tags: &'a [(&'a str, &'a str)],
}

/// What AWS calls that which it begins to make, as far as it says so at once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Made {
    pub resource_id: Option<String>,
    pub arn: Option<String>,
}

impl Rds {
    /// The instance of this name. `None`: there is none.
    ///
    /// # Errors
    /// If AWS doesn't say, or says it in a way that leaves out what a restore needs.
    pub async fn instance(&self, name: &str) -> Result<Option<Instance>, RdsError> {
        let call = Call::query(Service::Rds, "DescribeDBInstances", &[("DBInstanceIdentifier", name)]);
        let answer = match self.aws.call(&call).await {
            Ok(answer) => answer,
            Err(error) if super::ask::is_absence(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let root = Node::parse(&answer).map_err(|error| AwsError::not_understood(DESCRIBE, error))?;
        let list = root.find("DBInstances").map_or(&[][..], |list| &list.children);
        let named = |node: &&Node| {
            node.value("DBInstanceIdentifier")
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
        };
        let Some(node) = list.iter().find(named) else {
            return Ok(None);
        };
        instance(node)
            .map(Some)
            .ok_or_else(|| AwsError::not_understood(DESCRIBE, "it leaves out what an instance is made of").into())
    }

    /// All instances of the region that are understood.
    ///
    /// # Errors
    /// If AWS doesn't say.
    pub(super) async fn instances(&self) -> Result<Vec<Instance>, RdsError> {
        let parse = |answer: &[u8], call: &str| super::answers::page(answer, call, &["DBInstances"], instance);
        Ok(self.list("DescribeDBInstances", &[], parse).await?.entries)
    }

    /// Has AWS begin to make it.
    ///
    /// # Errors
    /// If AWS refuses: then nothing was made. If its answer is lost, nobody knows.
    pub async fn restore(&self, source: &Instance, wanted: Wanted<'_>) -> Result<Made, RdsError> {
        let parameters = parameters(source, wanted);
        let parameters: Vec<_> = parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let call = Call::query(Service::Rds, "RestoreDBInstanceToPointInTime", &parameters);
        let answer = self.aws.call(&call).await?;
        // AWS has begun, whatever this answer leaves out.
        let root = Node::parse(&answer).ok();
        let told = |name| Some(root.as_ref()?.find("DBInstance")?.value(name)?.to_owned());
        Ok(Made {
            resource_id: told("DbiResourceId"),
            arn: told("DBInstanceArn"),
        })
    }
}

/// All but the password, which an instance takes over from its source.
#[must_use]
pub fn parameters(source: &Instance, wanted: Wanted<'_>) -> Vec<(String, String)> {
    let shape = wanted.shape;
    let mut form = vec![
        ("SourceDBInstanceIdentifier".to_owned(), source.identifier.clone()),
        ("TargetDBInstanceIdentifier".into(), wanted.target.into()),
        ("DBInstanceClass".into(), shape.class.clone()),
        ("MultiAZ".into(), shape.multi_az.to_string()),
        ("PubliclyAccessible".into(), "false".into()),
        ("DeletionProtection".into(), shape.deletion_protection.to_string()),
        ("CopyTagsToSnapshot".into(), "true".into()),
    ];
    for (number, (key, value)) in (1..).zip(wanted.tags) {
        form.push((format!("Tags.Tag.{number}.Key"), (*key).to_owned()));
        form.push((format!("Tags.Tag.{number}.Value"), (*value).to_owned()));
    }
    match wanted.at {
        Some(at) => form.push(("RestoreTime".into(), rfc3339(at))),
        None => form.push(("UseLatestRestorableTime".into(), "true".into())),
    }
    let named = [
        ("DBSubnetGroupName", &shape.subnet_group),
        ("DBParameterGroupName", &shape.parameter_group),
    ];
    form.extend(
        named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))),
    );
    let groups = (1..).zip(&shape.security_groups);
    form.extend(groups.map(|(number, group)| {
        (
            format!("VpcSecurityGroupIds.VpcSecurityGroupId.{number}"),
            group.clone(),
        )
    }));
    form
}

fn instance(node: &Node) -> Option<Instance> {
    let text = |name| node.value(name).map(str::to_owned);
    let endpoint = node.child("Endpoint").and_then(|endpoint| {
        let host = endpoint.value("Address")?.to_owned();
        Some((host, endpoint.parsed("Port")?))
    });
    let time = |name| Some(chrono::DateTime::parse_from_rfc3339(node.value(name)?).ok()?.to_utc());
    Some(Instance {
        identifier: text("DBInstanceIdentifier")?,
        resource_id: text("DbiResourceId")?,
        arn: text("DBInstanceArn"),
        created_at: time("InstanceCreateTime"),
        status: text("DBInstanceStatus")?,
        engine: text("Engine")?,
        retention_days: node.parsed("BackupRetentionPeriod").unwrap_or_default(),
        latest_restorable: time("LatestRestorableTime"),
        endpoint,
        public: node.parsed("PubliclyAccessible"),
        run: tag(node, RUN_TAG),
        drill: tag(node, TemporaryInstance::TAG),
        deployment: tag(node, TemporaryInstance::DEPLOYMENT_TAG),
        cluster: text("DBClusterIdentifier").filter(|cluster| !cluster.is_empty()),
        shape: InstanceShape {
            class: text("DBInstanceClass")?,
            engine_version: text("EngineVersion")?,
            subnet_group: node
                .child("DBSubnetGroup")
                .and_then(|group| group.value("DBSubnetGroupName"))
                .map(str::to_owned),
            parameter_group: first(node, "DBParameterGroups", "DBParameterGroupName"),
            security_groups: all(node, "VpcSecurityGroups", "VpcSecurityGroupId"),
            multi_az: node.parsed("MultiAZ")?,
            kms_key: text("KmsKeyId"),
            deletion_protection: node.parsed("DeletionProtection").unwrap_or_default(),
        },
    })
}

fn all(node: &Node, list: &str, name: &str) -> Vec<String> {
    let entries = node.child(list).map_or(&[][..], |list| &list.children);
    let mut all: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry.value(name))
        .map(str::to_owned)
        .collect();
    all.sort();
    all
}

fn first(node: &Node, list: &str, name: &str) -> Option<String> {
    let entries = node.child(list)?;
    entries
        .children
        .iter()
        .find_map(|entry| entry.value(name))
        .map(str::to_owned)
}

fn tag(node: &Node, key: &str) -> Option<String> {
    let tags = node.child("TagList")?;
    let tag = tags.children.iter().find(|tag| tag.value("Key") == Some(key))?;
    tag.value("Value").map(str::to_owned)
}
