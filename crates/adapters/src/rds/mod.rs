//! An instance or a cluster of Amazon RDS as a source: its snapshots, and the span of time that AWS restores to. Asks only, but for
//! the new instance that people have agreed to have made, and the temporary ones of drills.
//! Backups outlive what they were made of, so they are told apart by resource id and not by name.

mod answers;
mod ask;
mod blame;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod judge;
mod restore;
mod temporary;

use std::collections::BTreeSet;

use domain::backup::Backup;
use domain::status::Status;
use domain::time::Timestamp;
use domain::window::Window;

use crate::aws::{Aws, AwsError, region_of};

pub use answers::{AutomatedBackup, Database, Page, Snapshot, automated_backups, databases, snapshots};
use ask::Scope;
pub use restore::{Instance, Made, RUN_TAG, Wanted};
pub use temporary::{Removal, RemovalError};

/// One configured instance or cluster.
#[derive(Clone, Debug)]
pub struct Rds {
    /// Name of the source.
    pub name: String,
    /// Identifier of the instance or cluster.
    pub instance: String,
    pub aws: Aws,
}

/// Why nothing is known of it.
#[derive(Debug, thiserror::Error)]
pub enum RdsError {
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error(
        "AWS knows no instance or cluster {instance} in {region}; {left}. Check instance, region and account of this source."
    )]
    Absent {
        instance: String,
        region: String,
        /// What is known of backups that may have outlived one.
        left: String,
    },
}

/// What AWS keeps of a database.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Managed {
    pub status: Status,
    pub detail: String,
    /// The region that was asked.
    pub region: String,
    /// `None`: it is gone; what follows outlived it.
    pub database: Option<Database>,
    pub automated: Vec<AutomatedBackup>,
    pub backups: Vec<Backup>,
    pub windows: Vec<Window>,
    /// AWS Backup made something of it: a vault may hold that, and Muster doesn't read vaults.
    pub vaulted: bool,
    /// Encrypts the database, its automated backups or a snapshot.
    pub kms_keys: BTreeSet<String>,
    /// Questions that were not answered, with the reason.
    pub unread: Vec<String>,
}

impl Managed {
    /// The last time that AWS restores to. `None`: AWS tells none.
    #[must_use]
    pub fn latest_restorable(&self) -> Option<Timestamp> {
        let own = self.database.as_ref().and_then(|database| database.latest_restorable);
        let automated = self.automated.iter().filter_map(|backup| backup.latest);
        own.into_iter().chain(automated).max()
    }

    /// Other regions that automated backups are copied to.
    #[must_use]
    pub fn other_regions(&self) -> BTreeSet<String> {
        let of_database = self.database.iter().flat_map(|database| &database.replicas);
        let of_backups = self.automated.iter().flat_map(|backup| &backup.replicas);
        let regions = of_database.chain(of_backups).filter_map(|arn| region_of(arn));
        regions
            .filter(|region| *region != self.region)
            .map(str::to_owned)
            .collect()
    }
}

impl Rds {
    /// Asks what there is. What can't be read of the backups leaves the rest known.
    ///
    /// # Errors
    /// If AWS doesn't tell whether the database is there, or knows neither it nor backups of it.
    pub async fn read(&self) -> Result<Managed, RdsError> {
        let region = self.aws.region().await?;
        let mut asked = ask::Asked::default();
        let (mut scope, database) = self.database(&mut asked).await?;
        let mut automated = self.automated(scope, database.as_ref(), &mut asked).await;
        let mut snapshots = self.snapshots(scope, database.as_ref(), &mut asked).await;
        if database.is_none() && automated.is_empty() && snapshots.is_empty() {
            scope = Scope::Cluster;
            automated = self.automated(scope, None, &mut asked).await;
            snapshots = self.snapshots(scope, None, &mut asked).await;
        }
        if database.is_none() && automated.is_empty() && snapshots.is_empty() {
            return Err(RdsError::Absent {
                instance: self.instance.clone(),
                region,
                left: match asked.unread.as_slice() {
                    [] => "no backups of one are left".into(),
                    unread => format!("whether backups of one are left isn’t known ({})", unread.join("; ")),
                },
            });
        }
        let (status, detail) = judge::database(database.as_ref(), &automated, &asked.unread);
        let vaulted = snapshots
            .iter()
            .any(|snapshot| snapshot.kind.as_deref() == Some("awsbackup"));
        let kms_keys = judge::kms_keys(database.as_ref(), &automated, &snapshots);
        Ok(Managed {
            status,
            detail,
            windows: judge::windows(&self.name, database.as_ref(), &automated),
            backups: judge::backups(&self.name, database.as_ref(), &snapshots),
            region,
            database,
            automated,
            vaulted,
            kms_keys,
            unread: asked.unread,
        })
    }
}
