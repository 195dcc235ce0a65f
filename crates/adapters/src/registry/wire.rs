//! The HTTP client for one registry: follows no redirects by itself, waits for nothing for ever, unpacks nothing.

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, redirect};
use url::Url;

use super::failure::Failure;
use super::settings::Pace;
use crate::http::is_loopback;

/// A client, and how far addresses are trusted that this registry names.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client,
    /// The registry is on this host and speaks plain HTTP.
    loopback: bool,
}

impl Wire {
    pub(super) fn new(registry: &Url, pace: Pace) -> Result<Self, reqwest::Error> {
        let loopback = registry.scheme() == "http" && is_loopback(registry);
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(pace.connect)
            .timeout(pace.answer)
            .https_only(registry.scheme() == "https")
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .default_headers(headers)
            .user_agent("muster");
        let client = if loopback { builder.no_proxy() } else { builder }.build()?;
        Ok(Self { client, loopback })
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// Whether Muster goes where the registry sends it: a registry on the network can't point it at this host.
    pub(super) fn trusts(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.loopback && url.scheme() == "http" && is_loopback(url))
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        request.send().await.map_err(|error| Failure::from(&error))
    }
}
