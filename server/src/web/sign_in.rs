//! Signing in, and the way back from the identity provider: of sign-ins, and of the logins that decisions take.

use std::net::IpAddr;

use adapters::oidc::{Callback, Claims, OidcError, Pkce, SignIn, SignedIn, random_token};
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use domain::approval::Decision;
use domain::ids::Sha256;
use domain::role::Actor;
use recovery::approvals::{self, Returned};
use recovery::audit::Act;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use store::SignInAttempt;
use tower_sessions::Session;
use tower_sessions::cookie::time::Duration;
use tower_sessions::cookie::{Cookie, SameSite};

use super::Web;
use super::answer::{Refused, onward};
use super::local::local;
use super::people::{Address, Caller};
use super::session::{self, SignedInPerson};

/// Binds a sign-in to the browser that began it.
const BROWSER: &str = "muster-sign-in";
const AGAIN: (&str, &str) = ("/sign-in", "Sign in");

#[derive(Deserialize)]
pub struct Begin {
    #[serde(default)]
    return_to: String,
}

/// `GET /auth/sign-in`: sends the browser to the provider.
pub async fn begin(
    State(web): State<Web>,
    headers: HeaderMap,
    Query(query): Query<Begin>,
) -> Result<Response, Refused> {
    let (state, nonce) = (random_token(), random_token());
    // One cookie for all tabs of a browser: a second sign-in must not spoil the first.
    let browser = cookie(&headers, &web.cookie(BROWSER)).filter(|value| value.len() == state.len());
    let browser = browser.unwrap_or_else(random_token);
    let pkce = Pkce::generate();
    let sign_in = SignIn {
        state: &state,
        nonce: &nonce,
        pkce_challenge: &pkce.challenge,
    };
    let url = web.services.provider.authorize_url(sign_in).await;
    let url = url.map_err(|error| no_provider(&web, &error))?;
    let attempt = SignInAttempt {
        state_hash: hash(&state),
        browser_hash: hash(&browser),
        nonce,
        pkce_verifier: pkce.verifier.expose_secret().to_owned(),
        return_to: local(&query.return_to),
        at: web.services.clock.now(),
    };
    let kept = web.services.store.sign_in_begin(&attempt).await;
    kept.map_err(|error| Refused::by(&web, &error.into(), AGAIN))?;
    let cookie = AppendHeaders([(SET_COOKIE, browser_cookie(&web, browser))]);
    let page = onward(
        &web,
        &url,
        "Your identity provider asks who you are.",
        "Continue to sign in",
    );
    Ok((cookie, page).into_response())
}

fn no_provider(web: &Web, error: &OidcError) -> Refused {
    let title = "Nobody can sign in now.";
    Refused::new(web, StatusCode::SERVICE_UNAVAILABLE, title, error.to_string(), AGAIN)
}

fn browser_cookie(web: &Web, value: String) -> String {
    Cookie::build((web.cookie(BROWSER), value))
        .path("/")
        .http_only(true)
        .secure(web.is_secure())
        .same_site(SameSite::Lax)
        .max_age(Duration::minutes(10))
        .build()
        .to_string()
}

/// What the provider sends a browser back with.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// `GET /auth/callback`: takes the browser back, with a challenge of this session or with a sign-in.
pub async fn callback(
    State(web): State<Web>,
    Address(address): Address,
    caller: Option<Caller>,
    session: Session,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Refused> {
    let Some(code) = back.code else {
        return Err(without_code(&web, back.error.as_deref()));
    };
    let Back { state, iss, .. } = back;
    // Challenges are named by their id, sign-ins by a random token: neither can be taken for the other.
    match caller {
        Some(caller) if state.parse::<uuid::Uuid>().is_ok() => {
            decided(&web, caller, Returned { state, code, iss }).await
        }
        _ => {
            let attempt = attempt(&web, &headers, &state).await?;
            signed_in(&web, session, address, attempt, &code, iss.as_deref()).await
        }
    }
}

/// Anybody can write such a link, so nothing of it is repeated but the standard's own words (RFC 6749, section 4.1.2.1).
fn without_code(web: &Web, error: Option<&str>) -> Refused {
    let word = |text: &&str| text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let said = error.filter(word).unwrap_or("it sent no code");
    let text = format!("The identity provider refused the login: {said}. Nothing was changed.");
    Refused::new(web, StatusCode::CONFLICT, "Nobody signed in.", text, ("/", "Overview"))
}

async fn decided(web: &Web, caller: Caller, returned: Returned) -> Result<Response, Refused> {
    let completed = approvals::complete(&web.services, &caller.actor, caller.session, returned).await;
    let completed = completed.map_err(|error| Refused::by(web, &error, ("/requests", "Requests")))?;
    let number = completed.number;
    let to = match completed.decision {
        Decision::Reveal => format!("/requests/{number}/reveal/{}", completed.challenge),
        Decision::Approve | Decision::Reject | Decision::Promote | Decision::GiveUp => format!("/requests/{number}"),
    };
    Ok(Redirect::to(&to).into_response())
}

/// The sign-in that is answered, once, by the browser that began it.
async fn attempt(web: &Web, headers: &HeaderMap, state: &str) -> Result<SignInAttempt, Refused> {
    let attempt = web.services.store.sign_in_take(&hash(state)).await;
    let attempt = attempt.map_err(|error| Refused::by(web, &error.into(), AGAIN))?;
    let browser = cookie(headers, &web.cookie(BROWSER)).map(|value| hash(&value));
    let bound = attempt.filter(|attempt| browser == Some(attempt.browser_hash));
    bound.ok_or_else(|| {
        let text = "This sign-in wasn’t begun in this browser, took longer than ten minutes, or was used already.";
        Refused::new(web, StatusCode::CONFLICT, "Nobody signed in.", text, AGAIN)
    })
}

async fn signed_in(
    web: &Web,
    session: Session,
    address: Option<IpAddr>,
    attempt: SignInAttempt,
    code: &str,
    iss: Option<&str>,
) -> Result<Response, Refused> {
    let callback = Callback {
        code,
        iss,
        nonce: &attempt.nonce,
        pkce_verifier: &attempt.pkce_verifier.into(),
    };
    let SignedIn { claims, raw_id_token } =
        match web.services.provider.exchange(callback, web.services.clock.now()).await {
            Ok(signed_in) => signed_in,
            Err(error @ (OidcError::Unreachable { .. } | OidcError::Unusable { .. })) => {
                return Err(no_provider(web, &error));
            }
            Err(error) => {
                let stranger = Actor {
                    address,
                    ..Actor::job("sign-in")
                };
                refuse(web, &stranger, &error).await?;
                return Err(Refused::new(
                    web,
                    StatusCode::FORBIDDEN,
                    "Nobody signed in.",
                    error.to_string(),
                    AGAIN,
                ));
            }
        };
    let actor = actor(&claims, address);
    if actor.roles.is_empty() {
        refuse(web, &actor, &"no role").await?;
        let text = "Your identity provider knows you, and gives you no role in Muster, so nothing was shown. Ask whoever keeps its groups, \
                    or sign in there as somebody else.";
        let title = format!("{} has no role here.", actor.name);
        return Err(Refused::new(web, StatusCode::FORBIDDEN, &title, text, AGAIN));
    }
    let person = SignedInPerson {
        person: claims.person,
        name: claims.name,
        roles: claims.roles.into_iter().collect(),
        token: raw_id_token.expose_secret().to_owned(),
    };
    let begun = session::begin(web, &session, &person, &actor).await;
    begun.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "a session could not be kept");
        let text = "Muster’s own database doesn’t answer, so no session could be kept. Try again once it is back.";
        Refused::new(web, StatusCode::SERVICE_UNAVAILABLE, "Nobody signed in.", text, AGAIN)
    })?;
    Ok(Redirect::to(&attempt.return_to).into_response())
}

fn actor(claims: &Claims, address: Option<IpAddr>) -> Actor {
    Actor {
        person: claims.person.clone(),
        name: claims.name.clone(),
        roles: claims.roles.clone(),
        address,
    }
}

async fn refuse(web: &Web, actor: &Actor, why: &(dyn std::fmt::Display + Sync)) -> Result<(), Refused> {
    let act = Act::new(actor, "session.begin", actor.name.clone());
    let written = act.refused(&web.services.store, why, web.services.clock.now()).await;
    written.map_err(|error| Refused::by(web, &error.into(), AGAIN))
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    all.flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

fn hash(text: &str) -> Sha256 {
    Sha256::of(&[text.as_bytes()])
}
