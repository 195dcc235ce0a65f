//! What all clients of HTTP services in here agree on: an end to every answer, and nothing unprotected on a network.

use std::error::Error;

use reqwest::Response;
use url::{Host, Url};

/// Why an answer could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("its answer is longer than {} KiB", .0 / 1024)]
    TooLong(usize),
    #[error("{0}")]
    Broke(String),
}

/// The body, as long as it has at most `limit` bytes.
pub(crate) async fn body(response: &mut Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| BodyError::Broke(cause(&error)))?
    {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLong(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost cause: "Connection refused", not "error sending request".
pub(crate) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it didn’t answer in time".into();
    }
    innermost(error)
}

/// What an error comes down to.
pub(crate) fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// Whether this address is on this host, so that nothing crosses a network.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
