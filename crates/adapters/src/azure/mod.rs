//! Secrets of Azure Key Vault, read through Microsoft's own SDK. Nothing is ever written to it, since none of this was run against the real
//! service. Source: <https://learn.microsoft.com/rest/api/keyvault/secrets/>.

mod credential;
mod describe;
mod developer;
mod refusal;
mod settings;
mod wire;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::Result as Answer;
use azure_core::http::{ClientOptions, Transport};
use azure_core::time::Duration as Span;
use azure_security_keyvault_secrets::models::{Secret as Answered, SecretClientGetSecretOptions, SecretProperties};
use azure_security_keyvault_secrets::{ResourceExt as _, SecretClient, SecretClientOptions};
use domain::custody::Secret;
use futures::TryStreamExt as _;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::manager::{ManagerError, SecretManager, Value};

pub use settings::{AzureCredential, AzureSecretSettings};

/// How often a call is made again that Azure was too busy for.
const REPEATS: u32 = 2;
/// A list of more pages isn't one of a secret. Azure sends 25 versions a page.
const MOST_PAGES: usize = 1000;

/// A secret of a key vault. Clones share their login.
#[derive(Clone)]
pub struct AzureSecret {
    settings: AzureSecretSettings,
    client: Arc<OnceCell<SecretClient>>,
}

impl fmt::Debug for AzureSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureSecret")
            .field("vault", &settings::host(&self.settings.vault_url))
            .field("secret", &self.settings.secret)
            .finish_non_exhaustive()
    }
}

impl AzureSecret {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// If these settings can name no secret, or would send credentials unprotected over a network.
    pub fn new(settings: AzureSecretSettings) -> Result<Self, ManagerError> {
        let refused = |why| ManagerError::Unsupported(settings.name(), why);
        settings.check().map_err(refused)?;
        Ok(Self {
            settings,
            client: Arc::default(),
        })
    }

    async fn client(&self) -> Result<&SecretClient, ManagerError> {
        let refused = |why| ManagerError::Unsupported(self.name(), why);
        self.client
            .get_or_try_init(|| async { self.connect() })
            .await
            .map_err(refused)
    }

    fn connect(&self) -> Result<SecretClient, String> {
        let credential = credential::of(&self.settings)?;
        let vault = wire::to_vault(&self.settings)?;
        let options = SecretClientOptions {
            client_options: ClientOptions {
                transport: Some(Transport::new(Arc::new(vault))),
                retry: wire::repeats(REPEATS, Span::seconds_f64(self.settings.patience.as_secs_f64())),
                ..ClientOptions::default()
            },
            verify_challenge_resource: Some(self.settings.verify_challenge_resource),
            ..SecretClientOptions::default()
        };
        let client = SecretClient::new(self.settings.vault_url.as_str(), credential, Some(options));
        client.map_err(|error| error.to_string())
    }

    /// The answer to one call, repeats included. `what` is missing if Azure has no such thing.
    async fn answer<T>(&self, what: &str, call: impl Future<Output = Answer<T>>) -> Result<T, ManagerError> {
        match timeout(self.settings.patience, call).await {
            Ok(answer) => answer.map_err(|error| refusal::sorted(self.name(), what, &error)),
            Err(_) => Err(ManagerError::Unreachable(
                self.name(),
                "it didn’t answer in time".into(),
            )),
        }
    }

    async fn versions(&self, client: &SecretClient) -> Result<Vec<SecretProperties>, ManagerError> {
        let what = "such secret";
        let pages = client.list_secret_properties_versions(&self.settings.secret, None);
        let pages = pages.map_err(|error| refusal::sorted(self.name(), what, &error))?;
        let mut pages = pages.into_pages();
        let mut versions = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(page) = self.answer(what, pages.try_next()).await? else {
                return Ok(versions);
            };
            let page = self.answer(what, async { page.into_model() }).await?;
            versions.extend(page.value);
        }
        Err(self.odd("its list of versions doesn’t end"))
    }

    /// A secret that isn't there may have been deleted, and then it can be had back for a while.
    async fn missing(&self, client: &SecretClient) -> ManagerError {
        let deleted = client.get_deleted_secret(&self.settings.secret, None);
        let deleted = async { deleted.await?.into_model() };
        let what = match self.answer("such secret", deleted).await {
            Ok(deleted) => describe::deleted(&deleted),
            Err(ManagerError::Absent(..)) => "such secret, nor a deleted one".into(),
            Err(other) => format!("such secret; whether it was deleted and can be had back isn’t known: {other}"),
        };
        ManagerError::Absent(self.name(), what)
    }

    /// What came with a version, if it is that version.
    fn value(&self, version: &str, answer: Answered) -> Result<Value, ManagerError> {
        let came = answer.resource_id().ok().and_then(|id| id.version);
        if came.as_deref() != Some(version) {
            return Err(self.odd(&format!("another version came than {version}, which was asked for")));
        }
        let value = answer
            .value
            .ok_or_else(|| self.odd(&format!("version {version} came without a value")))?;
        // Takes the SDK's buffer over, so that it is wiped too. What the SDK read it from is out of reach.
        Ok(Value::Whole(Zeroizing::new(value.into_bytes())))
    }

    fn odd(&self, what: &str) -> ManagerError {
        ManagerError::Odd(self.name(), what.into())
    }

    fn read_only(&self) -> ManagerError {
        let why = "Muster reads Azure Key Vault and doesn’t write to it: it was never run against the real service. Nothing was written";
        ManagerError::Unsupported(self.name(), why.into())
    }
}

#[async_trait]
impl SecretManager for AzureSecret {
    fn kind(&self) -> &'static str {
        "azure"
    }

    fn name(&self) -> String {
        self.settings.name()
    }

    /// Key Vault's names are the same in any case.
    fn identity(&self) -> String {
        self.settings.name().to_ascii_lowercase()
    }

    async fn describe(&self) -> Result<Secret, ManagerError> {
        let client = self.client().await?;
        match self.versions(client).await {
            // So it lists a secret that it doesn't have.
            Ok(versions) if versions.is_empty() => Err(self.missing(client).await),
            Err(ManagerError::Absent(..)) => Err(self.missing(client).await),
            versions => Ok(describe::secret(&versions?)),
        }
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        if !settings::is_name(version) {
            return Err(ManagerError::Absent(self.name(), format!("version {version:?}")));
        }
        let client = self.client().await?;
        let options = SecretClientGetSecretOptions {
            secret_version: Some(version.into()),
            ..SecretClientGetSecretOptions::default()
        };
        let answer = client.get_secret(&self.settings.secret, Some(options));
        let answer = async { answer.await?.into_model() };
        let answer = self.answer(&format!("version {version}"), answer).await?;
        self.value(version, answer)
    }

    async fn create(&self, _value: &Value) -> Result<String, ManagerError> {
        Err(self.read_only())
    }

    async fn append(&self, _value: &Value, _expected: &str) -> Result<String, ManagerError> {
        Err(self.read_only())
    }
}
