//! One question to the server: no redirects, no waiting for ever, and nothing of a token or a value in what is said about it. Format: <https://developer.hashicorp.com/vault/api-docs>

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Method, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::bytes::Bytes;
use url::Url;
use zeroize::Zeroizing;

use super::answers;
use super::reply::{self, Answer, Failure};
use super::settings::{Place, VaultError, VaultSettings, header};
use crate::http::{cause, is_loopback};
use crate::process::Secrets;
use crate::tls::plain;

/// A file of certificates is smaller.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// What is asked. Without `Debug`, since the body may be a value.
#[derive(Clone)]
pub(super) struct Question {
    method: Method,
    /// Below `/v1`.
    pub path: String,
    version: Option<u64>,
    /// JSON, in memory that is wiped with the last copy of it.
    body: Option<Bytes>,
    /// What of `body` must not be repeated.
    hidden: Secrets,
}

impl Question {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            version: None,
            body: None,
            hidden: Secrets::default(),
        }
    }

    pub(super) fn post(path: impl Into<String>, body: Zeroizing<Vec<u8>>, hidden: Secrets) -> Self {
        Self {
            method: Method::POST,
            body: Some(Bytes::from_owner(body)),
            hidden,
            ..Self::get(path)
        }
    }

    /// Of one version.
    pub(super) fn of(self, version: u64) -> Self {
        Self {
            version: Some(version),
            ..self
        }
    }

    /// The capability of a policy that allows it.
    pub(super) const fn capability(&self) -> &'static str {
        if self.body.is_some() {
            "create and update"
        } else {
            "read"
        }
    }
}

/// The client for one server.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client,
    base: Url,
    namespace: Option<HeaderValue>,
}

impl Wire {
    /// Asks nothing yet.
    pub(super) fn new(settings: &VaultSettings, place: &Place) -> Result<Self, VaultError> {
        let near = place.address.scheme() == "http" && is_loopback(&place.address);
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(settings.patience.min(Duration::from_secs(10)))
            .timeout(settings.patience)
            .https_only(!near)
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .default_headers(usual_headers())
            .user_agent("muster");
        let builder = if near { builder.no_proxy() } else { builder };
        let builder = match &settings.ca {
            Some(path) => trusting(builder, path)?,
            None => builder,
        };
        // A certificate of the file that is none shows here.
        let client = builder.build().map_err(|error| match &settings.ca {
            Some(path) => VaultError::Authorities {
                path: path.clone(),
                reason: cause(&error),
            },
            None => VaultError::Client(cause(&error)),
        })?;
        Ok(Self {
            client,
            base: place.address.clone(),
            namespace: place.namespace.as_deref().map(header).transpose()?,
        })
    }

    /// Asks once.
    pub(super) async fn send(&self, question: &Question, token: Option<&SecretString>) -> Result<Answer, Failure> {
        let url = self.url(question);
        let mut request = self.client.request(question.method.clone(), url);
        let mut hidden = question.hidden.clone();
        if let Some(namespace) = &self.namespace {
            request = request.header("X-Vault-Namespace", namespace.clone());
        }
        if let Some(token) = token {
            hidden.add(token.expose_secret().as_bytes());
            request = request.header("X-Vault-Token", sensitive(token)?);
        }
        if let Some(body) = &question.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let sent = request.send().await;
        let mut response = sent.map_err(|error| Failure::Unreachable(cause(&error)))?;
        let body = reply::body(&mut response).await?;
        let words = if response.status().is_success() {
            String::new()
        } else {
            // Before it is cut: a part of a secret would not be recognised.
            plain(&hidden.redact(&answers::words(&body)))
        };
        reply::judge(&response, body, words)
    }

    fn url(&self, question: &Question) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("v1").extend(question.path.split('/'));
        }
        if let Some(version) = question.version {
            url.query_pairs_mut().append_pair("version", &version.to_string());
        }
        url
    }
}

/// `X-Vault-Request` is for an agent of Vault in between that demands it, so that no page in a browser can ask for secrets.
fn usual_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert("X-Vault-Request", HeaderValue::from_static("true"));
    headers
}

fn trusting(builder: ClientBuilder, path: &Path) -> Result<ClientBuilder, VaultError> {
    let unusable = |reason: String| VaultError::Authorities {
        path: path.into(),
        reason,
    };
    let mut text = Vec::new();
    let file = File::open(path).map_err(|error| unusable(error.to_string()))?;
    let read = file.take(LARGEST_FILE).read_to_end(&mut text);
    read.map_err(|error| unusable(error.to_string()))?;
    let authorities = Certificate::from_pem_bundle(&text).map_err(|error| unusable(cause(&error)))?;
    if authorities.is_empty() {
        return Err(unusable("it holds no certificate in PEM form".into()));
    }
    Ok(builder.tls_certs_only(authorities))
}

fn sensitive(token: &SecretString) -> Result<HeaderValue, Failure> {
    let unusable = |_| Failure::Denied("the token has characters that no token has; nothing was asked".into());
    let mut header = HeaderValue::from_str(token.expose_secret().trim()).map_err(unusable)?;
    header.set_sensitive(true);
    Ok(header)
}
