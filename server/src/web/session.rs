//! Sessions: how they are kept, how one begins, how it ends. The id lives in the cookie alone; the store knows its hash.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::audit::Outcome;
use domain::ids::Person;
use domain::role::{Actor, Role};
use recovery::StoreError;
use recovery::audit::Act;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use store::sessions::{SessionRows, session_hash};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::Error as SessionError;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use super::Web;
use super::answer::{Refused, onward};
use super::people::Caller;

/// Longest pause between two requests of a session.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// Its longest life.
pub const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);
/// Key of the person in the session.
const PERSON: &str = "person";
/// Handed back to the identity provider, to show it which of its sessions is over.
const SIGNED_OUT: &str = "signed-out";

/// A signed-in person, as the session keeps them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedInPerson {
    pub person: Person,
    pub name: String,
    pub roles: Vec<Role>,
    /// The ID token of the sign-in. It opens nothing here: decisions take tokens of their own. A provider ends its session only for who shows it.
    pub token: String,
}

/// The session layer. Both limits are the store's, on the database's clock; the cookie itself lasts as long as the browser.
pub fn layer(web: &Web) -> SessionManagerLayer<SessionRows> {
    let rows = SessionRows::new(web.services.store.clone(), IDLE, ABSOLUTE);
    SessionManagerLayer::new(rows)
        .with_name(web.cookie("muster"))
        .with_secure(web.is_secure())
        .with_http_only(true)
        // Strict would lose the session on the way back from the identity provider.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd)
}

/// Who is signed in.
///
/// # Errors
/// If the store doesn't answer.
pub async fn person(session: &Session) -> Result<Option<SignedInPerson>, SessionError> {
    session.get(PERSON).await
}

/// Begins a session for `person`: under a new id, so that one somebody planted before is worth nothing. The audit entry is written while
/// nobody knows that id yet, and without it there is no session.
///
/// # Errors
/// If the store doesn't take it. Then nobody is signed in.
pub async fn begin(web: &Web, session: &Session, person: &SignedInPerson, actor: &Actor) -> anyhow::Result<()> {
    session.cycle_id().await?;
    session.insert(PERSON, person).await?;
    session.save().await?;
    let recorded = record(web, session, actor).await;
    if recorded.is_err() && session.flush().await.is_err() {
        tracing::warn!("a session that was never handed out could not be removed; it ends by itself");
    }
    recorded
}

async fn record(web: &Web, session: &Session, actor: &Actor) -> anyhow::Result<()> {
    let store = &web.services.store;
    if let Some(id) = session.id() {
        store.session_bind(&session_hash(&id), &actor.person).await?;
    }
    let mut tx = store.begin().await?;
    let now = web.services.clock.now();
    store::people::signed_in(&mut tx, &actor.person, &actor.name, actor.roles.iter().copied(), now).await?;
    let act = Act::new(actor, "session.begin", actor.name.clone());
    act.fact(&mut tx, Outcome::Ok, now).await?;
    Ok(tx.commit().await?)
}

/// `POST /auth/sign-out`: ends the session here, then at the provider if it can.
pub async fn end(State(web): State<Web>, caller: Caller, session: Session) -> Result<Response, Refused> {
    let token = person(&session)
        .await
        .ok()
        .flatten()
        .map(|person| SecretString::from(person.token));
    let revoked = revoke(&web, &caller).await;
    revoked.map_err(|error| Refused::by(&web, &error.into(), ("/", "Overview")))?;
    // The row is gone already; this takes the cookie back.
    if session.flush().await.is_err() {
        tracing::warn!("the cookie of a revoked session could not be taken back; it is worth nothing");
    }
    let provider = &web.services.provider;
    let url = provider
        .end_session_url(token.as_ref(), &web.public_url, SIGNED_OUT)
        .await;
    Ok(match url {
        Ok(Some(url)) => onward(
            &web,
            &url,
            "You are signed out of Muster.",
            "Sign out at the identity provider",
        ),
        Ok(None) | Err(_) => Redirect::to("/sign-in").into_response(),
    })
}

async fn revoke(web: &Web, caller: &Caller) -> Result<(), StoreError> {
    let store = &web.services.store;
    let mut tx = store.begin().await?;
    let act = Act::new(&caller.actor, "session.end", caller.actor.name.clone());
    act.fact(&mut tx, Outcome::Ok, web.services.clock.now()).await?;
    tx.commit().await.map_err(StoreError::from)?;
    store.session_revoke(&caller.session).await.map(drop)
}
