//! The way to the server: a Unix socket of a sandbox, or a port. Protected, unless a test says otherwise.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

use super::ProbeError;
use super::error::broken;

/// Where agents connect: <https://github.com/open-telemetry/opamp-spec/blob/main/specification.md#establishing-connection>.
pub const PATH: &str = "/v1/opamp";

/// Where a server takes connections.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Address {
    Socket(PathBuf),
    Port(SocketAddr),
}

/// A server as an agent knows it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub address: Address,
    /// As in its certificate and in `Host`.
    pub name: String,
    /// `None`: plain HTTP, for a server that isn't Ampora.
    pub tls: Option<Arc<ClientConfig>>,
}

/// Bytes in both directions.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

pub(super) type Stream = Box<dyn Duplex>;

impl Endpoint {
    pub(super) async fn connect(&self) -> Result<Stream, ProbeError> {
        let refused = |source| ProbeError::Connect {
            at: self.place(),
            source,
        };
        let plain: Stream = match &self.address {
            Address::Socket(path) => Box::new(UnixStream::connect(path).await.map_err(refused)?),
            Address::Port(address) => Box::new(TcpStream::connect(address).await.map_err(refused)?),
        };
        let Some(config) = &self.tls else {
            return Ok(plain);
        };
        let name = ServerName::try_from(self.name.clone()).map_err(|error| ProbeError::Tls(error.to_string()))?;
        let protected = TlsConnector::from(Arc::clone(config)).connect(name, plain).await;
        Ok(Box::new(protected.map_err(|error| broken(&error))?))
    }

    /// The address in words.
    fn place(&self) -> String {
        match &self.address {
            Address::Socket(path) => path.display().to_string(),
            Address::Port(address) => address.to_string(),
        }
    }
}
