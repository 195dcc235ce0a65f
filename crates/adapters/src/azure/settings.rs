//! Which secret, in which vault, and in whose name it is asked.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

/// A secret, and how it is reached.
#[derive(Clone, Debug)]
pub struct AzureSecretSettings {
    /// `https://acme.vault.azure.net`.
    pub vault_url: Url,
    pub secret: String,
    /// Whether the vault may only ask for a login that is meant for its own domain. A vault of a private cloud may ask for another one.
    pub verify_challenge_resource: bool,
    pub credential: AzureCredential,
    /// Where that credential is exchanged for a token. `None`: what `AZURE_AUTHORITY_HOST` says, else Azure's public cloud.
    pub authority_url: Option<Url>,
    /// PEM file of authorities that vouch for a private cloud, besides those of this machine.
    pub ca: Option<PathBuf>,
    /// How long an answer may take, repeats and login included.
    pub patience: Duration,
}

/// In whose name Azure is asked.
#[derive(Clone, Debug, Default)]
pub enum AzureCredential {
    /// What Azure's own tools find, in their order: an application of the `AZURE_…` variables, the workload identity of this pod, the managed
    /// identity of this machine, a login of `az` or `azd`.
    #[default]
    Found,
    /// A registered application.
    ClientSecret {
        tenant_id: String,
        client_id: String,
        client_secret: SecretString,
    },
}

impl AzureSecretSettings {
    /// A secret in Azure's public cloud, with the credentials that Azure's tools find.
    #[must_use]
    pub fn new(vault_url: Url, secret: impl Into<String>) -> Self {
        Self {
            vault_url,
            secret: secret.into(),
            verify_challenge_resource: true,
            credential: AzureCredential::default(),
            authority_url: None,
            ca: None,
            patience: Duration::from_secs(30),
        }
    }

    /// What people call it: `azure secrets/master-key at acme.vault.azure.net`.
    pub(super) fn name(&self) -> String {
        format!("azure secrets/{} at {}", self.secret, host(&self.vault_url))
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !is_name(&self.secret) {
            return Err(
                "the secret’s name has other characters than letters, digits and hyphens; nothing was asked".into(),
            );
        }
        let places = [
            ("vault", Some(&self.vault_url)),
            ("authority", self.authority_url.as_ref()),
        ];
        for (what, place) in places {
            let Some(place) = place else { continue };
            if place.scheme() != "https" || place.host().is_none() {
                return Err(format!("the {what} {} isn’t https://; nothing was asked", host(place)));
            }
            let bare = place.username().is_empty() && place.password().is_none() && place.query().is_none();
            if !bare || place.path() != "/" {
                return Err(format!(
                    "the {what} {} is more than https://HOST; nothing was asked",
                    host(place)
                ));
            }
        }
        Ok(())
    }
}

/// Whether Key Vault could give this name to a secret or a version:
/// <https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#objects-identifiers-and-versioning>.
pub(super) fn is_name(text: &str) -> bool {
    (1..=127).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Host and port, without what may stand before them.
pub(super) fn host(place: &Url) -> String {
    let host = place.host_str().unwrap_or("no host");
    place
        .port()
        .map_or_else(|| host.into(), |port| format!("{host}:{port}"))
}
