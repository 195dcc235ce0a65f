//! A TLS endpoint whose certificate can be changed while it runs, and listeners that are no such thing.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::{Authority, Issued};

/// How an endpoint differs from the usual.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Manner {
    /// TLS 1.2 and 1.3, for everybody.
    #[default]
    Usual,
    Tls12Only,
    /// TLS 1.2, for clients with a certificate only.
    Tls12WithClients,
    /// TLS 1.3, for clients with a certificate only.
    Tls13WithClients,
}

/// An endpoint on loopback, gone when it is dropped.
pub struct TlsEndpoint {
    pub address: SocketAddr,
    config: Arc<RwLock<Arc<ServerConfig>>>,
    manner: Manner,
    task: JoinHandle<()>,
}

impl TlsEndpoint {
    /// Serves `leaf`, followed by the certificates of `chain`, on a free port.
    pub async fn start(leaf: &Issued, chain: &[&Authority]) -> Self {
        Self::start_in(Manner::Usual, leaf, chain).await
    }

    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start_in(manner: Manner, leaf: &Issued, chain: &[&Authority]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let config = Arc::new(RwLock::new(server_config(manner, leaf, chain)));
        let task = tokio::spawn(accept(listener, Arc::clone(&config)));
        Self {
            address,
            config,
            manner,
            task,
        }
    }

    /// Serves another certificate from now on, at the same address.
    pub fn serve(&self, leaf: &Issued, chain: &[&Authority]) {
        let config = server_config(self.manner, leaf, chain);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
    }
}

impl Drop for TlsEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, config: Arc<RwLock<Arc<ServerConfig>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let config = Arc::clone(&config.read().unwrap_or_else(PoisonError::into_inner));
        tokio::spawn(async move {
            if let Ok(mut stream) = TlsAcceptor::from(config).accept(stream).await {
                let _ = stream.shutdown().await;
            }
        });
    }
}

/// What a server of this certificate is made from.
///
/// # Panics
/// If the key doesn't belong to the certificate.
#[must_use]
pub fn server_config(manner: Manner, leaf: &Issued, chain: &[&Authority]) -> Arc<ServerConfig> {
    let versions: &[&'static SupportedProtocolVersion] = match manner {
        Manner::Usual => &[&TLS12, &TLS13],
        Manner::Tls12Only | Manner::Tls12WithClients => &[&TLS12],
        Manner::Tls13WithClients => &[&TLS13],
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .expect("versions of the provider");
    let builder = match manner {
        Manner::Usual | Manner::Tls12Only => builder.with_no_client_auth(),
        Manner::Tls12WithClients | Manner::Tls13WithClients => {
            let mut roots = RootCertStore::empty();
            let root = chain.last().expect("the authority of the clients");
            roots.add(root.der().into()).expect("a certificate");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a root"))
        }
    };
    let served = std::iter::once(leaf.der()).chain(chain.iter().map(|authority| authority.der()));
    let served = served.map(CertificateDer::from).collect();
    let key = PrivatePkcs8KeyDer::from(leaf.key_der()).into();
    Arc::new(
        builder
            .with_single_cert(served, key)
            .expect("a key and its certificate"),
    )
}

/// A listener whose connections are TLS, for a server of the test kit.
pub(crate) struct TlsListener {
    pub listener: TcpListener,
    pub acceptor: TlsAcceptor,
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.listener.accept().await else {
                continue;
            };
            // One client at a time shakes hands: a test has no more.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// What a listener does with a connection, instead of TLS.
#[derive(Clone, Copy, Debug)]
pub enum Other {
    /// Accepts and says nothing.
    Hangs,
    Closes,
    /// Greets, as mail and SSH servers do.
    Greets,
    /// Sends bytes without end.
    Floods,
}

/// A listener that doesn't speak TLS, gone when it is dropped.
pub struct NoTls {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl NoTls {
    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start(other: Other) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(misbehave(stream, other));
            }
        });
        Self { address, task }
    }
}

async fn misbehave(mut stream: TcpStream, other: Other) {
    match other {
        Other::Hangs => std::future::pending().await,
        Other::Closes => {}
        Other::Greets => {
            let _ = stream.write_all(b"220 mail.example.org ESMTP\r\n").await;
            std::future::pending().await
        }
        Other::Floods => while stream.write_all(&[0x16; 64 * 1024]).await.is_ok() {},
    }
}

impl Drop for NoTls {
    fn drop(&mut self) {
        self.task.abort();
    }
}
