//! The restored copy as the pods of a cluster reach it: an address of this host, open while a launched server runs there. The copy itself has
//! no network and lets everybody in who reaches its socket, so whoever comes this way needs a certificate that was made for this drill;
//! nobody else gets a byte through. Protocol: <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL>

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::time::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;
use zeroize::{Zeroize as _, Zeroizing};

use super::{Sandbox, SandboxError};
use crate::postgres::PORT;

/// What a client asks before anything else, and what it may ask before that.
const SSL_REQUEST: i32 = 80_877_103;
const GSS_REQUEST: i32 = 80_877_104;
/// For a stranger to say who it is.
const PATIENCE: Duration = Duration::from_secs(10);
/// Before and behind now, as long as a drill may take.
const SLACK: TimeDelta = TimeDelta::minutes(5);
const LIFE: TimeDelta = TimeDelta::hours(12);
/// Connections at a time; the copy takes about as many.
const MOST: usize = 100;

/// A way to the copy, closed when it is dropped.
#[derive(Debug)]
pub struct Relay {
    pub address: SocketAddr,
    pub pass: Pass,
    _task: AbortOnDropHandle<()>,
}

/// What a client needs to come in: PEM, all of it. Gone with the drill.
pub struct Pass {
    /// Whose certificate the relay shows.
    pub authority: String,
    pub certificate: String,
    pub key: Zeroizing<String>,
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Pass")
    }
}

impl Sandbox {
    /// Opens it at an address of this host. The certificates are good from now on, for this address and half a day.
    ///
    /// # Errors
    /// If the address can't be listened on, or no key can be made.
    pub async fn relay(&self, listen: SocketAddr, now: Timestamp) -> Result<Relay, SandboxError> {
        let socket = self.socket_dir.join(format!(".s.PGSQL.{PORT}"));
        open(socket, listen, now).await
    }
}

async fn open(socket: PathBuf, listen: SocketAddr, now: Timestamp) -> Result<Relay, SandboxError> {
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        SandboxError::Launcher(format!(
            "the copy can’t be offered at {listen}: {error}. Look at [deployment.sandbox] launcher.kubernetes.database"
        ))
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| SandboxError::Launcher(error.to_string()))?;
    let unusable =
        |error: Box<dyn std::error::Error>| SandboxError::Launcher(format!("no way to the copy can be made: {error}"));
    let (pass, acceptor) = identities(address.ip(), now).map_err(unusable)?;
    let task = tokio::spawn(serve(listener, acceptor, socket));
    Ok(Relay {
        address,
        pass,
        _task: AbortOnDropHandle::new(task),
    })
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, socket: PathBuf) {
    // Dropped with this future, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < MOST => match accepted {
                Ok((stream, _)) => { connections.spawn(carry(stream, acceptor.clone(), socket.clone())); }
                // Too many open files, most likely: others will end.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection, from its request for TLS to its end.
async fn carry(stream: TcpStream, acceptor: TlsAcceptor, socket: PathBuf) -> io::Result<()> {
    let late = |_| io::Error::from(io::ErrorKind::TimedOut);
    let mut outside = timeout(PATIENCE, let_in(stream, acceptor)).await.map_err(late)??;
    let mut inside = UnixStream::connect(socket).await?;
    copy_bidirectional(&mut outside, &mut inside).await?;
    Ok(())
}

async fn let_in(
    mut stream: TcpStream,
    acceptor: TlsAcceptor,
) -> io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    for _ in 0..2 {
        let (length, code) = (stream.read_i32().await?, stream.read_i32().await?);
        match (length, code) {
            (8, SSL_REQUEST) => {
                stream.write_all(b"S").await?;
                return acceptor.accept(stream).await;
            }
            (8, GSS_REQUEST) => stream.write_all(b"N").await?,
            _ => break,
        }
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, "it asked for no TLS"))
}

/// An authority for one drill, which signs for the relay and for one client, and whose key is forgotten at once.
fn identities(address: IpAddr, now: Timestamp) -> Result<(Pass, TlsAcceptor), Box<dyn std::error::Error>> {
    let mut params = named("muster-drill", now);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?)?;

    let mut params = named("muster-drill database", now);
    params.subject_alt_names = vec![SanType::IpAddress(address)];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let server_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let server = params.signed_by(&server_key, &authority)?;

    let mut params = named("muster-drill client", now);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let mut client_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let client = params.signed_by(&client_key, &authority)?;
    let pass = Pass {
        authority: authority.pem(),
        certificate: client.pem(),
        key: Zeroizing::new(client_key.serialize_pem()),
    };
    client_key.zeroize();

    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone())?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build()?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![server.der().clone()], key)?;
    Ok((pass, TlsAcceptor::from(Arc::new(config))))
}

fn named(name: &str, now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let at = |time: Timestamp| epoch + Duration::from_secs(time.timestamp().unsigned_abs());
    (params.not_before, params.not_after) = (at(now - SLACK), at(now + LIFE));
    params
}
