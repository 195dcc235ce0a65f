//! Turns a code into an ID token, once, for the client it was made for (RFC 6749, section 4.1.3; RFC 7636, section 4.6).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Form, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use domain::ids::Sha256;
use serde::Deserialize;
use serde_json::json;

use super::memory::random_name;
use super::{Shared, id_token};

#[derive(Deserialize)]
pub(super) struct TokenRequest {
    grant_type: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(request): Form<TokenRequest>,
) -> Response {
    if !shared
        .client
        .is_proven_by(&headers, request.client_id.as_deref(), request.client_secret.as_deref())
    {
        let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"muster demo\"")];
        return (
            StatusCode::UNAUTHORIZED,
            challenge,
            Json(json!({"error": "invalid_client"})),
        )
            .into_response();
    }
    let issued = redeem(&shared, &request);
    match issued {
        Ok(id_token) => Json(json!({
            // The provider has nothing that an access token could open, but clients insist on one.
            "access_token": random_name(),
            "token_type": "Bearer",
            "expires_in": id_token::LIFE.num_seconds(),
            "id_token": id_token,
        }))
        .into_response(),
        Err((error, description)) => (
            StatusCode::BAD_REQUEST,
            Json(json!({"error": error, "error_description": description})),
        )
            .into_response(),
    }
}

fn redeem(shared: &Shared, request: &TokenRequest) -> Result<String, (&'static str, &'static str)> {
    if request.grant_type.as_deref() != Some("authorization_code") {
        return Err(("unsupported_grant_type", "grant_type must be authorization_code"));
    }
    let now = Utc::now();
    let code = request.code.as_deref().ok_or(("invalid_request", "code is missing"))?;
    // The code is gone from here on: a second guess at the verifier would need a second login.
    let grant = shared
        .memory
        .redeem(code, now)
        .ok_or(("invalid_grant", "the code is unknown, was used, or is older than 60 s"))?;
    if request.redirect_uri.as_deref() != Some(shared.client.redirect_uri.as_str()) {
        return Err(("invalid_grant", "redirect_uri isn't the one the code was sent to"));
    }
    let verifier = request
        .code_verifier
        .as_deref()
        .ok_or(("invalid_grant", "code_verifier is missing"))?;
    if URL_SAFE_NO_PAD.encode(Sha256::of(&[verifier.as_bytes()]).0) != grant.request.code_challenge {
        return Err(("invalid_grant", "code_verifier doesn't match the challenge"));
    }
    shared
        .signer
        .sign(&shared.issuer, shared.client.id, grant, now)
        .map_err(|error| {
            tracing::error!(%error, "the demo's identity provider could not sign a token");
            ("server_error", "the token could not be signed")
        })
}
