//! The demo's own OpenID provider, so that a first look at Muster needs no account anywhere. It asks for no password and therefore
//! listens on a loopback address only, and nothing but a demo can start it.

mod account;
mod authorize;
mod client;
mod discovery;
mod guard;
mod id_token;
mod login;
mod logout;
mod memory;
mod page;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use id_token::Signer;

pub use account::Account;
pub(crate) use account::{ACCOUNTS, AUDITORS, OPERATORS, VIEWERS};
pub(crate) use client::Client;
pub(crate) use id_token::new_signing_key;

/// Below which everything lies.
const PATH: &str = "/demo";
/// How long answers under way may take when the demo stops.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// The running provider, until it is stopped or dropped.
pub(crate) struct Provider {
    issuer: String,
    address: SocketAddr,
    stopping: DropGuard,
    serving: JoinHandle<std::io::Result<()>>,
}

/// What every request handler needs.
struct Shared {
    /// Scheme, address and port, as browsers write them.
    origin: String,
    issuer: String,
    client: Client,
    signer: Signer,
    memory: memory::Memory,
}

impl Provider {
    /// Starts to serve on the first of the addresses that is free.
    ///
    /// # Errors
    /// If an address isn't loopback, whatever the others are, or if none is free.
    pub async fn start(addresses: &[SocketAddr], client: Client, signing_key: &str) -> anyhow::Result<Self> {
        let listener = listen(addresses).await?;
        let signer = Signer::from_pem(signing_key)?;
        let address = listener
            .local_addr()
            .context("The demo's identity provider has no address.")?;
        let origin = format!("http://{address}");
        // With a path, so that nobody can be unsure whether a slash belongs at its end.
        let issuer = format!("{origin}{PATH}");
        let shared = Arc::new(Shared {
            origin,
            issuer: issuer.clone(),
            client,
            signer,
            memory: memory::Memory::default(),
        });
        let stopping = CancellationToken::new();
        let served = axum::serve(listener, router(shared)).with_graceful_shutdown(stopping.clone().cancelled_owned());
        Ok(Self {
            issuer,
            address,
            stopping: stopping.drop_guard(),
            serving: tokio::spawn(served.into_future()),
        })
    }

    /// The claim `iss` of every token, under which the discovery document lies.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub async fn stop(mut self) {
        drop(self.stopping);
        if timeout(LAST_ANSWERS, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}

async fn listen(addresses: &[SocketAddr]) -> anyhow::Result<TcpListener> {
    for address in addresses {
        ensure!(
            address.ip().is_loopback(),
            "The demo's identity provider asks for no password, so it serves loopback addresses only, not {}. Nothing was started.",
            address.ip()
        );
    }
    let mut failure = None;
    for address in addresses {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = Some(error),
        }
    }
    let failure = failure.unwrap_or_else(|| std::io::ErrorKind::AddrNotAvailable.into());
    Err(failure)
        .context("The demo's identity provider found no free loopback port. Free one, or name another --listen.")
}

fn router(shared: Arc<Shared>) -> Router {
    let provider = Router::new()
        .route("/.well-known/openid-configuration", get(discovery::metadata))
        .route("/jwks", get(discovery::keys))
        .route("/authorize", get(login::authorize).post(login::authorize))
        .route("/login", post(login::sign_in))
        .route("/token", post(token::token))
        .route("/logout", get(logout::logout).post(logout::logout))
        .route("/logout/confirmed", post(logout::confirmed))
        .route("/style.css", get(page::style));
    Router::new()
        .nest(PATH, provider)
        .layer(middleware::from_fn_with_state(shared.clone(), guard::guard))
        .with_state(shared)
}

#[cfg(test)]
mod tests;
