//! Where the master key is kept, where copies of it are, and where the running Ampora has it from.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use adapters::in_use::KeysInUse;
use adapters::key_files::{EnvFile, KeyFileError};
use adapters::kubernetes::{InUseError, InUseSecret};
use adapters::manager::{ManagerError, SecretManager, Value, Written, WrittenError};
use chrono::Duration;
use domain::key::{Decoded, KeyError, MasterKey as Key};
use domain::plan::PlaceName;

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

    /// Names the place itself, as secret managers name theirs.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::EnvFile(file) => file.identity(),
            Self::Kubernetes(secret) => secret.secret.identity(),
        }
    }

    /// # Errors
    /// If it can't be read, or holds no key.
    pub async fn read(&self) -> Result<KeysInUse, NoKeyInUse> {
        let (reason, why) = match self {
            Self::EnvFile(file) => match file.read() {
                Ok(keys) => return Ok(keys),
                Err(error) => (error.to_string(), value_of_file(error)),
            },
            Self::Kubernetes(secret) => match secret.read().await {
                Ok(keys) => return Ok(keys),
                Err(error) => (error.to_string(), value_of_secret(error)),
            },
        };
        let wrong_length = matches!(why, Some(KeyError::Length(_)));
        Err(NoKeyInUse { reason, wrong_length })
    }
}

/// Why it isn't known which key Ampora was started with.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{reason}")]
pub struct NoKeyInUse {
    pub reason: String,
    /// A value is there and hasn't 32 bytes.
    pub wrong_length: bool,
}

fn value_of_file(error: KeyFileError) -> Option<KeyError> {
    match error {
        KeyFileError::Value { source, .. } => Some(source),
        _ => None,
    }
}

fn value_of_secret(error: InUseError) -> Option<KeyError> {
    match error {
        InUseError::Value { source, .. } => Some(source),
        InUseError::Manager(_) => None,
    }
}

/// Why a version gives no key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unread {
    #[error(transparent)]
    Manager(#[from] ManagerError),
    #[error("version {version}: {why}")]
    NoKey { version: String, why: WrittenError },
}

/// A place for approved keys: each name makes a new secret in it, and none is ever written twice.
#[derive(Clone)]
pub struct Destination {
    pub name: String,
    /// The kind of its manager, as in the configuration.
    pub kind: &'static str,
    place: Arc<dyn Fn(&PlaceName) -> KeyPlace + Send + Sync>,
}

impl Destination {
    /// `place` leads to the secret of a name, which need not be there.
    pub fn new(
        name: String,
        kind: &'static str,
        place: impl Fn(&PlaceName) -> KeyPlace + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            kind,
            place: Arc::new(place),
        }
    }

    /// The secret of this name.
    #[must_use]
    pub fn place(&self, name: &PlaceName) -> KeyPlace {
        (self.place)(name)
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Destination({} in {})", self.name, self.kind)
    }
}

impl KeyPlace {
    /// The value of a new secret that holds this key and nothing else.
    ///
    /// # Errors
    /// If it can't be written down as configured.
    pub fn new_value(&self, key: &Key) -> Result<Value, WrittenError> {
        // A Secret of Kubernetes is a table of its own; the others hold one value, which may be an object.
        let table = (self.manager.kind() == "kubernetes").then(|| Value::Fields(BTreeMap::new()));
        self.written.value(key, table.as_ref())
    }

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
