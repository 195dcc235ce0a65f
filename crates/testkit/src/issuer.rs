//! An identity provider that signs whatever a test tells it to: also logins that no honest provider would vouch for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use adapters::oidc::{Pace, ProviderSettings};
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, TimeDelta, Utc};
use domain::role::Role;
use openidconnect::core::{
    CoreEdDsaPrivateSigningKey, CoreGenderClaim, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, Audience, EndUserName, IdToken, IdTokenClaims, IssuerUrl, JsonWebKeyId, LocalizedClaim, Nonce,
    PrivateSigningKey as _, StandardClaims, SubjectIdentifier,
};
use rcgen::{KeyPair, PKCS_ED25519};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The client every test signs in as.
pub const CLIENT: &str = "muster";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Groups {
    groups: Vec<String>,
}

impl AdditionalClaims for Groups {}

type Token = IdToken<Groups, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

/// A login to be vouched for.
#[derive(Clone, Debug)]
pub struct Vouched {
    pub subject: String,
    /// Words of roles; the settings map them to roles of the same name.
    pub groups: Vec<String>,
    pub nonce: String,
    pub auth_time: Option<DateTime<Utc>>,
    pub issued_at: DateTime<Utc>,
}

/// A provider on loopback, gone when it is dropped.
pub struct Issuer {
    url: String,
    key: CoreEdDsaPrivateSigningKey,
    codes: Mutex<HashMap<String, String>>,
    task: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Issuer {
    /// Starts it on a free port.
    ///
    /// # Panics
    /// If loopback can't be listened on.
    pub async fn start() -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let pem = KeyPair::generate_for(&PKCS_ED25519).expect("a key").serialize_pem();
        let key = CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new("test".into())));
        let issuer = Arc::new(Self {
            url,
            key: key.expect("an Ed25519 key"),
            codes: Mutex::default(),
            task: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(Arc::downgrade(&issuer));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        *issuer.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task);
        issuer
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How Muster is registered with it.
    ///
    /// # Panics
    /// Never: the addresses are its own.
    #[must_use]
    pub fn settings(&self) -> ProviderSettings {
        ProviderSettings {
            issuer: self.url.parse().expect("a URL"),
            client_id: CLIENT.into(),
            client_secret: None,
            redirect_url: "http://127.0.0.1:1/auth/callback".parse().expect("a URL"),
            scopes: Vec::new(),
            role_claim: "groups".into(),
            roles: Role::ALL.map(|role| (role, vec![role.word().to_owned()])).into(),
            person_claim: None,
            skew: TimeDelta::seconds(5),
            pace: Pace::default(),
        }
    }

    /// Signs an ID token for this login.
    ///
    /// # Panics
    /// Never: everything in it is plain.
    #[must_use]
    pub fn sign(&self, login: &Vouched) -> String {
        let name = LocalizedClaim::from(EndUserName::new(login.subject.clone()));
        let person = StandardClaims::new(SubjectIdentifier::new(login.subject.clone())).set_name(Some(name));
        let claims = IdTokenClaims::new(
            IssuerUrl::new(self.url.clone()).expect("a URL"),
            vec![Audience::new(CLIENT.into())],
            login.issued_at + TimeDelta::hours(1),
            login.issued_at,
            person,
            Groups {
                groups: login.groups.clone(),
            },
        )
        .set_auth_time(login.auth_time)
        .set_nonce(Some(Nonce::new(login.nonce.clone())));
        let signed = Token::new(claims, &self.key, CoreJwsSigningAlgorithm::EdDsa, None, None);
        signed.expect("plain claims are signed").to_string()
    }

    /// A code that is exchanged for a token of this login, once.
    pub fn grant(&self, login: &Vouched) -> String {
        let token = self.sign(login);
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), token);
        code
    }

    /// Answers nobody any more.
    pub fn stop(&self) {
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.stop();
    }
}

type Shared = State<std::sync::Weak<Issuer>>;

fn alive(issuer: &std::sync::Weak<Issuer>) -> Result<Arc<Issuer>, StatusCode> {
    issuer.upgrade().ok_or(StatusCode::SERVICE_UNAVAILABLE)
}

async fn metadata(State(issuer): Shared) -> Result<Json<Value>, StatusCode> {
    let url = alive(&issuer)?.url.clone();
    Ok(Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "token_endpoint_auth_methods_supported": ["none"],
    })))
}

async fn keys(State(issuer): Shared) -> Result<Json<CoreJsonWebKeySet>, StatusCode> {
    let key = alive(&issuer)?.key.as_verification_key();
    Ok(Json(CoreJsonWebKeySet::new(vec![key])))
}

#[derive(Deserialize)]
struct Exchange {
    code: String,
}

async fn token(State(issuer): Shared, Form(form): Form<Exchange>) -> Result<Json<Value>, StatusCode> {
    let issuer = alive(&issuer)?;
    let mut codes = issuer.codes.lock().unwrap_or_else(PoisonError::into_inner);
    let token = codes.remove(&form.code).ok_or(StatusCode::BAD_REQUEST)?;
    Ok(Json(
        json!({ "access_token": "none", "token_type": "Bearer", "id_token": token }),
    ))
}
