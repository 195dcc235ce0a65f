//! The stand-in for Ampora: served in the test's own process at a port, or as a command that a launcher can start. It is no Ampora.

use std::net::SocketAddr;
use std::path::Path;

use adapters::opamp::ServerIdentity;
use adapters::postgres::PgConnectOptions;
use domain::key::MasterKey;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
pub use stand_in::Manner;
use stand_in::{Copy, StandIn};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::task::JoinHandle;

/// A server that is gone when it is dropped.
#[derive(Debug)]
pub struct Served {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves the database at a free port of loopback, under this identity.
///
/// # Errors
/// If it can't be read, or the key is the wrong one.
///
/// # Panics
/// If loopback can't be listened on.
pub async fn serve(
    database: &PgConnectOptions,
    key: &MasterKey,
    server: &ServerIdentity,
    manner: Manner,
) -> Result<Served, String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let identity = (server.certificate_pem.as_bytes(), server.key_pem.as_bytes());
    serve_at(listener, database, key, identity, manner).await
}

/// The same at this listener, with certificate and key in PEM.
///
/// # Errors
/// If it can't be read, or the key is the wrong one.
///
/// # Panics
/// If certificate or key are none.
pub async fn serve_at(
    listener: TcpListener,
    database: &PgConnectOptions,
    key: &MasterKey,
    (certificate, private): (&[u8], &[u8]),
    manner: Manner,
) -> Result<Served, String> {
    let copy = Copy::read(database, key).await.map_err(|error| format!("{error:#}"))?;
    let certificate = CertificateDer::from_pem_slice(certificate).expect("a certificate");
    let private = PrivateKeyDer::from_pem_slice(private).expect("a key");
    let stand_in = StandIn::new(copy, manner, certificate, private).map_err(|error| format!("{error:#}"))?;
    let address = listener.local_addr().expect("an address");
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(stand_in::serve(stand_in.clone(), stream));
        }
    });
    Ok(Served { address, task })
}

/// A way to a served port by a Unix socket, as launched servers have it.
///
/// # Panics
/// If the socket can't be made.
#[must_use]
pub fn socket_to(address: SocketAddr, socket: &Path) -> JoinHandle<()> {
    let listener = UnixListener::bind(socket).expect("a socket");
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut to = TcpStream::connect(address).await.expect("the port is served");
                tokio::io::copy_bidirectional(&mut from, &mut to).await
            });
        }
    })
}

/// The command that a launcher starts: this test program, which becomes the stand-in, told its places by what a launcher fills in.
///
/// # Panics
/// If this program can't be found.
#[must_use]
pub fn command(manner: &str) -> Vec<String> {
    let program = std::env::current_exe().expect("this program");
    let mut words = stand_in::command(&program);
    words.push(format!("--manner={manner}"));
    words
}
