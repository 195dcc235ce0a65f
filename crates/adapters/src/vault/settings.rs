//! Where a secret is, and how Muster shows who it is.

use std::path::PathBuf;
use std::time::Duration;

use domain::rules::BringBack;
use domain::shell::word;
use reqwest::header::HeaderValue;
use secrecy::SecretString;
use url::Url;

use crate::http::is_loopback;

/// One secret of one server, and the way in.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// Of the server: `https://vault.example.org:8200`. Plain HTTP is for this host only.
    pub address: Url,
    pub namespace: Option<String>,
    /// Where the KV engine of version 2 is mounted: `secret`.
    pub mount: String,
    /// Of the secret below it, without `data`: `ampora/prod`.
    pub path: String,
    pub auth: VaultAuth,
    /// PEM file of the authorities that vouch for the server, in place of the system's.
    pub ca: Option<PathBuf>,
    /// For one answer, whole.
    pub patience: Duration,
}

/// How Muster logs in.
#[derive(Clone, Debug)]
pub enum VaultAuth {
    /// A token that somebody else keeps alive.
    Token(SecretString),
    /// <https://developer.hashicorp.com/vault/docs/auth/approle>
    AppRole {
        /// Where the method is mounted, below `auth/`: `approle`.
        mount: String,
        role_id: String,
        secret_id: SecretString,
    },
    /// <https://developer.hashicorp.com/vault/docs/auth/kubernetes>
    Kubernetes {
        /// Where the method is mounted, below `auth/`: `kubernetes`.
        mount: String,
        role: String,
        /// Token of the service account. Read at every login, since the kubelet replaces it.
        token_file: PathBuf,
    },
}

/// Why a server isn't even asked.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VaultError {
    #[error("{0} is no address of a Vault server: write https://HOST:PORT, without user, password or query")]
    Address(String),
    #[error("a token would cross the network to {0} unprotected, so it isn’t asked: write https://")]
    Unprotected(String),
    #[error(
        "the {what} {written:?} can’t be one: it is empty, or has a part that is empty, `.`, `..` or not printable"
    )]
    Name { what: &'static str, written: String },
    #[error("the authorities in {path} can’t be used: {reason}")]
    Authorities { path: PathBuf, reason: String },
    #[error("no HTTP client can be made: {0}")]
    Client(String),
}

impl VaultSettings {
    /// A secret on a server that the system's certificates vouch for, outside of any namespace.
    #[must_use]
    pub fn new(address: Url, mount: impl Into<String>, path: impl Into<String>, auth: VaultAuth) -> Self {
        Self {
            address,
            namespace: None,
            mount: mount.into(),
            path: path.into(),
            auth,
            ca: None,
            patience: Duration::from_secs(30),
        }
    }
}

/// A secret's place as it stands in requests: however it was written, the same place is written the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub address: Url,
    /// Without slashes at its ends, as are the others.
    pub namespace: Option<String>,
    pub mount: String,
    pub path: String,
}

impl Place {
    pub(super) fn of(settings: &VaultSettings) -> Result<Self, VaultError> {
        let namespace = settings.namespace.as_deref().map(|name| name.trim_matches('/'));
        // The outermost one has a name too.
        let namespace = namespace.filter(|name| !["", "root"].contains(name));
        Ok(Self {
            address: address(&settings.address)?,
            namespace: namespace.map(|name| named("namespace", name)).transpose()?,
            mount: named("mount", &settings.mount)?,
            path: named("path", &settings.path)?,
        })
    }

    /// <https://developer.hashicorp.com/vault/docs/commands/kv/metadata>
    pub(super) fn keep_more(&self) -> String {
        format!(
            "vault kv metadata put{} -max-versions=50 {}",
            self.options(),
            word(&self.path)
        )
    }

    /// <https://developer.hashicorp.com/vault/docs/commands/kv/undelete>
    pub(super) fn bring_back(&self) -> BringBack {
        BringBack {
            before: format!("vault kv undelete{} -versions=", self.options()),
            behind: format!(" {}", word(&self.path)),
        }
    }

    /// Namespace and mount, as each of its commands takes them.
    fn options(&self) -> String {
        let option = |name: &str, value: &str| format!(" -{name}={}", word(value));
        let namespace = self.namespace.as_deref().map(|name| option("namespace", name));
        format!("{}{}", namespace.unwrap_or_default(), option("mount", &self.mount))
    }

    /// What people call it.
    pub(super) fn name(&self) -> String {
        let place = format!("vault {}/{}", self.mount, self.path);
        let address = self.address.as_str().trim_end_matches('/');
        match &self.namespace {
            Some(namespace) => format!("{place} in {namespace} at {address}"),
            None => format!("{place} at {address}"),
        }
    }

    /// A namespace may also be written in front of the mount, so it is no part of its own.
    pub(super) fn identity(&self) -> String {
        let parts = [self.namespace.as_deref(), Some(&self.mount), Some(&self.path)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        format!(
            "vault {}/{}",
            self.address.as_str().trim_end_matches('/'),
            parts.join("/")
        )
    }

    /// Path of a request about the secret: `metadata` or `data`.
    pub(super) fn of_secret(&self, what: &str) -> String {
        format!("{}/{what}/{}", self.mount, self.path)
    }

    /// Path of the engine's own settings.
    pub(super) fn of_engine(&self) -> String {
        format!("{}/config", self.mount)
    }
}

/// Some write the address of the interface itself, with `/v1`.
fn address(written: &Url) -> Result<Url, VaultError> {
    let host = written.host_str().unwrap_or_default();
    let shown = format!("{}://{host}", written.scheme());
    let bare = written.username().is_empty() && written.password().is_none();
    let bare = bare && written.query().is_none() && written.fragment().is_none();
    if host.is_empty() || !bare || !["http", "https"].contains(&written.scheme()) {
        return Err(VaultError::Address(shown));
    }
    if written.scheme() == "http" && !is_loopback(written) {
        return Err(VaultError::Unprotected(shown));
    }
    let mut address = written.clone();
    let path = written.path().trim_end_matches('/');
    address.set_path(path.strip_suffix("/v1").unwrap_or(path));
    let rooted = host.trim_end_matches('.');
    if rooted.len() < host.len() && address.set_host(Some(rooted)).is_err() {
        return Err(VaultError::Address(shown));
    }
    Ok(address)
}

/// A name that may have several parts, such as `ampora/prod`.
pub(super) fn named(what: &'static str, written: &str) -> Result<String, VaultError> {
    let name = written.trim_matches('/');
    let odd = |part: &str| ["", ".", ".."].contains(&part) || part.chars().any(char::is_control);
    if name.split('/').any(odd) {
        let written = crate::tls::plain(written);
        return Err(VaultError::Name { what, written });
    }
    Ok(name.to_owned())
}

/// As it stands in a header. Names of namespaces are plain text.
pub(super) fn header(namespace: &str) -> Result<HeaderValue, VaultError> {
    HeaderValue::from_str(namespace).map_err(|_| VaultError::Name {
        what: "namespace",
        written: crate::tls::plain(namespace),
    })
}

#[cfg(test)]
mod tests;
