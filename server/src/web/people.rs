//! Who is asking: from the session to the actor that every use case takes.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use app::pages::Session as PageSession;
use axum::extract::{ConnectInfo, FromRef, FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::ids::Sha256;
use domain::role::Actor;
use ipnet::IpNet;
use store::sessions::session_hash;
use tower_sessions::Session;
use url::form_urlencoded::byte_serialize;

use super::Web;
use super::answer::Refused;
use super::session;

/// What may be seen without a session.
const OPEN: [&str; 4] = ["/auth/sign-in", "/auth/callback", "/sign-in", "/theme"];

/// The actor and the session that a form is posted with.
#[derive(Clone, Debug)]
pub struct Caller {
    pub actor: Actor,
    pub session: Sha256,
}

impl Caller {
    fn of(parts: &Parts) -> Option<Self> {
        let actor = parts.extensions.get::<Actor>()?.clone();
        let session = parts.extensions.get::<PageSession>()?.0;
        Some(Self { actor, session })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let nobody = || (StatusCode::UNAUTHORIZED, "Nobody is signed in. Nothing was changed.\n").into_response();
        Self::of(parts).ok_or_else(nobody)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(parts))
    }
}

/// Puts the actor beside the request, or asks for a sign-in.
pub async fn know(State(web): State<Web>, session: Session, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let person = match session::person(&session).await {
        Ok(person) => person.zip(session.id()),
        Err(_) => return no_database(&web).into_response(),
    };
    if let Some((person, id)) = person {
        let address = address(request.extensions(), request.headers(), &web.trusted_proxies);
        let roles = person.roles.into_iter().collect();
        request.extensions_mut().insert(Actor {
            person: person.person,
            name: person.name,
            roles,
            address,
        });
        request.extensions_mut().insert(PageSession(session_hash(&id)));
    } else if !OPEN.contains(&path.as_str()) {
        return ask_to_sign_in(&web, &request);
    }
    next.run(request).await
}

fn no_database(web: &Web) -> Refused {
    let text = "Muster’s own database doesn’t answer, so nobody can be recognised. Ampora and its backups are unharmed; \
                `muster inventory` works at a shell.";
    let title = "This can’t be shown now.";
    Refused::new(web, StatusCode::SERVICE_UNAVAILABLE, title, text, ("/", "Try again"))
}

fn ask_to_sign_in(web: &Web, request: &Request) -> Response {
    let page = request.method() == Method::GET && request.uri().path() != "/events";
    if !page {
        let text = "Your session is over. Nothing was changed.";
        let refused = Refused::new(
            web,
            StatusCode::UNAUTHORIZED,
            "Sign in again.",
            text,
            ("/sign-in", "Sign in"),
        );
        return refused.into_response();
    }
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    let to: String = byte_serialize(here.as_bytes()).collect();
    Redirect::to(&format!("/sign-in?return_to={to}")).into_response()
}

/// Where a request comes from. `None` within tests, which have no peer.
#[derive(Clone, Copy, Debug)]
pub struct Address(pub Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Address
where
    Web: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let web = Web::from_ref(state);
        Ok(Self(address(&parts.extensions, &parts.headers, &web.trusted_proxies)))
    }
}

/// The peer; behind a proxy that is trusted, whom that proxy names last.
fn address(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(behind_proxies(peer.ip().to_canonical(), headers, trusted))
}

fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let named = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut hops: Vec<IpAddr> = named
        .flat_map(|list| list.split(','))
        .filter_map(|hop| hop.trim().parse().ok())
        .collect();
    let mut current = peer;
    while is_trusted(&current) {
        let Some(before) = hops.pop() else { break };
        current = before;
    }
    current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            "6.6.6.6, 203.0.113.7, 10.0.0.2".parse().expect("a header"),
        );
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a network")];
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(behind_proxies(ip("10.0.0.1"), &headers, &trusted), ip("203.0.113.7"));
        assert_eq!(
            behind_proxies(ip("198.51.100.1"), &headers, &trusted),
            ip("198.51.100.1")
        );
        assert_eq!(behind_proxies(ip("10.0.0.1"), &headers, &[]), ip("10.0.0.1"));
    }
}
