//! Which certificate an address answers with: a handshake of TLS 1.2 or 1.3, and nothing after it.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::recorder::{Recorder, Shown};
use crate::http::innermost;

/// A client that isn't heard saying goodbye goes all the same.
const GOODBYE: Duration = Duration::from_secs(1);

/// Where TLS is served.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// A name or an address, without brackets.
    pub host: String,
    pub port: u16,
}

impl Endpoint {
    /// Takes an IPv6 address with or without brackets.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Self {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Self {
            host: bare.unwrap_or(host).to_owned(),
            port,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// How long the endpoint may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// To find it and to accept the connection.
    pub connect: Duration,
    /// To show its certificate.
    pub handshake: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            handshake: Duration::from_secs(10),
        }
    }
}

/// Why the served certificate isn't known. Continues the name of the endpoint.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProbeError {
    #[error("can’t be asked: {0:?} is no name or address that TLS knows")]
    Name(String),
    #[error("can’t be reached: {0}")]
    Unreachable(String),
    #[error("accepted no connection within {} s", .0.as_secs_f32())]
    NoConnection(Duration),
    #[error("accepted the connection and showed no certificate within {} s", .0.as_secs_f32())]
    Silent(Duration),
    #[error("closed the connection before it showed a certificate")]
    Closed,
    #[error("doesn’t speak TLS")]
    NotTls,
    #[error("refused the handshake: {0}")]
    Refused(String),
    #[error("has no version of TLS or cipher in common with Muster, which speaks 1.2 and 1.3: {0}")]
    Incompatible(String),
    #[error("failed the handshake: {0}")]
    Failed(String),
}

/// Connects, is shown the certificates, and leaves. Sends no data.
///
/// # Errors
/// If there is no certificate to be seen.
pub(super) async fn probe(endpoint: &Endpoint, server_name: &str, patience: Patience) -> Result<Shown, ProbeError> {
    let name = ServerName::try_from(server_name.to_owned()).map_err(|_| ProbeError::Name(server_name.into()))?;
    let connecting = TcpStream::connect((endpoint.host.as_str(), endpoint.port));
    let stream = timeout(patience.connect, connecting)
        .await
        .map_err(|_| ProbeError::NoConnection(patience.connect))?
        .map_err(|error| ProbeError::Unreachable(innermost(&error)))?;
    let (recorder, config) = Recorder::new().map_err(|error| ProbeError::Failed(error.to_string()))?;
    let handshake = TlsConnector::from(Arc::new(config)).connect(name, stream);
    let ended = match timeout(patience.handshake, handshake).await {
        Ok(Ok(mut stream)) => {
            let _ = timeout(GOODBYE, stream.shutdown()).await;
            None
        }
        Ok(Err(error)) => Some(why(&error)),
        Err(_) => Some(ProbeError::Silent(patience.handshake)),
    };
    let shown = recorder.shown();
    match ended {
        // Endpoints that ask for a client certificate end the handshake after they have shown their own.
        Some(error) if shown.chain.is_empty() => Err(error),
        _ => Ok(shown),
    }
}

fn why(error: &io::Error) -> ProbeError {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                ProbeError::Closed
            }
            _ => ProbeError::Failed(error.to_string()),
        };
    };
    match tls {
        rustls::Error::InvalidMessage(_) => ProbeError::NotTls,
        rustls::Error::AlertReceived(alert) => ProbeError::Refused(format!("{alert:?}")),
        rustls::Error::PeerIncompatible(reason) => ProbeError::Incompatible(format!("{reason:?}")),
        other => ProbeError::Failed(other.to_string()),
    }
}
