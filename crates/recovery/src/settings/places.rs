//! Where backups, images and keys lie, and what is kept of the secrets that open them.

use std::path::PathBuf;

use adapters::aws::Aws;
use adapters::pgbackrest::RepoSecrets;
use adapters::registry::{Digest, ImageSettings};
use domain::time::Timestamp;

/// One repository of a pgBackRest stanza.
#[derive(Clone, Debug)]
pub struct Repo {
    /// Name of the source that it belongs to.
    pub source: String,
    /// Its number: 1 for `repo1-…`.
    pub key: u32,
    /// The region or account it lies in.
    pub site: Option<String>,
    pub bucket: Option<Bucket>,
    /// What is kept outside of pgbackrest.conf to open it with, or why that can't be had. `None`: nothing is configured.
    pub escrow: Option<Result<RepoSecrets, String>>,
}

impl Repo {
    /// `main repo1`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} repo{}", self.source, self.key)
    }
}

/// A bucket that is asked whether its objects can be deleted.
#[derive(Clone, Debug)]
pub struct Bucket {
    pub name: String,
    pub aws: Aws,
}

/// A key that backups or Ampora's authority depend on.
#[derive(Clone, Debug)]
pub struct KmsKey {
    pub id: String,
    pub aws: Aws,
}

/// The container images that recovery needs.
#[derive(Clone, Debug)]
pub struct Images {
    pub image: ImageSettings,
    /// The region or account the registry lies in.
    pub site: Option<String>,
    pub earlier: Vec<EarlierVersion>,
    /// The same images elsewhere.
    pub second: Option<(ImageSettings, Option<String>)>,
}

/// A version that doesn't run any more, and may be needed for backups that it wrote.
#[derive(Clone, Debug)]
pub struct EarlierVersion {
    pub digest: Digest,
    /// When it began to run. `None`: before everything.
    pub from: Option<Timestamp>,
    pub note: Option<String>,
}

/// The cluster that Ampora runs in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kubernetes {
    pub kubeconfig: Option<PathBuf>,
    pub context: Option<String>,
    pub namespace: String,
    pub deployment: String,
    /// The kustomize overlay of Ampora's manifests, for bringing it up on a new cluster.
    pub overlay: Option<PathBuf>,
}
