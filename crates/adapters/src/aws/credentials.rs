//! Whose name calls are signed in: keys of the configuration, or what every tool of AWS finds (environment, profile, web identity, container,
//! role of the machine), which `aws-config` looks for.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{Mutex, OnceCell};
use tokio::time::timeout;

use super::error::AwsError;

/// The service for machines' roles isn't there on other machines and answers nothing at all.
const PATIENCE: Duration = Duration::from_secs(20);
/// Credentials that end within this time are renewed first.
const MARGIN: Duration = Duration::from_secs(300);

/// Keys of the configuration.
#[derive(Clone)]
pub struct AccessKeys {
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    /// Of temporary keys.
    pub session_token: Option<SecretString>,
}

impl fmt::Debug for AccessKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKeys(…)")
    }
}

impl From<AccessKeys> for Credentials {
    fn from(keys: AccessKeys) -> Self {
        Self::new(
            keys.access_key_id,
            keys.secret_access_key.expose_secret(),
            keys.session_token.map(|token| token.expose_secret().to_owned()),
            None,
            "configuration",
        )
    }
}

/// Who calls. What isn't configured is looked for once it is needed, and shared by all regions.
pub(super) struct Identity {
    given: Option<Credentials>,
    found: OnceCell<SdkConfig>,
    /// Credentials of a role, until shortly before they end.
    temporary: Mutex<Option<Credentials>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

impl Identity {
    pub fn new(keys: Option<AccessKeys>) -> Self {
        Self {
            given: keys.map(Credentials::from),
            found: OnceCell::new(),
            temporary: Mutex::default(),
        }
    }

    /// The region that is set for all tools of AWS on this machine.
    pub async fn region(&self) -> Option<String> {
        let config = timeout(PATIENCE, self.config(None)).await.ok()?;
        Some(config.region()?.to_string())
    }

    /// Credentials that are still good for a while.
    pub async fn credentials(&self, region: &str) -> Result<Credentials, AwsError> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        // Held over the search, so that a role is asked for once and not by every caller at the same time.
        let mut temporary = self.temporary.lock().await;
        if let Some(credentials) = temporary.as_ref().filter(|kept| lasts(kept)) {
            return Ok(credentials.clone());
        }
        let found = timeout(PATIENCE, self.find(region)).await;
        let credentials = found.map_err(|_| AwsError::NoCredentials("nothing answered in time".into()))??;
        *temporary = credentials.expiry().map(|_| credentials.clone());
        Ok(credentials)
    }

    /// AWS no longer takes what was handed out.
    pub async fn forget(&self) {
        *self.temporary.lock().await = None;
    }

    async fn config(&self, region: Option<&str>) -> &SdkConfig {
        let load = || async {
            let defaults = aws_config::defaults(BehaviorVersion::latest());
            match region {
                Some(region) => defaults.region(Region::new(region.to_owned())).load().await,
                None => defaults.load().await,
            }
        };
        self.found.get_or_init(load).await
    }

    async fn find(&self, region: &str) -> Result<Credentials, AwsError> {
        let provider = self.config(Some(region)).await.credentials_provider();
        let provider = provider.ok_or_else(|| AwsError::NoCredentials("there is no place to look for them".into()))?;
        // Deeper causes may quote what a provider answered, credentials included.
        let found = provider.provide_credentials().await;
        found.map_err(|error| match error {
            CredentialsError::CredentialsNotLoaded(_) => {
                AwsError::NoCredentials("none in the environment or a profile, and this machine has no role".into())
            }
            other => AwsError::NoCredentials(other.to_string()),
        })
    }
}

fn lasts(credentials: &Credentials) -> bool {
    credentials
        .expiry()
        .is_some_and(|expiry| expiry > SystemTime::now() + MARGIN)
}
