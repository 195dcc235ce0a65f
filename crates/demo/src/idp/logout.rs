//! Signing out, asked for by the console (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::Utc;
use serde::Deserialize;

use super::login::{no_cookie, session_cookie};
use super::{Shared, page};

#[derive(Deserialize)]
pub(super) struct LogoutRequest {
    id_token_hint: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

/// Ends the session if the console proves with a token that it means this person; asks the person otherwise, since any page can link here.
pub(super) async fn logout(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(request): Form<LogoutRequest>,
) -> Response {
    let now = Utc::now();
    let session = session_cookie(&headers).and_then(|cookie| shared.memory.session(cookie, now));
    let hint = request.id_token_hint.as_deref();
    let Some(subject) = hint.and_then(|hint| shared.signer.subject_of(hint, &shared.issuer, shared.client.id)) else {
        return page::confirm_sign_out().into_response();
    };
    if session.is_some_and(|session| session.account.subject() != subject) {
        return page::confirm_sign_out().into_response();
    }
    if let Some(cookie) = session_cookie(&headers) {
        shared.memory.sign_out(cookie, now);
    }
    let console = &shared.client.post_logout_redirect_uri;
    if request.post_logout_redirect_uri.as_deref() != Some(console.as_str()) {
        return (no_cookie(), page::signed_out()).into_response();
    }
    let mut back = console.clone();
    if let Some(state) = &request.state {
        back.query_pairs_mut().append_pair("state", state);
    }
    (no_cookie(), Redirect::to(back.as_str())).into_response()
}

/// The button of the page that asks.
pub(super) async fn confirmed(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if let Some(cookie) = session_cookie(&headers) {
        shared.memory.sign_out(cookie, Utc::now());
    }
    (no_cookie(), page::signed_out()).into_response()
}
