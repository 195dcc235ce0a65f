//! The secret managers that a key may lie in, and how Muster logs in to each.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::config::{KeyPath, Notes, Secret};

/// A secret manager and the place of the key in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct VaultSecret {
    #[schemars(extend("format" = "web-url"))]
    pub address: Url,
    pub namespace: Option<String>,
    #[serde(default = "vault_mount")]
    #[schemars(extend("format" = "not-empty"))]
    pub mount: String,
    #[schemars(extend("format" = "not-empty"))]
    pub path: String,
    /// Authorities that vouch for the server, in place of the system's: a PEM file.
    #[schemars(extend("format" = "path"))]
    pub ca_file: Option<PathBuf>,
    /// A token that somebody else keeps alive. One of `token`, `approle` and `kubernetes_auth` says how Muster logs in.
    pub token: Option<Secret>,
    pub approle: Option<AppRole>,
    pub kubernetes_auth: Option<KubernetesAuth>,
}

/// Log in to Vault as a machine, with a role and a secret of its own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct AppRole {
    #[schemars(extend("format" = "not-empty"))]
    pub role_id: String,
    pub secret_id: Secret,
    #[serde(default = "approle_mount")]
    #[schemars(extend("format" = "not-empty"))]
    pub mount: String,
}

/// Log in to Vault as the pod's service account.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct KubernetesAuth {
    #[schemars(extend("format" = "not-empty"))]
    pub role: String,
    #[serde(default = "kubernetes_mount")]
    #[schemars(extend("format" = "not-empty"))]
    pub mount: String,
    /// Where the pod finds its token.
    #[serde(default = "service_account_token")]
    #[schemars(extend("format" = "path"))]
    pub token_file: PathBuf,
}

/// AWS Secrets Manager. Without keys, credentials come from where AWS tools look for them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct AwsSecret {
    #[schemars(extend("format" = "not-empty"))]
    pub secret_id: String,
    #[schemars(extend("format" = "not-empty"))]
    pub region: String,
    #[schemars(extend("format" = "web-url"))]
    pub endpoint_url: Option<Url>,
    pub access_key_id: Option<Secret>,
    pub secret_access_key: Option<Secret>,
    pub session_token: Option<Secret>,
}

/// Google Secret Manager. Without `service_account`, credentials come from where Google's tools look for them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct GcpSecret {
    #[schemars(extend("format" = "not-empty"))]
    pub project: String,
    #[schemars(extend("format" = "not-empty"))]
    pub secret: String,
    /// Of a regional secret, such as `europe-west3`. Left out: a global one.
    #[schemars(extend("format" = "not-empty"))]
    pub location: Option<String>,
    /// The JSON file of a service account.
    #[schemars(extend("format" = "path"))]
    pub service_account: Option<PathBuf>,
    #[schemars(extend("format" = "web-url"))]
    pub endpoint_url: Option<Url>,
}

/// Azure Key Vault. Without an application, credentials come from where Azure's tools look for them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct AzureSecret {
    #[schemars(extend("format" = "web-url"))]
    pub vault_url: Url,
    #[schemars(extend("format" = "not-empty"))]
    pub secret: String,
    /// Whether the vault's domain must be one of Azure's. False for private clouds.
    #[serde(default = "yes")]
    pub verify_challenge_resource: bool,
    /// A registered application, with `client_id` and `client_secret`.
    #[schemars(extend("format" = "not-empty"))]
    pub tenant_id: Option<String>,
    #[schemars(extend("format" = "not-empty"))]
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    /// Where Azure's logins are handed out, if it isn't the public cloud.
    #[schemars(extend("format" = "web-url"))]
    pub authority_url: Option<Url>,
    /// Authorities that vouch for a private cloud, besides the system's: a PEM file.
    #[schemars(extend("format" = "path"))]
    pub ca_file: Option<PathBuf>,
}

/// A Kubernetes Secret in the cluster of `[deployment.kubernetes]`; `field` names its data key.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct KubernetesSecret {
    #[schemars(extend("format" = "argument"))]
    pub secret: String,
    /// Left out: the namespace of `[deployment.kubernetes]`.
    #[schemars(extend("format" = "argument"))]
    pub namespace: Option<String>,
}

/// A folder with one file `<version>.key` a version, mode 0600, and a file `current` that names the current one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct FileSecret {
    #[schemars(extend("format" = "path"))]
    pub dir: PathBuf,
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

    /// The key under which the manager's own name of the secret is written.
    pub(super) const fn place_key(&self) -> &'static str {
        match self {
            Self::Vault(_) => "path",
            Self::Aws(_) => "secret_id",
            Self::Gcp(_) | Self::Azure(_) | Self::Kubernetes(_) => "secret",
            Self::File(_) => "dir",
        }
    }

    /// The manager's own name of the secret.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Vault(secret) => secret.path.clone(),
            Self::Aws(secret) => secret.secret_id.clone(),
            Self::Gcp(secret) => secret.secret.clone(),
            Self::Azure(secret) => secret.secret.clone(),
            Self::Kubernetes(secret) => secret.secret.clone(),
            Self::File(folder) => folder.dir.to_string_lossy().into_owned(),
        }
    }

    /// The same manager with another secret.
    pub(super) fn at(&self, place: String) -> Self {
        let mut other = self.clone();
        match &mut other {
            Self::Vault(secret) => secret.path = place,
            Self::Aws(secret) => secret.secret_id = place,
            Self::Gcp(secret) => secret.secret = place,
            Self::Azure(secret) => secret.secret = place,
            Self::Kubernetes(secret) => secret.secret = place,
            Self::File(folder) => folder.dir = place.into(),
        }
        other
    }

    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        match self {
            Self::Vault(vault) => vault.inspect(at, notes),
            Self::Aws(aws) if aws.access_key_id.is_some() != aws.secret_access_key.is_some() => notes.refuse(
                at,
                "access_key_id and secret_access_key go together: give both or neither",
            ),
            Self::Azure(azure) if !azure.names_all_or_nothing() => {
                notes.refuse(
                    at,
                    "tenant_id, client_id and client_secret go together: give all or none",
                );
            }
            Self::Aws(_) | Self::Gcp(_) | Self::Azure(_) | Self::Kubernetes(_) | Self::File(_) => {}
        }
    }
}

impl VaultSecret {
    fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        let ways = [
            self.token.is_some(),
            self.approle.is_some(),
            self.kubernetes_auth.is_some(),
        ];
        if ways.iter().filter(|given| **given).count() != 1 {
            notes.refuse(
                at,
                "needs one of token, approle and kubernetes_auth, which says how Muster logs in to Vault",
            );
        }
    }
}

impl AzureSecret {
    const fn names_all_or_nothing(&self) -> bool {
        self.tenant_id.is_some() == self.client_id.is_some() && self.client_id.is_some() == self.client_secret.is_some()
    }
}

const fn yes() -> bool {
    true
}

fn vault_mount() -> String {
    "secret".into()
}

fn approle_mount() -> String {
    "approle".into()
}

fn kubernetes_mount() -> String {
    "kubernetes".into()
}

fn service_account_token() -> PathBuf {
    "/var/run/secrets/kubernetes.io/serviceaccount/token".into()
}
