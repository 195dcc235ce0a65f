//! Google Secret Manager, read through Google's own SDK. Nothing is ever written to it, since none of this was run against the real service.
//! Source: <https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets>.

mod describe;
mod refusal;
mod settings;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use crc::{CRC_32_ISCSI, Crc};
use domain::custody::Secret;
use google_cloud_gax::exponential_backoff::ExponentialBackoffBuilder;
use google_cloud_gax::retry_policy::{Aip194Strict, RetryPolicyExt as _};
use google_cloud_secretmanager_v1::client::SecretManagerService;
use google_cloud_secretmanager_v1::{Result as Answer, model};
use tokio::sync::OnceCell;
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::manager::{ManagerError, SecretManager, Value};

pub use settings::{GcpCredentials, GcpSecretSettings};

/// How often a call is made that Google was too busy for, the first time included.
const ATTEMPTS: u32 = 3;
/// Versions asked for at a time. Google may send fewer.
const PAGE: i32 = 1000;
/// A list of more pages, or of more versions, isn't one of a secret.
const MOST_PAGES: usize = 1000;
const MOST_VERSIONS: usize = 100_000;
/// What Google sends with each value, which it calls CRC32C.
const CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// A secret of Google Secret Manager. Clones share their connection.
#[derive(Clone)]
pub struct GcpSecret {
    settings: GcpSecretSettings,
    /// As Google names it: `projects/ampora/secrets/master-key`.
    path: String,
    client: Arc<OnceCell<SecretManagerService>>,
}

impl fmt::Debug for GcpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GcpSecret")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl GcpSecret {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// If these settings can name no secret, or would send credentials unprotected over a network.
    pub fn new(settings: GcpSecretSettings) -> Result<Self, ManagerError> {
        let path = settings.path();
        let refused = |why| ManagerError::Unsupported(format!("gcp {path}"), why);
        settings.check().map_err(refused)?;
        Ok(Self {
            settings,
            path,
            client: Arc::default(),
        })
    }

    async fn client(&self) -> Result<&SecretManagerService, ManagerError> {
        self.client.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> Result<SecretManagerService, ManagerError> {
        let refused = |why| ManagerError::Unsupported(self.name(), why);
        let credentials = self.settings.credentials().await.map_err(refused)?;
        let patience = self.settings.patience;
        let pauses = ExponentialBackoffBuilder::new()
            .with_initial_delay(Duration::from_millis(250))
            .with_maximum_delay(Duration::from_secs(4));
        let client = SecretManagerService::builder()
            .with_endpoint(self.settings.endpoint())
            .with_credentials(credentials)
            .with_attempt_timeout(patience)
            .with_retry_policy(Aip194Strict.with_attempt_limit(ATTEMPTS).with_time_limit(patience))
            .with_backoff_policy(pauses.clamp());
        client
            .build()
            .await
            .map_err(|error| refused(crate::http::innermost(&error)))
    }

    /// The answer to one call, retries included. `what` is missing if Google has no such thing.
    async fn answer<T>(&self, what: &str, call: impl Future<Output = Answer<T>>) -> Result<T, ManagerError> {
        match timeout(self.settings.patience, call).await {
            Ok(answer) => answer.map_err(|error| refusal::sorted(self.name(), what, &error)),
            Err(_) => Err(ManagerError::Unreachable(
                self.name(),
                "it didn’t answer in time".into(),
            )),
        }
    }

    async fn versions(&self, client: &SecretManagerService) -> Result<Vec<model::SecretVersion>, ManagerError> {
        let mut versions = Vec::new();
        let mut token = String::new();
        for _ in 0..MOST_PAGES {
            let page = client.list_secret_versions().set_parent(&self.path);
            let page = page.set_page_size(PAGE).set_page_token(token).send();
            let page = self.answer("such secret", page).await?;
            versions.extend(page.versions);
            if page.next_page_token.is_empty() {
                return Ok(versions);
            }
            if versions.len() > MOST_VERSIONS {
                break;
            }
            token = page.next_page_token;
        }
        Err(self.odd("its list of versions doesn’t end"))
    }

    /// What came with a version, if it is that version and came whole.
    fn value(&self, version: &str, answer: model::AccessSecretVersionResponse) -> Result<Value, ManagerError> {
        let asked = format!("/versions/{version}");
        // An alias is answered with the version's number.
        if version.bytes().all(|byte| byte.is_ascii_digit()) && !answer.name.ends_with(&asked) {
            return Err(self.odd(&format!("another version came than {version}, which was asked for")));
        }
        let payload = answer
            .payload
            .ok_or_else(|| self.odd(&format!("version {version} came without a value")))?;
        // Takes the SDK's buffer over, so that it is wiped too. What the SDK decoded it from is out of reach.
        let value = Zeroizing::new(Vec::from(payload.data));
        match payload.data_crc32c {
            Some(sum) if sum != i64::from(CHECKSUM.checksum(&value)) => Err(self.odd(&format!(
                "the value of version {version} doesn’t fit its checksum, so it was damaged on its way or where it is kept"
            ))),
            _ => Ok(Value::Whole(value)),
        }
    }

    fn odd(&self, what: &str) -> ManagerError {
        ManagerError::Odd(self.name(), what.into())
    }

    fn read_only(&self) -> ManagerError {
        let why = "Muster reads Google Secret Manager and doesn’t write to it: it was never run against the real service. Nothing was written";
        ManagerError::Unsupported(self.name(), why.into())
    }
}

#[async_trait]
impl SecretManager for GcpSecret {
    fn kind(&self) -> &'static str {
        "gcp"
    }

    fn name(&self) -> String {
        match &self.settings.endpoint_url {
            Some(endpoint) => format!("gcp {} at {}", self.path, settings::host(endpoint)),
            None => format!("gcp {}", self.path),
        }
    }

    /// A project has an id and a number; which belong together only Google knows, so they are told apart here.
    fn identity(&self) -> String {
        match &self.settings.endpoint_url {
            Some(endpoint) if !settings::is_google(endpoint) => self.name(),
            _ => format!("gcp {}", self.path),
        }
    }

    async fn describe(&self) -> Result<Secret, ManagerError> {
        let client = self.client().await?;
        let about = client.get_secret().set_name(&self.path).send();
        // Listing versions is another right.
        let about = match self.answer("such secret", about).await {
            Err(ManagerError::Denied(_, why)) => Err(why),
            about => Ok(about?),
        };
        let versions = self.versions(client).await?;
        Ok(describe::secret(about.as_ref().map_err(String::as_str), &versions))
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        if !settings::is_name(version) {
            return Err(ManagerError::Absent(self.name(), format!("version {version:?}")));
        }
        let client = self.client().await?;
        let name = format!("{}/versions/{version}", self.path);
        let answer = client.access_secret_version().set_name(name).send();
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
