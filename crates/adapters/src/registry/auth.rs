//! Logging in as a registry asks for it: by Basic, or by a token that another service gives out. Where that service is, only the registry
//! says, so it is trusted no further than the registry: credentials leave over HTTPS, or stay on this host.
//! Format: <https://distribution.github.io/distribution/spec/auth/token/>

use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;
use zeroize::Zeroizing;

use super::challenge::Challenge;
use super::failure::{Failure, tame};
use super::wire::Wire;
use crate::http;

/// Longest answer of a token service, in bytes.
const LONGEST_ANSWER: usize = 256 * 1024;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub username: String,
    pub password: SecretString,
}

/// What makes the registry answer.
#[derive(Debug)]
pub(super) enum Grant {
    Basic,
    Token(HeaderValue),
}

/// The login to one repository. It is shared by requests that run side by side.
#[derive(Debug)]
pub(super) struct Login {
    credentials: Option<Credentials>,
    /// What a token is asked for if the registry doesn't say.
    scope: String,
    current: Mutex<Option<Arc<Grant>>>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: Option<String>,
    access_token: Option<String>,
}

impl Login {
    pub(super) fn new(credentials: Option<Credentials>, repository: &str) -> Self {
        Self {
            credentials,
            scope: format!("repository:{repository}:pull"),
            current: Mutex::default(),
        }
    }

    pub(super) const fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    pub(super) async fn current(&self) -> Option<Arc<Grant>> {
        self.current.lock().await.clone()
    }

    pub(super) fn sign(&self, request: RequestBuilder, grant: Option<&Arc<Grant>>) -> RequestBuilder {
        match grant.map(AsRef::as_ref) {
            None => request,
            Some(Grant::Basic) => self.with_password(request),
            Some(Grant::Token(token)) => request.header(AUTHORIZATION, token.clone()),
        }
    }

    fn with_password(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.credentials {
            Some(known) => request.basic_auth(&known.username, Some(known.password.expose_secret())),
            None => request,
        }
    }

    /// What to try after a 401 that came although `used` was sent. One of several requests fetches a token, the others take it too.
    pub(super) async fn answer(
        &self,
        wire: &Wire,
        refusal: Response,
        used: Option<&Arc<Grant>>,
    ) -> Result<Arc<Grant>, Failure> {
        let mut current = self.current.lock().await;
        if let Some(newer) = current
            .as_ref()
            .filter(|grant| used.is_none_or(|used| !Arc::ptr_eq(used, grant)))
        {
            return Ok(Arc::clone(newer));
        }
        let offered = offered(refusal.headers());
        let (bearer, basic) = (of_scheme(&offered, "bearer"), of_scheme(&offered, "basic"));
        let grant = match (bearer, basic) {
            // A new token would allow no more than the last.
            (Some(bearer), _) if used.is_some() && bearer.get("error") == Some("insufficient_scope") => {
                return Err(Failure::of(refusal, self.has_credentials()).await);
            }
            (Some(bearer), _) => Grant::Token(self.token(wire, bearer).await?),
            (None, Some(_)) if self.has_credentials() && used.is_none() => Grant::Basic,
            (None, None) if !offered.is_empty() => {
                let header = refusal.headers()[WWW_AUTHENTICATE].to_str().unwrap_or_default();
                return Err(Failure::UnknownLogin(tame(header)));
            }
            _ => return Err(Failure::of(refusal, self.has_credentials()).await),
        };
        Ok(Arc::clone(current.insert(Arc::new(grant))))
    }

    async fn token(&self, wire: &Wire, bearer: &Challenge) -> Result<HeaderValue, Failure> {
        let realm = bearer.get("realm").unwrap_or_default();
        let mut url = Url::parse(realm).map_err(|_| Failure::UnknownLogin(tame(realm)))?;
        if !wire.trusts(&url) {
            return Err(Failure::Unprotected(tame(realm)));
        }
        let scope = bearer
            .get("scope")
            .filter(|scope| !scope.is_empty())
            .unwrap_or(&self.scope);
        url.query_pairs_mut()
            .extend_pairs(bearer.get("service").map(|service| ("service", service)))
            .extend_pairs(scope.split_whitespace().map(|scope| ("scope", scope)))
            .append_pair("client_id", "muster");
        let mut response = wire.send(self.with_password(wire.client().get(url))).await?;
        if !response.status().is_success() {
            return Err(Failure::of(response, self.has_credentials()).await);
        }
        let body = Zeroizing::new(http::body(&mut response, LONGEST_ANSWER).await?);
        let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| Failure::NoToken)?;
        let mut tokens = [answer.token, answer.access_token]
            .into_iter()
            .flatten()
            .map(Zeroizing::new);
        let token = tokens.find(|token| !token.is_empty());
        let written = Zeroizing::new(format!("Bearer {}", token.ok_or(Failure::NoToken)?.as_str()));
        let mut header = HeaderValue::from_str(&written).map_err(|_| Failure::NoToken)?;
        header.set_sensitive(true);
        Ok(header)
    }
}

/// The logins that the registry takes.
fn offered(headers: &HeaderMap) -> Vec<Challenge> {
    let written = headers
        .get_all(WWW_AUTHENTICATE)
        .iter()
        .filter_map(|header| header.to_str().ok());
    written.flat_map(Challenge::parse).collect()
}

fn of_scheme<'c>(offered: &'c [Challenge], scheme: &str) -> Option<&'c Challenge> {
    offered.iter().find(|challenge| challenge.is(scheme))
}
