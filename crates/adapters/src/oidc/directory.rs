//! What the provider publishes about itself: addresses, algorithms, keys. Asked for when it is first needed and kept for a while, so that
//! the console starts and stays up while the provider is down.

use std::sync::Arc;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use super::error::OidcError;
use super::fetch::{Fetch, FetchError};
use super::settings::Pace;

/// Algorithms that Muster accepts: asymmetric ones of at least 128 bits.
const ALLOWED: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
];

/// Parts of a provider's description that OpenID Connect Core doesn't name.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Extra {
    /// OpenID Connect RP-Initiated Logout 1.0.
    pub(super) end_session_endpoint: Option<Url>,
    /// RFC 9207.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extra {}

pub(super) type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What was published, as far as it was checked.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub(super) metadata: Arc<Metadata>,
    pub(super) keys: Arc<CoreJsonWebKeySet>,
    /// Those that both sides allow.
    pub(super) algorithms: Vec<CoreJwsSigningAlgorithm>,
    fetched: Instant,
}

/// Keeps what was published.
#[derive(Debug)]
pub(super) struct Directory {
    issuer: IssuerUrl,
    pub(super) fetch: Fetch,
    pace: Pace,
    /// Held while asking, so that the provider is asked once however many people wait.
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    published: Option<Published>,
    failure: Option<(Instant, OidcError)>,
    /// When keys were last fetched because of an unknown one.
    refetched: Option<Instant>,
}

impl Memory {
    /// The last failure, while nobody should ask again.
    fn recent_failure(&self, pace: Pace) -> Result<(), OidcError> {
        match &self.failure {
            Some((at, error)) if at.elapsed() < pace.retry => Err(error.clone()),
            _ => Ok(()),
        }
    }

    fn note_failure<T>(&mut self, outcome: &Result<T, OidcError>) {
        self.failure = outcome.as_ref().err().map(|error| (Instant::now(), error.clone()));
    }
}

impl Directory {
    pub(super) fn new(issuer: IssuerUrl, fetch: Fetch, pace: Pace) -> Self {
        Self {
            issuer,
            fetch,
            pace,
            memory: Mutex::default(),
        }
    }

    pub(super) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// What the provider publishes, from memory while that is fresh.
    pub(super) async fn published(&self) -> Result<Published, OidcError> {
        let mut memory = self.memory.lock().await;
        if let Some(published) = &memory.published
            && published.fetched.elapsed() < self.pace.keep
        {
            return Ok(published.clone());
        }
        memory.recent_failure(self.pace)?;
        let discovered = self.discover().await;
        memory.note_failure(&discovered);
        memory.published = discovered.as_ref().ok().cloned();
        discovered
    }

    /// After `seen` lacked a key: the same with the keys that are published now. `None` if they were fetched for such a reason a moment ago.
    pub(super) async fn refetch_keys(&self, seen: &Published) -> Result<Option<Published>, OidcError> {
        let mut memory = self.memory.lock().await;
        if let Some(newer) = memory
            .published
            .as_ref()
            .filter(|published| !Arc::ptr_eq(&published.keys, &seen.keys))
        {
            return Ok(Some(newer.clone()));
        }
        if memory.refetched.is_some_and(|at| at.elapsed() < self.pace.refetch) {
            return Ok(None);
        }
        memory.recent_failure(self.pace)?;
        let keys = CoreJsonWebKeySet::fetch_async(seen.metadata.jwks_uri(), &self.fetch).await;
        let keys = keys.map_err(|error| self.explain(error));
        memory.note_failure(&keys);
        let published = Published {
            keys: Arc::new(keys?),
            ..seen.clone()
        };
        memory.refetched = Some(Instant::now());
        memory.published = Some(published.clone());
        Ok(Some(published))
    }

    async fn discover(&self) -> Result<Published, OidcError> {
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.fetch).await;
        let metadata = metadata.map_err(|error| self.explain(error))?;
        self.check_addresses(&metadata)?;
        let offered = metadata.id_token_signing_alg_values_supported();
        let algorithms: Vec<_> = ALLOWED
            .into_iter()
            .filter(|algorithm| offered.contains(algorithm))
            .collect();
        if algorithms.is_empty() {
            return Err(self.unusable(
                "it signs ID tokens by none of the algorithms that Muster allows (RS256, PS256, ES256, EdDSA)",
            ));
        }
        let keys = Arc::new(metadata.jwks().clone());
        Ok(Published {
            metadata: Arc::new(metadata),
            keys,
            algorithms,
            fetched: Instant::now(),
        })
    }

    /// Tokens, secrets and people are sent to these; none may cross a network unprotected.
    fn check_addresses(&self, metadata: &Metadata) -> Result<(), OidcError> {
        let Some(token) = metadata.token_endpoint() else {
            return Err(self.unusable("it has no token endpoint, so it can’t do the code flow"));
        };
        let end_session = metadata.additional_metadata().end_session_endpoint.as_ref();
        let addresses = [
            metadata.authorization_endpoint().url(),
            token.url(),
            metadata.jwks_uri().url(),
        ];
        match addresses
            .into_iter()
            .chain(end_session)
            .find(|address| !self.fetch.trusts(address))
        {
            Some(address) => Err(self.unusable(&FetchError::Unprotected(address.to_string()).to_string())),
            None => Ok(()),
        }
    }

    pub(super) fn unusable(&self, reason: &str) -> OidcError {
        OidcError::Unusable {
            issuer: self.issuer().into(),
            reason: reason.into(),
        }
    }

    pub(super) fn unreachable(&self, reason: impl ToString) -> OidcError {
        OidcError::Unreachable {
            issuer: self.issuer().into(),
            reason: reason.to_string(),
        }
    }

    fn explain(&self, error: DiscoveryError<FetchError>) -> OidcError {
        match error {
            DiscoveryError::Request(error @ (FetchError::Unprotected(_) | FetchError::Redirect)) => {
                self.unusable(&error.to_string())
            }
            DiscoveryError::Request(error) => self.unreachable(error),
            DiscoveryError::Response(status, _, _) if status.is_server_error() => {
                self.unreachable(format!("it answered {status}"))
            }
            DiscoveryError::Response(status, _, _) if !status.is_success() => self.unusable(&format!(
                "it answered {status} where OpenID Connect Discovery expects its description"
            )),
            DiscoveryError::Response(_, _, reason) | DiscoveryError::Validation(reason) => self.unusable(&reason),
            DiscoveryError::Parse(error) => self.unusable(&format!("its description can’t be read ({error})")),
            other => self.unusable(&other.to_string()),
        }
    }
}
