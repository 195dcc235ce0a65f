//! Signing in and out, and the way back from the identity provider: of sign-ins, and of the logins that decisions take.

use adapters::oidc::{Callback, Pkce, SignIn, SignedIn, random_token};
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use domain::approval::Decision;
use domain::audit::Outcome;
use domain::ids::Sha256;
use domain::role::Actor;
use recovery::approvals::{self, Returned};
use recovery::audit::Act;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use store::SignInAttempt;
use store::sessions::session_hash;
use tower_sessions::Session;
use tower_sessions::cookie::time::Duration;
use tower_sessions::cookie::{Cookie, SameSite};

use super::Web;
use super::answer::Refused;
use super::people::{Caller, KEY, SignedInPerson};

/// Binds a sign-in to the browser that began it.
const BROWSER: &str = "muster-sign-in";
const SIGN_IN_AGAIN: (&str, &str) = ("/sign-in", "Sign in");

#[derive(Deserialize)]
pub struct Begin {
    #[serde(default)]
    return_to: String,
}

/// Sends the browser to the provider.
pub async fn begin(State(web): State<Web>, Query(query): Query<Begin>) -> Result<Response, Refused> {
    let (state, nonce, browser) = (random_token(), random_token(), random_token());
    let pkce = Pkce::generate();
    let sign_in = SignIn {
        state: &state,
        nonce: &nonce,
        pkce_challenge: &pkce.challenge,
    };
    let url = web.services.provider.authorize_url(sign_in).await;
    let url = url.map_err(|error| {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Refused::new(
            &web,
            status,
            "Nobody can sign in now.",
            error.to_string(),
            SIGN_IN_AGAIN,
        )
    })?;
    let attempt = SignInAttempt {
        state_hash: hash(&state),
        browser_hash: hash(&browser),
        nonce,
        pkce_verifier: pkce.verifier.expose_secret().to_owned(),
        return_to: local(&query.return_to),
        at: web.services.clock.now(),
    };
    let kept = web.services.store.sign_in_begin(&attempt).await;
    kept.map_err(|error| Refused::by(&web, &error.into(), SIGN_IN_AGAIN))?;
    let cookie = browser_cookie(&web, browser, Duration::minutes(10));
    Ok((AppendHeaders([(SET_COOKIE, cookie)]), Redirect::to(url.as_str())).into_response())
}

fn browser_cookie(web: &Web, value: String, age: Duration) -> String {
    Cookie::build((web.cookie(BROWSER), value))
        .path("/")
        .http_only(true)
        .secure(web.is_secure())
        .same_site(SameSite::Lax)
        .max_age(age)
        .build()
        .to_string()
}

#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Takes the browser back: a challenge of this session first, else a sign-in.
pub async fn callback(
    State(web): State<Web>,
    caller: Option<Caller>,
    session: Session,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Refused> {
    let Some(code) = back.code else {
        let said = back.error.unwrap_or_else(|| "it sent no code".into());
        let text = format!("The identity provider refused the login: {said}. Nothing was changed.");
        return Err(Refused::new(
            &web,
            StatusCode::CONFLICT,
            "Nobody signed in.",
            text,
            ("/", "Overview"),
        ));
    };
    // Challenges are named by their id, sign-ins by a random token: neither can be taken for the other.
    match caller {
        Some(caller) if back.state.parse::<uuid::Uuid>().is_ok() => {
            decided(
                &web,
                caller,
                Returned {
                    state: back.state,
                    code,
                    iss: back.iss,
                },
            )
            .await
        }
        _ => signed_in(&web, session, &headers, &back.state, &code, back.iss.as_deref()).await,
    }
}

async fn decided(web: &Web, caller: Caller, returned: Returned) -> Result<Response, Refused> {
    let completed = approvals::complete(&web.services, &caller.actor, caller.session, returned).await;
    let completed = completed.map_err(|error| Refused::by(web, &error, ("/requests", "Requests")))?;
    let number = completed.number;
    let to = match completed.decision {
        Decision::Reveal => format!("/requests/{number}/reveal/{}", completed.challenge),
        Decision::Approve | Decision::Reject => format!("/requests/{number}"),
    };
    Ok(Redirect::to(&to).into_response())
}

async fn signed_in(
    web: &Web,
    session: Session,
    headers: &HeaderMap,
    state: &str,
    code: &str,
    iss: Option<&str>,
) -> Result<Response, Refused> {
    let again = |text: &str| Refused::new(web, StatusCode::CONFLICT, "Nobody signed in.", text, SIGN_IN_AGAIN);
    let store = &web.services.store;
    let attempt = store.sign_in_take(&hash(state)).await;
    let attempt = attempt.map_err(|error| Refused::by(web, &error.into(), SIGN_IN_AGAIN))?;
    let browser = cookie(headers, &web.cookie(BROWSER)).map(|value| hash(&value));
    let attempt = attempt
        .filter(|attempt| browser == Some(attempt.browser_hash))
        .ok_or_else(|| {
            again("This sign-in wasn’t begun in this browser, took longer than ten minutes, or was used already.")
        })?;
    let callback = Callback {
        code,
        iss,
        nonce: &attempt.nonce,
        pkce_verifier: &attempt.pkce_verifier.into(),
    };
    let now = web.services.clock.now();
    let signed_in = web.services.provider.exchange(callback, now).await;
    let SignedIn { claims, .. } = signed_in.map_err(|error| again(&error.to_string()))?;
    let person = SignedInPerson {
        person: claims.person,
        name: claims.name,
        roles: claims.roles.into_iter().collect(),
    };
    begin_session(web, &session, &person).await?;
    let gone = browser_cookie(web, String::new(), Duration::ZERO);
    Ok((AppendHeaders([(SET_COOKIE, gone)]), Redirect::to(&attempt.return_to)).into_response())
}

/// A new id, so that one somebody planted before is worth nothing; then the person, the row's owner, and the audit entry.
async fn begin_session(web: &Web, session: &Session, person: &SignedInPerson) -> Result<(), Refused> {
    let failed = |_| {
        let text = "Muster’s own database doesn’t answer, so no session could be kept.";
        Refused::new(
            web,
            StatusCode::SERVICE_UNAVAILABLE,
            "Nobody signed in.",
            text,
            SIGN_IN_AGAIN,
        )
    };
    session.cycle_id().await.map_err(failed)?;
    session.insert(KEY, person).await.map_err(failed)?;
    session.save().await.map_err(failed)?;
    let store = &web.services.store;
    let actor = Actor {
        person: person.person.clone(),
        name: person.name.clone(),
        roles: person.roles.iter().copied().collect(),
        address: None,
    };
    let kept = async {
        if let Some(id) = session.id() {
            store.session_bind(&session_hash(&id), &person.person).await?;
        }
        let mut tx = store.begin().await?;
        let act = Act::new(&actor, "session.begin", person.name.clone());
        act.fact(&mut tx, Outcome::Ok, web.services.clock.now()).await?;
        tx.commit().await.map_err(recovery::StoreError::from)
    };
    kept.await
        .map_err(|error| Refused::by(web, &error.into(), SIGN_IN_AGAIN))
}

/// Ends the session here, then at the provider if it can.
pub async fn end(State(web): State<Web>, caller: Caller, session: Session) -> Result<Response, Refused> {
    let revoked = async {
        web.services.store.session_revoke(&caller.session).await?;
        let mut tx = web.services.store.begin().await?;
        let act = Act::new(&caller.actor, "session.end", caller.actor.name.clone());
        act.fact(&mut tx, Outcome::Ok, web.services.clock.now()).await?;
        tx.commit().await.map_err(recovery::StoreError::from)
    };
    revoked
        .await
        .map_err(|error| Refused::by(&web, &error.into(), ("/", "Overview")))?;
    // The row is gone already; this takes the cookie back.
    if session.flush().await.is_err() {
        tracing::warn!("the cookie of a revoked session could not be taken back; it is worth nothing");
    }
    let provider = web.services.provider.end_session_url(None, &web.public_url, "").await;
    let to = provider
        .ok()
        .flatten()
        .map_or_else(|| "/sign-in".to_owned(), |url| url.to_string());
    Ok(Redirect::to(&to).into_response())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    all.flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == name)
        .map(|cookie| cookie.value().to_owned())
}

/// Only paths of this console: whoever wrote the link may want to send somebody elsewhere.
fn local(path: &str) -> String {
    let plain = path.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    let own = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/auth/");
    if own && plain { path.into() } else { "/".into() }
}

fn hash(text: &str) -> Sha256 {
    Sha256::of(&[text.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for (asked, goes) in [
            ("/requests/7?x=1", "/requests/7?x=1"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/auth/sign-in?return_to=/auth/sign-in", "/"),
            ("", "/"),
            ("/a\r\nSet-Cookie: x=1", "/"),
        ] {
            assert_eq!(local(asked), goes, "{asked:?}");
        }
    }
}
