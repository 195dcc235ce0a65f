//! What carries the SDK's questions: Muster's own HTTP client, with an end to every wait and every answer, and no way to another host.

use std::fs;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::{AsyncRawResponse, ExponentialRetryOptions, HttpClient, Request, RetryOptions, Url};
use azure_core::time::Duration as Span;
use azure_core::{Error, Result as Answer};
use futures::TryStreamExt as _;
use reqwest::{Certificate, Client, ClientBuilder, redirect};

use super::settings::AzureSecretSettings;
use crate::http::cause;

/// Longest answer. A page of versions with all the tags that Azure allows is half a megabyte.
const LONGEST: usize = 4 * 1024 * 1024;

/// A client that asks one place, or any.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client,
    /// A list goes on where the server says, and takes the login along.
    only: Option<Url>,
}

/// To the vault and nowhere else.
pub(super) fn to_vault(settings: &AzureSecretSettings) -> Result<Wire, String> {
    Ok(Wire {
        only: Some(settings.vault_url.clone()),
        ..to_login(settings)?
    })
}

/// To wherever tokens are given out.
pub(super) fn to_login(settings: &AzureSecretSettings) -> Result<Wire, String> {
    let builder = usual(settings.patience).https_only(true);
    let builder = match &settings.ca {
        Some(path) => builder.tls_certs_merge(authorities(path)?),
        None => builder,
    };
    Wire::new(builder)
}

/// To the service of this machine that knows its identity. It speaks no TLS, and elsewhere nothing at all answers at its address:
/// <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>.
pub(super) fn to_this_machine(settings: &AzureSecretSettings) -> Result<Wire, String> {
    let patience = settings.patience.min(Duration::from_secs(2));
    Wire::new(usual(settings.patience).connect_timeout(patience).no_proxy())
}

/// A few more tries, soon, and none after so long.
pub(super) fn repeats(most: u32, within: Span) -> RetryOptions {
    RetryOptions::exponential(ExponentialRetryOptions {
        initial_delay: Span::milliseconds(250),
        max_retries: most,
        max_total_elapsed: within,
        max_delay: Span::seconds(4),
    })
}

fn usual(patience: Duration) -> ClientBuilder {
    Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(patience.min(Duration::from_secs(10)))
        .timeout(patience)
        .user_agent("muster")
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, String> {
    let unusable = |why: String| format!("the authorities in {} can’t be used: {why}", path.display());
    let text = fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&text).map_err(|error| unusable(cause(&error)))?;
    if found.is_empty() {
        return Err(unusable("there is no certificate in PEM form".into()));
    }
    Ok(found)
}

impl Wire {
    fn new(builder: ClientBuilder) -> Result<Self, String> {
        let client = builder.build().map_err(|error| cause(&error))?;
        Ok(Self { client, only: None })
    }
}

#[async_trait]
impl HttpClient for Wire {
    async fn execute_request(&self, request: &Request) -> Answer<AsyncRawResponse> {
        if let Some(only) = &self.only
            && only.origin() != request.url().origin()
        {
            let elsewhere = request.url().host_str().unwrap_or("nowhere");
            let why = format!("it says that its answer goes on at {elsewhere}, where Muster doesn’t ask");
            return Err(Error::with_message(ErrorKind::DataConversion, why));
        }
        let (status, headers, mut body) = self.client.execute_request(request).await?.deconstruct();
        let mut bytes = Vec::new();
        while let Some(chunk) = body.try_next().await? {
            if bytes.len() + chunk.len() > LONGEST {
                let why = format!("its answer is longer than {} KiB", LONGEST / 1024);
                return Err(Error::with_message(ErrorKind::DataConversion, why));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, bytes))
    }
}
