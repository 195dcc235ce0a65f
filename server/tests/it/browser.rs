//! A browser: keeps cookies, says where its forms come from, follows nothing by itself.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, REFRESH, SET_COOKIE};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use chrono::Utc;
use testkit::issuer::Vouched;
use tower::ServiceExt as _;
use url::Url;

use crate::site::{self, Site};

/// Larger than any page.
const PAGE: usize = 8 * 1024 * 1024;

pub struct Browser<'s> {
    site: &'s Site,
    cookies: Mutex<BTreeMap<String, String>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// Where the browser is sent, by redirect or by a page that goes on.
    pub fn onward(&self) -> String {
        let text = |name| {
            self.headers
                .get(name)
                .map(|value| value.to_str().expect("text").to_owned())
        };
        let refresh = || text(REFRESH).and_then(|value| Some(value.split_once("url=")?.1.to_owned()));
        text(LOCATION).or_else(refresh).unwrap_or_default()
    }
}

impl<'s> Browser<'s> {
    /// Somebody who isn't signed in.
    pub fn new(site: &'s Site) -> Self {
        Self {
            site,
            cookies: Mutex::default(),
        }
    }

    /// Somebody who signed in the way people do.
    pub async fn signed_in(site: &'s Site, name: &str, role: &str) -> Self {
        let browser = Self::new(site);
        let back = browser.sign_in(name, &[role], "/keys").await;
        assert_eq!(
            (back.status, back.onward().as_str()),
            (StatusCode::SEE_OTHER, "/keys"),
            "{}",
            back.text
        );
        browser
    }

    /// Begins at the console, is vouched for by the provider, comes back.
    pub async fn sign_in(&self, name: &str, roles: &[&str], return_to: &str) -> Answer {
        let query: String = url::form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
        let begun = self.get(&format!("/auth/sign-in?return_to={query}")).await;
        self.get(&self.vouched_for(&begun.onward(), name, roles)).await
    }

    /// What the provider makes of the address it was asked by: the way back to the console.
    pub fn vouched_for(&self, asked: &str, name: &str, roles: &[&str]) -> String {
        let asked = Url::parse(asked).expect("the provider's address");
        let query: BTreeMap<_, _> = asked.query_pairs().into_owned().collect();
        let code = self.site.issuer.grant(&Vouched {
            subject: name.into(),
            groups: roles.iter().map(ToString::to_string).collect(),
            nonce: query["nonce"].clone(),
            auth_time: Some(Utc::now()),
            issued_at: Utc::now(),
        });
        format!("/auth/callback?state={}&code={code}", query["state"])
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// A form of a page of the console.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from(
            path,
            fields,
            &[(ORIGIN.as_str(), site::ORIGIN), ("sec-fetch-site", "same-origin")],
        )
        .await
    }

    /// A form with these headers to say where it comes from.
    pub async fn post_from(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let form = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = headers
            .iter()
            .fold(form, |form, (name, value)| form.header(*name, *value));
        self.send(form, Body::from(body)).await
    }

    async fn send(&self, request: Builder, body: Body) -> Answer {
        let jar = self
            .cookies()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let request = if jar.is_empty() {
            request
        } else {
            request.header(COOKIE, jar)
        };
        let response = self
            .site
            .router
            .clone()
            .oneshot(request.body(body).expect("a request"))
            .await
            .expect("answers");
        let (parts, body) = response.into_parts();
        self.keep(&parts.headers);
        let bytes = to_bytes(body, PAGE).await.expect("a whole body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().expect("no test panics here");
        for value in headers.get_all(SET_COOKIE) {
            let value = value.to_str().expect("text");
            let (name, rest) = value.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() || rest.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.into(), value.into());
            }
        }
    }

    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().expect("no test panics here").clone()
    }

    /// The same person in another place: a copied cookie.
    pub fn copy(&self) -> Self {
        Self {
            site: self.site,
            cookies: Mutex::new(self.cookies()),
        }
    }
}
