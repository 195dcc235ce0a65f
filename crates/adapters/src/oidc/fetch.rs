//! Requests to the identity provider: no redirects, no waiting for ever, no endless bodies, nothing unprotected on a network.

use futures::future::BoxFuture;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::redirect;
use url::Url;

use super::settings::Pace;
use crate::http::{self as answers, BodyError, is_loopback};

/// Longest answer, in bytes. Key sets and tokens of real providers are far below.
const LONGEST: usize = 512 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0}")]
    Failed(String),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("it names the address {0}, which isn’t https://")]
    Unprotected(String),
    #[error("it answered with a redirect, which Muster doesn’t follow")]
    Redirect,
}

/// A client for one provider.
#[derive(Clone, Debug)]
pub(super) struct Fetch {
    client: reqwest::Client,
    /// The provider is on this host and speaks plain HTTP, as in the demo.
    loopback: bool,
}

impl Fetch {
    /// `None` if the issuer's address can't be used: neither `https://` nor `http://` on loopback.
    pub(super) fn new(issuer: &Url, pace: Pace) -> Result<Option<Self>, reqwest::Error> {
        let loopback = issuer.scheme() == "http" && is_loopback(issuer);
        if !loopback && issuer.scheme() != "https" {
            return Ok(None);
        }
        let builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(pace.connect)
            .timeout(pace.answer)
            .https_only(!loopback)
            .user_agent("muster");
        let client = if loopback { builder.no_proxy() } else { builder }.build()?;
        Ok(Some(Self { client, loopback }))
    }

    /// Whether Muster may talk to this address, or send people there.
    pub(super) fn trusts(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.loopback && url.scheme() == "http" && is_loopback(url))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let request = reqwest::Request::try_from(request).map_err(|error| FetchError::Failed(error.to_string()))?;
        if !self.trusts(request.url()) {
            return Err(FetchError::Unprotected(request.url().to_string()));
        }
        let mut response = self
            .client
            .execute(request)
            .await
            .map_err(|error| FetchError::Failed(answers::cause(&error)))?;
        if response.status().is_redirection() {
            return Err(FetchError::Redirect);
        }
        let body = answers::body(&mut response, LONGEST).await?;
        let mut answer = http::Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }
}

/// Boxed, so that whoever waits for it can be moved between threads.
impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = BoxFuture<'c, Result<HttpResponse, FetchError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(issuer: &str) -> Option<Fetch> {
        Fetch::new(&issuer.parse().unwrap(), Pace::default()).unwrap()
    }

    #[test]
    fn plain_http_stays_on_this_host() {
        assert!(fetch("http://login.example.org").is_none());
        assert!(fetch("http://127.0.0.1.example.org").is_none());
        assert!(fetch("ftp://127.0.0.1").is_none());
        let demo = fetch("http://127.0.0.1:9010").unwrap();
        assert!(demo.trusts(&"http://localhost:1/jwks".parse().unwrap()));
        assert!(!demo.trusts(&"http://169.254.169.254/latest".parse().unwrap()));
        let real = fetch("https://login.example.org").unwrap();
        assert!(
            !real.trusts(&"http://127.0.0.1/jwks".parse().unwrap()),
            "a real provider can’t point Muster at this host"
        );
    }
}
