//! From the console's request over the login page back to the console, with a code.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{SubsecRound as _, Utc};
use serde::Deserialize;

use super::account::Account;
use super::authorize::{AuthorizationRequest, Parameters, Prompt, Refusal, answer};
use super::memory::{Grant, Session};
use super::{PATH, Shared, page};

/// Not the console's cookie name: cookies don't know ports, and both live on one host.
const COOKIE: &str = "muster_demo_idp";

pub(super) async fn authorize(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(parameters): Form<Parameters>,
) -> Response {
    let request = match AuthorizationRequest::check(parameters, &shared.client) {
        Ok(request) => request,
        Err(Refusal::Page(reason)) => return (StatusCode::BAD_REQUEST, page::refusal(reason)).into_response(),
        Err(Refusal::Client {
            error,
            description,
            state,
        }) => return shared.refuse(error, description, state.as_deref()),
    };
    let now = Utc::now();
    let session = session_cookie(&headers).and_then(|cookie| shared.memory.session(cookie, now));
    match session.filter(|session| !request.needs_login(*session, now)) {
        Some(session) => shared.grant(request, session),
        None if request.prompt == Prompt::Never => shared.refuse(
            "login_required",
            "nobody is signed in freshly enough",
            request.state.as_deref(),
        ),
        None => page::login(
            &shared.memory.begin_login(request, now),
            session.map(|session| session.account),
        )
        .into_response(),
    }
}

/// What a button of the login page sends.
#[derive(Deserialize)]
pub(super) struct Choice {
    login: String,
    account: String,
}

pub(super) async fn sign_in(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Response {
    let now = Utc::now();
    let account = Account::named(&choice.account);
    let Some((account, request)) = account.zip(shared.memory.finish_login(&choice.login, now)) else {
        let reason =
            "This login was used already, or is older than ten minutes. Go back to the console and sign in again.";
        return (StatusCode::BAD_REQUEST, page::refusal(reason)).into_response();
    };
    if let Some(former) = session_cookie(&headers) {
        shared.memory.sign_out(former, now);
    }
    // ID tokens tell whole seconds, so nothing finer is kept.
    let session = Session {
        account,
        auth_time: now.trunc_subsecs(0),
    };
    let cookie = format!(
        "{COOKIE}={}; Path={PATH}; HttpOnly; SameSite=Lax",
        shared.memory.sign_in(session, now)
    );
    ([(header::SET_COOKIE, cookie)], shared.grant(request, session)).into_response()
}

impl Shared {
    fn grant(&self, request: AuthorizationRequest, session: Session) -> Response {
        let state = request.state.clone();
        let code = self.memory.issue_code(Grant { request, session }, Utc::now());
        self.send_back(state.as_deref(), &[("code", &code)])
    }

    fn refuse(&self, error: &str, description: &str, state: Option<&str>) -> Response {
        self.send_back(state, &[("error", error), ("error_description", description)])
    }

    fn send_back(&self, state: Option<&str>, fields: &[(&str, &str)]) -> Response {
        Redirect::to(answer(&self.client, &self.issuer, state, fields).as_str()).into_response()
    }
}

/// The value of the session cookie, where the browser sent one.
pub(super) fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// Takes the cookie back.
pub(super) fn no_cookie() -> [(header::HeaderName, String); 1] {
    [(
        header::SET_COOKIE,
        format!("{COOKIE}=; Path={PATH}; HttpOnly; SameSite=Lax; Max-Age=0"),
    )]
}
