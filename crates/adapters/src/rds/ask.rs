//! The questions, page by page.

use super::answers::{AutomatedBackup, Database, Page, Snapshot, automated_backups, databases, snapshots};
use super::{Rds, RdsError};
use crate::aws::{AwsError, Call, Service};

/// Pages of a list. Nobody keeps a hundred thousand snapshots of one database.
const MOST_PAGES: usize = 1000;

/// An instance and a cluster are asked about in other words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    Instance,
    Cluster,
}

/// What came of the questions so far.
#[derive(Default)]
pub(super) struct Asked {
    /// Those without an answer, with the reason.
    pub unread: Vec<String>,
}

impl Asked {
    /// The entries of a list that was read, or none and the reason.
    fn take<T>(&mut self, list: Result<Page<T>, AwsError>) -> Vec<T> {
        match list {
            Ok(page) => {
                if page.spoilt > 0 {
                    self.unread
                        .push(format!("{} entries without a name were left out", page.spoilt));
                }
                page.entries
            }
            Err(error) => {
                self.unread.push(error.to_string());
                Vec::new()
            }
        }
    }
}

impl Rds {
    /// The instance of this name, or the cluster: its own, or the one that the instance belongs to.
    pub(super) async fn database(&self, asked: &mut Asked) -> Result<(Scope, Option<Database>), RdsError> {
        let parameter = [("DBInstanceIdentifier", self.instance.as_str())];
        match self.list("DescribeDBInstances", &parameter, databases).await {
            Ok(page) => match page
                .entries
                .into_iter()
                .find(|found| found.identifier.eq_ignore_ascii_case(&self.instance))
            {
                Some(Database {
                    cluster: Some(cluster), ..
                }) => {
                    let cluster = self.cluster(&cluster).await?;
                    Ok((Scope::Cluster, cluster))
                }
                found => Ok((Scope::Instance, found)),
            },
            Err(error) if is_absence(&error) => match self.cluster(&self.instance).await {
                Ok(Some(cluster)) => Ok((Scope::Cluster, Some(cluster))),
                Ok(None) => Ok((Scope::Instance, None)),
                Err(error) => {
                    asked.unread.push(format!("whether it is a cluster: {error}"));
                    Ok((Scope::Instance, None))
                }
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn cluster(&self, identifier: &str) -> Result<Option<Database>, AwsError> {
        let parameter = [("DBClusterIdentifier", identifier)];
        match self.list("DescribeDBClusters", &parameter, databases).await {
            Ok(page) => Ok(page
                .entries
                .into_iter()
                .find(|found| found.identifier.eq_ignore_ascii_case(identifier))),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Automated backups of this database; if it is gone, of any that had its name. A living cluster tells its span itself.
    pub(super) async fn automated(
        &self,
        scope: Scope,
        database: Option<&Database>,
        asked: &mut Asked,
    ) -> Vec<AutomatedBackup> {
        let resource = database.and_then(|database| database.resource_id.as_deref());
        let (action, name, filter) = match (scope, resource) {
            (Scope::Cluster, _) if database.is_some() => return Vec::new(),
            (Scope::Cluster, _) => ("DescribeDBClusterAutomatedBackups", "db-cluster-id", None),
            (Scope::Instance, Some(id)) => ("DescribeDBInstanceAutomatedBackups", "dbi-resource-id", Some(id)),
            (Scope::Instance, None) => ("DescribeDBInstanceAutomatedBackups", "db-instance-id", None),
        };
        let wanted = filter.unwrap_or_else(|| self.identifier(database));
        let list = self.list(action, &filtered(name, wanted), automated_backups).await;
        let mut found = asked.take(list);
        found.retain(|backup| match (resource, backup.resource_id.as_deref()) {
            (Some(own), Some(other)) => own == other,
            _ => self.is_name(backup.instance.as_deref(), database),
        });
        found
    }

    /// Snapshots of this database, also from before it was renamed, and of others that had its name.
    pub(super) async fn snapshots(
        &self,
        scope: Scope,
        database: Option<&Database>,
        asked: &mut Asked,
    ) -> Vec<Snapshot> {
        let (action, filter, parameter) = match scope {
            Scope::Instance => ("DescribeDBSnapshots", "db-instance-id", "DbiResourceId"),
            Scope::Cluster => ("DescribeDBClusterSnapshots", "db-cluster-id", "DbClusterResourceId"),
        };
        let named = self
            .list(action, &filtered(filter, self.identifier(database)), snapshots)
            .await;
        let mut found = asked.take(named);
        let resource = database.and_then(|database| database.resource_id.as_deref());
        if let Some(resource) = resource {
            let own = self.list(action, &[(parameter, resource)], snapshots).await;
            for snapshot in asked.take(own) {
                if !found.iter().any(|known| known.identifier == snapshot.identifier) {
                    found.push(snapshot);
                }
            }
        }
        found.retain(|snapshot| {
            self.is_name(snapshot.of.as_deref(), database)
                || database.is_some_and(|database| is_earlier_name(snapshot, database))
        });
        found
    }

    fn identifier<'a>(&'a self, database: Option<&'a Database>) -> &'a str {
        database.map_or(&self.instance, |database| &database.identifier)
    }

    fn is_name(&self, name: Option<&str>, database: Option<&Database>) -> bool {
        name.is_some_and(|name| name.eq_ignore_ascii_case(self.identifier(database)))
    }

    /// Every page of a list, as one.
    pub(super) async fn list<T>(
        &self,
        action: &'static str,
        parameters: &[(&str, &str)],
        parse: impl Fn(&[u8], &str) -> Result<Page<T>, AwsError>,
    ) -> Result<Page<T>, AwsError> {
        let name = format!("rds:{action}");
        let mut all = Page {
            entries: Vec::new(),
            spoilt: 0,
            marker: None,
        };
        for _ in 0..MOST_PAGES {
            let mut parameters = parameters.to_vec();
            parameters.push(("MaxRecords", "100"));
            if let Some(marker) = &all.marker {
                parameters.push(("Marker", marker));
            }
            let answer = self.aws.call(&Call::query(Service::Rds, action, &parameters)).await?;
            let page = parse(&answer, &name)?;
            all.entries.extend(page.entries);
            all.spoilt += page.spoilt;
            if page.marker.is_none() {
                return Ok(Page { marker: None, ..all });
            }
            if page.marker == all.marker {
                return Err(AwsError::not_understood(&name, "it repeats a page"));
            }
            all.marker = page.marker;
        }
        Err(AwsError::not_understood(
            &name,
            format!("it goes on after {MOST_PAGES} pages"),
        ))
    }
}

/// The snapshot is of this very database, from when it had another name.
fn is_earlier_name(snapshot: &Snapshot, database: &Database) -> bool {
    let same_time = match (snapshot.of_created_at, database.created_at) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    snapshot.resource_id.is_some() && snapshot.resource_id == database.resource_id && same_time
}

/// A filter finds what is gone, too; the parameter of the same meaning takes only what exists.
fn filtered<'a>(name: &'a str, value: &'a str) -> [(&'a str, &'a str); 2] {
    [
        ("Filters.Filter.1.Name", name),
        ("Filters.Filter.1.Values.Value.1", value),
    ]
}

/// AWS ends the same code with `Fault` for some things and not for others.
pub(super) fn is_absence(error: &AwsError) -> bool {
    let code = error.code().map(|code| code.trim_end_matches("Fault"));
    matches!(code, Some("DBInstanceNotFound" | "DBClusterNotFound"))
}
