//! The service that gives out a registry's tokens: JSON Web Tokens by a key whose certificate the registry knows.
//! Format: <https://distribution.github.io/distribution/spec/auth/jwt/>

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{TimeDelta, Utc};
use rcgen::{Certificate, CertificateParams, KeyPair, PKCS_RSA_SHA256, SigningKey as _};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{PASSWORD, USERNAME};

const ISSUER: &str = "tokens of the tests";
const SERVICE: &str = "registry, of the tests";

/// A token service on loopback, gone when it is dropped.
#[derive(Debug)]
pub struct TokenService {
    url: String,
    signer: Arc<Signer>,
    task: tokio::task::JoinHandle<()>,
}

struct Signer {
    key: KeyPair,
    certificate: Certificate,
    given: AtomicUsize,
    expired: AtomicUsize,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

impl TokenService {
    /// Starts it on a free port.
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/token", listener.local_addr().expect("an address"));
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
        let params = CertificateParams::new(vec!["tokens.example.org".into()]).expect("a plain name");
        let signer = Arc::new(Signer {
            certificate: params.self_signed(&key).expect("a certificate"),
            key,
            given: AtomicUsize::default(),
            expired: AtomicUsize::default(),
        });
        let router = Router::new()
            .route("/token", get(token))
            .with_state(Arc::clone(&signer));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, signer, task }
    }

    /// What the registry is told about it.
    pub(super) fn settings(&self, folder: &Path) -> String {
        let bundle = folder.join("tokens.pem");
        fs::write(&bundle, self.signer.certificate.pem()).expect("our own folder");
        format!(
            "auth: {{token: {{realm: '{}', service: '{SERVICE}', issuer: '{ISSUER}', rootcertbundle: {}}}}}",
            self.url,
            bundle.display()
        )
    }

    /// A token to pull and push, for those who needn't ask.
    pub(super) fn token_for(&self, repository: &str) -> String {
        self.signer
            .sign(&format!("repository:{repository}:pull,push"), TimeDelta::minutes(5))
    }

    /// The next `count` tokens that somebody asks for have expired long ago.
    pub fn give_expired(&self, count: usize) {
        self.signer.expired.store(count, Ordering::SeqCst);
    }

    /// How many tokens somebody asked for and got.
    #[must_use]
    pub fn given(&self) -> usize {
        self.signer.given.load(Ordering::SeqCst)
    }
}

impl Drop for TokenService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Signer {
    fn sign(&self, scope: &str, life: TimeDelta) -> String {
        let now = Utc::now();
        let access = scope.rsplitn(2, ':').collect::<Vec<_>>();
        let [actions, kind_and_name] = access.as_slice() else {
            panic!("a scope has three parts: {scope}")
        };
        let (kind, name) = kind_and_name.split_once(':').expect("a scope has three parts");
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5c": [STANDARD.encode(self.certificate.der())] });
        let claims = json!({
            "iss": ISSUER, "sub": USERNAME, "aud": SERVICE, "jti": "1",
            "iat": now.timestamp(), "nbf": (now - TimeDelta::days(1)).timestamp(), "exp": (now + life).timestamp(),
            "access": [{ "type": kind, "name": name, "actions": actions.split(',').collect::<Vec<_>>() }],
        });
        let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = parts.join(".");
        let signature = self.key.sign(signed.as_bytes()).expect("an RSA key signs");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn token(
    State(signer): State<Arc<Signer>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> (StatusCode, Json<Value>) {
    let known = format!("Basic {}", STANDARD.encode(format!("{USERNAME}:{PASSWORD}")));
    if headers.get("authorization").is_none_or(|sent| sent != &known) {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "details": "incorrect username or password" })),
        );
    }
    let query = query.unwrap_or_default();
    let asked = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    let asked_here = asked("service").is_some_and(|(_, service)| service == SERVICE);
    let Some((_, scope)) = asked("scope").filter(|_| asked_here) else {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({ "details": "scope and service are needed" })),
        );
    };
    signer.given.fetch_add(1, Ordering::SeqCst);
    let expired = signer
        .expired
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
        .is_ok();
    let life = if expired {
        TimeDelta::hours(-1)
    } else {
        TimeDelta::minutes(5)
    };
    (
        StatusCode::OK,
        Json(json!({ "token": signer.sign(&scope, life), "expires_in": 300 })),
    )
}
