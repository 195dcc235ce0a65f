//! A webhook: a POST of JSON to the one address that is configured, signed as Standard Webhooks says
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>). The address is a secret, since many
//! services put a token into its path; nothing that is said here repeats more of it than its host.

mod signature;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use domain::ids::NoticeId;
use domain::time::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, Method, Response, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::http::{cause, is_loopback};

pub use signature::SigningKey;

/// How long a receiver may take. Standard Webhooks asks senders for 15 to 30 seconds.
const PATIENCE: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(10);

/// Why a message didn't arrive, or can't be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error(
        "the address of the webhook is none that Muster calls: it takes https://, or http:// on this host. Nothing was sent"
    )]
    Address,
    #[error(
        "the signing key of the webhook is no base64 of 24 to 64 bytes, as Standard Webhooks has it: make one with `echo whsec_$(openssl rand -base64 32)`"
    )]
    SigningKey,
    #[error("{path} can't be used as certificates for the webhook: {reason}")]
    Authorities { path: String, reason: String },
    #[error("no client for the webhook can be made: {0}")]
    Client(String),
    #[error("{host} can't be reached: {reason}")]
    Unreachable { host: String, reason: String },
    #[error(
        "{host} answers {status} and points elsewhere: Muster follows no redirect, so that a message goes nowhere but where it was configured to"
    )]
    Redirected { host: String, status: u16 },
    #[error("{host} answers {status}")]
    Refused { host: String, status: u16 },
}

/// The receiver of messages.
#[derive(Clone)]
pub struct Webhook {
    client: Client,
    url: Url,
    key: Option<SigningKey>,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({})", self.host())
    }
}

impl Webhook {
    /// Asks nothing yet. `authorities` is a file of certificates that vouch for the receiver in place of the system's.
    ///
    /// # Errors
    /// If address, key or file can't be used.
    pub fn new(
        url: &SecretString,
        signing_key: Option<&SecretString>,
        authorities: Option<&Path>,
    ) -> Result<Self, WebhookError> {
        let url: Url = url.expose_secret().parse().map_err(|_| WebhookError::Address)?;
        let near = url.scheme() == "http" && is_loopback(&url);
        if !url.has_host() || (url.scheme() != "https" && !near) {
            return Err(WebhookError::Address);
        }
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .https_only(!near)
            .user_agent("muster");
        let builder = if near { builder.no_proxy() } else { builder };
        let builder = match authorities {
            Some(path) => builder.tls_certs_only(certificates(path)?),
            None => builder,
        };
        Ok(Self {
            client: builder.build().map_err(|error| WebhookError::Client(cause(&error)))?,
            url,
            key: signing_key.map(SigningKey::new).transpose()?,
        })
    }

    /// The part of the address that is no secret.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or("the webhook");
        self.url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether calls are signed.
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        self.key.is_some()
    }

    /// Sends one message. `at` is the time of this attempt, by which receivers tell a replay.
    ///
    /// # Errors
    /// If the receiver didn't say that it has it.
    pub async fn send(&self, id: NoticeId, at: Timestamp, body: &str) -> Result<(), WebhookError> {
        let seconds = at.timestamp();
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("webhook-id", id.to_string())
            .header("webhook-timestamp", seconds);
        if let Some(key) = &self.key {
            request = request.header("webhook-signature", key.sign(id, seconds, body));
        }
        let answer = request.body(body.to_owned()).send().await;
        self.judge(&answer.map_err(|error| self.unreachable(&error))?)
    }

    /// Asks the receiver for nothing but an answer: `OPTIONS`, which no service takes for a message. Says what it answered.
    ///
    /// # Errors
    /// If there is no answer. What the answer is says nothing about the next message.
    pub async fn reach(&self) -> Result<String, WebhookError> {
        let asked = self.client.request(Method::OPTIONS, self.url.clone()).send().await;
        let answer = asked.map_err(|error| self.unreachable(&error))?;
        Ok(format!(
            "{} answers ({} to OPTIONS)",
            self.host(),
            answer.status().as_u16()
        ))
    }

    fn judge(&self, answer: &Response) -> Result<(), WebhookError> {
        let (host, status) = (self.host(), answer.status());
        if status.is_success() {
            Ok(())
        } else if status.is_redirection() {
            Err(WebhookError::Redirected {
                host,
                status: status.as_u16(),
            })
        } else {
            Err(WebhookError::Refused {
                host,
                status: status.as_u16(),
            })
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> WebhookError {
        WebhookError::Unreachable {
            host: self.host(),
            reason: cause(error),
        }
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, WebhookError> {
    let unusable = |reason: String| WebhookError::Authorities {
        path: path.display().to_string(),
        reason,
    };
    let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&text).map_err(|error| unusable(cause(&error)))?;
    if certificates.is_empty() {
        return Err(unusable("it holds no certificate in PEM form".into()));
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests;
