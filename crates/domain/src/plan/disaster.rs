//! "Full disaster": database, key and Ampora itself on a new cluster, in one plan. It can be one because everything is known before
//! anything is made: the dump was read to its end, the key was tried on it, and the manifests were rendered.

use serde::{Deserialize, Serialize};

use super::{RestoreDump, RetrieveKey, Step};
use crate::ids::{Big, Sha256};

/// What people agree to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FullDisaster {
    pub deployment: String,
    pub cluster: NewCluster,
    /// The dump, and the database that is made of it. Its steps are part of this plan's, but for reading the facts again.
    pub database: RestoreDump,
    pub holds: Holds,
    /// The version of the master key, and the Secret that is made of it.
    pub key: RetrieveKey,
    pub manifests: Manifests,
    pub steps: Vec<Step>,
}

/// Where Ampora is brought up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NewCluster {
    /// Address of the cluster's API.
    pub cluster: String,
    pub namespace: String,
    /// Such as `Deployment ampora/ampora-web`.
    pub name: String,
    /// How many of it run afterwards.
    pub replicas: u32,
    /// Where its manifests have the connection string from, which people bring along: `Secret ampora-database, key …`.
    pub brought: String,
    /// The new Secret that will hold its connection strings.
    pub connection: String,
}

/// What the restored database must hold before Ampora may start on it, as counted in the dump.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holds {
    pub tenants: Big,
    pub authorities: Big,
    pub migration_head: String,
}

/// What is applied.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Manifests {
    /// The kustomize overlay that they are rendered from.
    pub overlay: String,
    /// Of the rendering.
    pub sha256: Sha256,
    /// By digest: `registry/ampora@sha256:…`.
    pub image: String,
    /// Why this image, in words.
    pub image_because: String,
    pub changes: Vec<Change>,
}

/// What applying does to one object.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Such as `Service ampora/ampora-web`.
    pub object: String,
    /// It isn't there yet.
    pub new: bool,
    /// Each field that changes, with what it was and what it becomes; values of Secrets are left out. Empty, and not new: it stays.
    pub lines: Vec<String>,
}

impl FullDisaster {
    /// One line: what happens to what.
    #[must_use]
    pub fn title(&self) -> String {
        format!(
            "Bring {} up on {} with {} in {} and key version {}",
            self.cluster.name,
            self.cluster.cluster,
            self.database.backup,
            self.database.target.database,
            self.key.version
        )
    }
}
