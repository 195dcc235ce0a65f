//! `[deployment.master_key]`: where the 32-byte master key is kept, and where the running Ampora has it from.

use std::path::PathBuf;

use chrono::TimeDelta;
use domain::key::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::config::{KeyPath, Notes, Secret, Span};

/// The secret manager, its copies elsewhere, and the key in use.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct MasterKey {
    #[serde(flatten)]
    pub manager: Manager,
    /// Which field of the stored value is the key: a JSON key, or the data key of a Kubernetes Secret. Left out: the whole value.
    #[schemars(extend("format" = "not-empty"))]
    pub field: Option<String>,
    #[serde(default)]
    #[schemars(with = "String", extend("enum" = ["base64", "base64url", "hex", "raw"]))]
    pub encoding: Encoding,
    /// A version's value is read once in this time at most, since each reading is a risk.
    #[serde(default = "six_hours")]
    pub key_read_interval: Span,
    #[serde(default)]
    pub proof: Proof,
    /// Copies of the key in other managers or regions.
    #[serde(default)]
    pub replicas: Vec<Replica>,
    /// Where the running Ampora has its key from.
    pub in_use: Option<InUse>,
}

/// Whether Muster may read the key's value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// Values are read and tried on envelopes.
    #[default]
    Values,
    /// Versions are listed and never read; the verdict then comes from drills and approved retrievals.
    Metadata,
}

/// A secret manager and the place of the key in it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "manager", rename_all = "lowercase")]
pub enum Manager {
    Vault(VaultSecret),
    Aws(AwsSecret),
    Gcp(GcpSecret),
    Azure(AzureSecret),
    Kubernetes(KubernetesSecret),
    File(FileSecret),
}

/// Version 2 of the key-value engine of Vault or OpenBao.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct VaultSecret {
    #[schemars(extend("format" = "web-url"))]
    pub address: Url,
    pub namespace: Option<String>,
    #[serde(default = "vault_mount")]
    #[schemars(extend("format" = "not-empty"))]
    pub mount: String,
    #[schemars(extend("format" = "not-empty"))]
    pub path: String,
    pub token: Secret,
}

/// AWS Secrets Manager. Credentials come from where AWS tools look for them.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AwsSecret {
    #[schemars(extend("format" = "not-empty"))]
    pub secret_id: String,
    #[schemars(extend("format" = "not-empty"))]
    pub region: String,
    #[schemars(extend("format" = "web-url"))]
    pub endpoint_url: Option<Url>,
}

/// Google Secret Manager. Credentials come from where Google's tools look for them.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GcpSecret {
    #[schemars(extend("format" = "not-empty"))]
    pub project: String,
    #[schemars(extend("format" = "not-empty"))]
    pub secret: String,
    #[schemars(extend("format" = "web-url"))]
    pub endpoint_url: Option<Url>,
}

/// Azure Key Vault. Credentials come from where Azure's tools look for them.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AzureSecret {
    #[schemars(extend("format" = "web-url"))]
    pub vault_url: Url,
    #[schemars(extend("format" = "not-empty"))]
    pub secret: String,
    /// Whether the vault's domain must be one of Azure's. False for private clouds.
    #[serde(default = "yes")]
    pub verify_challenge_resource: bool,
}

/// A Kubernetes Secret in the cluster of `[deployment.kubernetes]`; `field` names its data key.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct KubernetesSecret {
    #[schemars(extend("format" = "argument"))]
    pub secret: String,
    /// Left out: the namespace of `[deployment.kubernetes]`.
    #[schemars(extend("format" = "argument"))]
    pub namespace: Option<String>,
}

/// A folder with one file `<version>.key` a version, mode 0600, and a file `current` that names the current one.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FileSecret {
    #[schemars(extend("format" = "path"))]
    pub dir: PathBuf,
}

/// A copy of the key, kept elsewhere.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Replica {
    #[schemars(extend("format" = "name"))]
    pub name: String,
    #[serde(flatten)]
    pub manager: Manager,
}

/// Where the running Ampora reads `KeyProtection__MasterKey`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InUse {
    /// A Secret in the cluster and namespace of `[deployment.kubernetes]`.
    Kubernetes(KubernetesKey),
    /// The environment file of a binary installation, e.g. `/etc/ampora/ampora.env`.
    EnvFile(#[schemars(extend("format" = "path"))] PathBuf),
}

/// A data key of a Kubernetes Secret.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct KubernetesKey {
    #[schemars(extend("format" = "argument"))]
    pub secret: String,
    #[serde(default = "ampora_variable")]
    #[schemars(extend("format" = "argument"))]
    pub key: String,
}

const fn six_hours() -> Span {
    Span(TimeDelta::hours(6))
}

const fn yes() -> bool {
    true
}

fn vault_mount() -> String {
    "secret".into()
}

fn ampora_variable() -> String {
    "KeyProtection__MasterKey".into()
}

impl Manager {
    /// The kind, as it is written in the file.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Vault(_) => "vault",
            Self::Aws(_) => "aws",
            Self::Gcp(_) => "gcp",
            Self::Azure(_) => "azure",
            Self::Kubernetes(_) => "kubernetes",
            Self::File(_) => "file",
        }
    }
}

impl MasterKey {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.key_read_interval.0 < TimeDelta::minutes(1) {
            notes.refuse(
                &at.key("key_read_interval"),
                "is shorter than 1m: a console that reads keys all day is the best place to steal them",
            );
        }
        if matches!(self.manager, Manager::Kubernetes(_)) && self.field.is_none() {
            notes.refuse(
                &at.key("field"),
                "is missing: name the data key of the Secret that holds the master key",
            );
        }
        let replicas = at.key("replicas");
        for (index, replica) in self.replicas.iter().enumerate() {
            if self.replicas[..index]
                .iter()
                .any(|earlier| earlier.name == replica.name)
            {
                notes.refuse(
                    &replicas.index(index).key("name"),
                    format!("{:?} is the name of an earlier replica too", replica.name),
                );
            }
        }
    }
}
