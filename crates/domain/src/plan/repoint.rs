//! "Point Ampora at the new database": the second half of a restore into another database. It is a plan of its own, since what people
//! agree to here is a database that exists by now and that was looked through.

use serde::{Deserialize, Serialize};

use super::{DatabaseName, Step};
use crate::ids::{Big, SystemIdentifier};
use crate::key::Fingerprint;

/// What people agree to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Repoint {
    pub deployment: String,
    pub ampora: Ampora,
    pub from: Former,
    pub to: Successor,
    pub steps: Vec<Step>,
}

/// Ampora, as it runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ampora {
    /// Such as `Deployment ampora/ampora-web`.
    pub name: String,
    /// The variables that say where its databases are.
    pub variables: Vec<String>,
    #[serde(flatten)]
    pub setup: Setup,
}

/// Where it runs, and what is changed there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Setup {
    Workload(Workload),
    Service(Service),
}

/// A Deployment of a Kubernetes cluster.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Workload {
    /// Address of the cluster's API.
    pub cluster: String,
    /// Names this very Deployment.
    pub uid: String,
    pub container: String,
    /// How many of it run afterwards.
    pub replicas: u32,
    /// The new Secret that will hold the variables.
    pub secret: String,
}

/// A service of a machine, which reads its variables from an env file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Service {
    pub host: String,
    pub env_file: String,
    /// The user that the file belongs to.
    pub owner: String,
    pub stop: Vec<String>,
    pub start: Vec<String>,
    /// Ends with 0 while it runs.
    pub status: Option<Vec<String>>,
}

/// The database that Ampora is led away from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Former {
    /// Host and port.
    pub server: String,
    pub database: String,
    pub reach: Reach,
}

/// Whether the old database can be closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Reach {
    /// It is closed before anything writes to the new one.
    Answers { system_identifier: SystemIdentifier },
    /// Its server doesn't answer, and who asks and who agrees say that it can't come back.
    Gone,
}

/// The database that Ampora is led to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Successor {
    /// Host and port, or the socket's directory and port.
    pub server: String,
    pub system_identifier: SystemIdentifier,
    pub server_version: String,
    pub database: DatabaseName,
    pub tenants: Big,
    /// Certificate authorities in it. Without one Ampora would make a new one, and no agent would know it.
    pub authorities: Big,
    pub migration_head: Option<String>,
    /// The key that opens all of its sampled envelopes.
    pub key: Fingerprint,
}

impl Repoint {
    /// One line: what happens to what.
    #[must_use]
    pub fn title(&self) -> String {
        format!(
            "Point {} at {} on {}",
            self.ampora.name, self.to.database, self.to.server
        )
    }
}
