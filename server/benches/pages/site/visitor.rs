//! Somebody who signed in, and asks for one page after the other.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{COOKIE, LOCATION, REFRESH, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use domain::role::Role;
use domain::time::Timestamp;
use testkit::issuer::{Issuer, Vouched};
use tower::ServiceExt as _;
use url::Url;

/// Larger than any page.
const PAGE: usize = 64 * 1024 * 1024;

/// A person in front of a console. Keeps the cookies of their sign-in.
pub struct Visitor {
    router: Router,
    cookies: BTreeMap<String, String>,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

impl Visitor {
    /// Signs in as somebody who has every role.
    pub async fn signed_in(router: Router, issuer: &Issuer, now: Timestamp) -> Self {
        let cookies = BTreeMap::new();
        let mut visitor = Self { router, cookies };
        let begun = visitor.take("/auth/sign-in?return_to=%2F").await;
        let asked = Url::parse(&onward(&begun)).expect("the provider's address");
        let query: BTreeMap<_, _> = asked.query_pairs().into_owned().collect();
        let code = issuer.grant(&Vouched {
            subject: "auditor".into(),
            groups: Role::ALL.map(|role| role.word().to_owned()).into(),
            nonce: query["nonce"].clone(),
            auth_time: Some(now),
            issued_at: now,
        });
        let back = format!("/auth/callback?state={}&code={code}", query["state"]);
        let signed_in = visitor.take(&back).await;
        assert_eq!(onward(&signed_in), "/", "nobody is signed in");
        visitor
    }

    /// A page, to its last byte.
    pub async fn get(&self, path: &str) -> Answer {
        let (status, _, body) = self.ask(path).await;
        Answer { status, body }
    }

    /// Takes the cookies that come with an answer.
    async fn take(&mut self, path: &str) -> HeaderMap {
        let (_, headers, _) = self.ask(path).await;
        for value in headers.get_all(SET_COOKIE) {
            let value = value.to_str().expect("text");
            let (name, rest) = value.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            self.cookies.insert(name.into(), value.into());
        }
        headers
    }

    async fn ask(&self, path: &str) -> (StatusCode, HeaderMap, Bytes) {
        let jar: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = Request::get(path).header(COOKIE, jar.join("; "));
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("answers");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, PAGE).await.expect("a whole body");
        (parts.status, parts.headers, body)
    }
}

/// Where a browser is sent, by redirect or by a page that goes on.
fn onward(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let refresh = || text(REFRESH)?.split_once("url=").map(|(_, url)| url);
    text(LOCATION).or_else(refresh).unwrap_or_default().to_owned()
}
