//! Why an agent didn't get what it came for.

use std::io;
use std::time::Duration;

use domain::time::span;

use crate::manager::quoted;

/// What stood in the probe's way. Nothing of production is touched, whichever it is.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("the test certificate can’t be made: {0}")]
    Certificate(String),
    #[error("nobody takes connections at {at}: {source}")]
    Connect { at: String, source: io::Error },
    /// The server trusts another authority, or none.
    #[error("the server refused the certificate: {0}")]
    Refused(String),
    #[error("the connection can’t be protected: {0}")]
    Tls(String),
    /// An HTTP status that isn't the expected one.
    #[error("the server answered with HTTP status {0}")]
    Status(u16),
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("what the server sent isn’t OpAMP: {0}")]
    Message(String),
    /// An error response of the protocol.
    #[error("the server refused the agent: {0}")]
    Told(String),
    #[error("the server {what} within {}", span(i64::try_from(.after.as_secs()).unwrap_or(i64::MAX)))]
    Silent { what: &'static str, after: Duration },
}

/// What went wrong below HTTP: a refused certificate shows only when something is read.
pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> ProbeError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = error
            .downcast_ref::<rustls::Error>()
            .or_else(|| inner.and_then(|inner| inner.downcast_ref()));
        if let Some(tls) = tls {
            return of_tls(tls);
        }
        cause = error.source();
    }
    ProbeError::Broken(quoted(&crate::http::innermost(error)))
}

pub(super) fn of_tls(error: &rustls::Error) -> ProbeError {
    match error {
        rustls::Error::AlertReceived(alert) => ProbeError::Refused(format!("TLS alert {alert:?}")),
        other => ProbeError::Tls(quoted(&other.to_string())),
    }
}
