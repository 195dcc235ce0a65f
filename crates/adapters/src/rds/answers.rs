//! The answers of RDS as what they say. Any field may be missing; an entry without a name is left out and counted.
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/Welcome.html>.

use chrono::{DateTime, Utc};
use domain::time::Timestamp;

use crate::aws::{AwsError, Node};

/// One page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T> {
    pub entries: Vec<T>,
    /// Entries that could not be understood.
    pub spoilt: usize,
    /// Where the next page begins.
    pub marker: Option<String>,
}

/// An instance, or a cluster, which is described in nearly the same words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Database {
    pub identifier: String,
    pub arn: Option<String>,
    /// Stays the same when the database is renamed, and differs for the next one of the same name.
    pub resource_id: Option<String>,
    pub created_at: Option<Timestamp>,
    pub status: Option<String>,
    pub engine: Option<String>,
    pub engine_version: Option<String>,
    /// Days that automated backups are kept; 0: there are none.
    pub retention_days: Option<u32>,
    /// Told for clusters only.
    pub earliest_restorable: Option<Timestamp>,
    pub latest_restorable: Option<Timestamp>,
    pub encrypted: Option<bool>,
    pub kms_key: Option<String>,
    pub multi_az: Option<bool>,
    pub deletion_protection: Option<bool>,
    /// The cluster that an instance belongs to; its backups are the cluster's.
    pub cluster: Option<String>,
    /// Resource names of automated backups that are copied to other regions.
    pub replicas: Vec<String>,
}

/// Automated backups of one instance, which may be gone already.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AutomatedBackup {
    pub instance: Option<String>,
    pub resource_id: Option<String>,
    pub arn: Option<String>,
    /// Where the instance is, or was.
    pub region: Option<String>,
    /// `active`, `retained` (the instance is gone), `creating`, …
    pub status: Option<String>,
    pub earliest: Option<Timestamp>,
    pub latest: Option<Timestamp>,
    pub retention_days: Option<u32>,
    pub encrypted: Option<bool>,
    pub kms_key: Option<String>,
    pub replicas: Vec<String>,
}

/// A snapshot of an instance or a cluster.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot {
    pub identifier: String,
    pub arn: Option<String>,
    /// Name that the database had when the snapshot was taken.
    pub of: Option<String>,
    pub resource_id: Option<String>,
    /// When that database was created.
    pub of_created_at: Option<Timestamp>,
    pub status: Option<String>,
    pub percent: Option<u8>,
    /// `manual`, `automated`, `awsbackup`.
    pub kind: Option<String>,
    pub engine: Option<String>,
    pub engine_version: Option<String>,
    pub taken_at: Option<Timestamp>,
    /// Of the newest transaction in it; told for some databases.
    pub data_of: Option<Timestamp>,
    pub encrypted: Option<bool>,
    pub kms_key: Option<String>,
    /// Size of the blocks in it, in bytes.
    pub size_bytes: Option<u64>,
}

/// Reads an answer to `DescribeDBInstances` or `DescribeDBClusters`.
///
/// # Errors
/// If it is no such answer.
pub fn databases(answer: &[u8], call: &str) -> Result<Page<Database>, AwsError> {
    page(answer, call, &["DBInstances", "DBClusters"], |node| {
        Some(Database {
            identifier: first(node, &["DBInstanceIdentifier", "DBClusterIdentifier"])?,
            arn: first(node, &["DBInstanceArn", "DBClusterArn"]),
            resource_id: first(node, &["DbiResourceId", "DbClusterResourceId"]),
            created_at: time(node, "InstanceCreateTime").or_else(|| time(node, "ClusterCreateTime")),
            status: first(node, &["DBInstanceStatus", "Status"]),
            engine: first(node, &["Engine"]),
            engine_version: first(node, &["EngineVersion"]),
            retention_days: node.parsed("BackupRetentionPeriod"),
            earliest_restorable: time(node, "EarliestRestorableTime"),
            latest_restorable: time(node, "LatestRestorableTime"),
            encrypted: node.parsed("StorageEncrypted"),
            kms_key: first(node, &["KmsKeyId"]),
            multi_az: node.parsed("MultiAZ"),
            deletion_protection: node.parsed("DeletionProtection"),
            cluster: node
                .child("DBInstanceIdentifier")
                .and_then(|_| first(node, &["DBClusterIdentifier"])),
            replicas: replicas(node),
        })
    })
}

/// Reads an answer to `DescribeDBInstanceAutomatedBackups` or `DescribeDBClusterAutomatedBackups`.
///
/// # Errors
/// If it is no such answer.
pub fn automated_backups(answer: &[u8], call: &str) -> Result<Page<AutomatedBackup>, AwsError> {
    page(
        answer,
        call,
        &["DBInstanceAutomatedBackups", "DBClusterAutomatedBackups"],
        |node| {
            let window = node.child("RestoreWindow");
            let backup = AutomatedBackup {
                instance: first(node, &["DBInstanceIdentifier", "DBClusterIdentifier"]),
                resource_id: first(node, &["DbiResourceId", "DbClusterResourceId"]),
                arn: first(node, &["DBInstanceAutomatedBackupsArn"]),
                region: first(node, &["Region"]),
                status: first(node, &["Status"]),
                earliest: window.and_then(|window| time(window, "EarliestTime")),
                latest: window.and_then(|window| time(window, "LatestTime")),
                retention_days: node.parsed("BackupRetentionPeriod"),
                encrypted: first(node, &["Encrypted", "StorageEncrypted"]).and_then(|word| word.parse().ok()),
                kms_key: first(node, &["KmsKeyId"]),
                replicas: replicas(node),
            };
            (backup.instance.is_some() || backup.resource_id.is_some()).then_some(backup)
        },
    )
}

/// Reads an answer to `DescribeDBSnapshots` or `DescribeDBClusterSnapshots`.
///
/// # Errors
/// If it is no such answer.
pub fn snapshots(answer: &[u8], call: &str) -> Result<Page<Snapshot>, AwsError> {
    page(answer, call, &["DBSnapshots", "DBClusterSnapshots"], |node| {
        Some(Snapshot {
            identifier: first(node, &["DBSnapshotIdentifier", "DBClusterSnapshotIdentifier"])?,
            arn: first(node, &["DBSnapshotArn", "DBClusterSnapshotArn"]),
            of: first(node, &["DBInstanceIdentifier", "DBClusterIdentifier"]),
            resource_id: first(node, &["DbiResourceId", "DbClusterResourceId"]),
            of_created_at: time(node, "InstanceCreateTime").or_else(|| time(node, "ClusterCreateTime")),
            status: first(node, &["Status"]),
            percent: node.parsed("PercentProgress"),
            kind: first(node, &["SnapshotType"]),
            engine: first(node, &["Engine"]),
            engine_version: first(node, &["EngineVersion"]),
            // A copy is younger than what is in it.
            taken_at: time(node, "OriginalSnapshotCreateTime").or_else(|| time(node, "SnapshotCreateTime")),
            data_of: time(node, "SnapshotDatabaseTime"),
            encrypted: first(node, &["Encrypted", "StorageEncrypted"]).and_then(|word| word.parse().ok()),
            kms_key: first(node, &["KmsKeyId"]),
            size_bytes: node.parsed("FullSnapshotSizeInBytes"),
        })
    })
}

/// One page of a list of either name.
pub(super) fn page<T>(
    answer: &[u8],
    call: &str,
    lists: &[&str],
    entry: impl Fn(&Node) -> Option<T>,
) -> Result<Page<T>, AwsError> {
    let root = Node::parse(answer).map_err(|error| AwsError::not_understood(call, error))?;
    // An answer without the list isn't one that lists nothing.
    let list = lists.iter().find_map(|list| root.find(list));
    let list =
        list.ok_or_else(|| AwsError::not_understood(call, format!("there is no {} in it", lists.join(" or "))))?;
    let entries: Vec<_> = list.children.iter().filter_map(entry).collect();
    Ok(Page {
        spoilt: list.children.len() - entries.len(),
        entries,
        marker: root
            .find("Marker")
            .map(|marker| marker.text.trim().to_owned())
            .filter(|marker| !marker.is_empty()),
    })
}

fn first(node: &Node, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| node.value(name)).map(str::to_owned)
}

fn time(node: &Node, name: &str) -> Option<Timestamp> {
    let time = DateTime::parse_from_rfc3339(node.value(name)?).ok()?;
    Some(time.with_timezone(&Utc))
}

fn replicas(node: &Node) -> Vec<String> {
    let list = node.child("DBInstanceAutomatedBackupsReplications");
    let entries = list.map_or(&[][..], |list| &list.children);
    entries
        .iter()
        .filter_map(|entry| entry.value("DBInstanceAutomatedBackupsArn"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests;
