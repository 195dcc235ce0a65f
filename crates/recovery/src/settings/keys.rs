//! Where the master key is kept, where copies of it are, and where the running Ampora has it from.

use std::sync::Arc;

use adapters::in_use::KeysInUse;
use adapters::key_files::EnvFile;
use adapters::kubernetes::InUseSecret;
use adapters::manager::{ManagerError, SecretManager, Written};
use chrono::Duration;
use domain::key::Decoded;

/// The secret manager and the key in use.
#[derive(Clone, Debug)]
pub struct MasterKey {
    pub place: KeyPlace,
    pub proof: Proof,
    pub replicas: Vec<Replica>,
    pub in_use: Option<InUse>,
    /// A version's value is read at most once in this time, unless asked for.
    pub read_interval: Duration,
}

/// A secret, and where in its value the key stands.
#[derive(Clone, Debug)]
pub struct KeyPlace {
    pub manager: Arc<dyn SecretManager>,
    pub written: Written,
}

/// Whether values may be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    Values,
    Metadata,
}

/// A copy of the key in another manager or region.
#[derive(Clone, Debug)]
pub struct Replica {
    pub name: String,
    pub place: KeyPlace,
}

/// Where the running Ampora's own key can be read.
#[derive(Clone, Debug)]
pub enum InUse {
    EnvFile(EnvFile),
    Kubernetes(InUseSecret),
}

impl InUse {
    /// What people call it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::EnvFile(file) => file.path.display().to_string(),
            Self::Kubernetes(secret) => secret.name(),
        }
    }

    /// # Errors
    /// If it can't be read, or holds no key.
    pub async fn read(&self) -> Result<KeysInUse, String> {
        match self {
            Self::EnvFile(file) => file.read().map_err(|error| error.to_string()),
            Self::Kubernetes(secret) => secret.read().await.map_err(|error| error.to_string()),
        }
    }
}

/// Why a version gives no key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unread {
    #[error(transparent)]
    Manager(#[from] ManagerError),
    #[error("version {version}: {why}")]
    NoKey {
        version: String,
        why: adapters::manager::WrittenError,
    },
}

impl KeyPlace {
    /// Reads one version's key.
    ///
    /// # Errors
    /// If the version can't be had, or holds no key.
    pub async fn key(&self, version: &str) -> Result<Decoded, Unread> {
        let value = self.manager.read(version).await?;
        self.written.key(&value).map_err(|why| Unread::NoKey {
            version: version.into(),
            why,
        })
    }
}
