//! What a form is answered with when it isn't done: a page with the right status that says what happened, what is unharmed, what to do next.

use app::pages::{Notice, notice};
use axum::http::StatusCode;
use axum::http::header::REFRESH;
use axum::response::{Html, IntoResponse, Response};
use domain::approval::Refusal;
use recovery::{Error, StoreError};
use url::Url;

use super::Web;

/// A refusal or a failure, ready to be sent.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    notice: Notice,
}

impl Refused {
    /// `back` is where to go on: address and words.
    pub fn new(web: &Web, status: StatusCode, title: &str, text: impl Into<String>, back: (&str, &str)) -> Self {
        let notice = Notice {
            site_pkg_dir: web.leptos.site_pkg_dir.to_string(),
            title: title.into(),
            paragraphs: vec![text.into()],
            back: Some((back.0.into(), back.1.into())),
        };
        Self { status, notice }
    }

    /// A use case didn't do what it was asked. Its own words are for the person; the chain of causes goes to the log.
    pub fn by(web: &Web, error: &Error, back: (&str, &str)) -> Self {
        let (status, title) = told(error);
        if status.is_server_error() {
            tracing::error!(error = error.chain(), "a form could not be answered");
        }
        Self::new(web, status, title, error.to_string(), back)
    }
}

fn told(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Forbidden(_) | Error::Refused(Refusal::Role(_)) => {
            (StatusCode::FORBIDDEN, "Your role doesn’t allow this.")
        }
        Error::NotFound(_) => (StatusCode::NOT_FOUND, "It isn’t there."),
        Error::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "This can’t be done as it stands."),
        Error::Refused(_) | Error::Login(_) | Error::Stale(_) | Error::Evidence(_) => {
            (StatusCode::CONFLICT, "Refused.")
        }
        Error::Store(StoreError::Conflict(_)) => (StatusCode::CONFLICT, "Somebody was faster."),
        Error::Store(StoreError::Inconsistent { .. }) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "A record contradicts itself.")
        }
        Error::Provider(_) => (StatusCode::SERVICE_UNAVAILABLE, "The identity provider doesn’t help."),
        Error::Store(_) | Error::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "This can’t be done now."),
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Html(notice(self.notice))).into_response()
    }
}

/// A page that goes on to the identity provider by itself. Not a redirect: a browser applies `form-action` to each hop behind a form, and
/// nobody knows where the provider sends people.
pub fn onward(web: &Web, to: &Url, title: &str, link: &str) -> Response {
    let page = Notice {
        site_pkg_dir: web.leptos.site_pkg_dir.to_string(),
        title: title.into(),
        paragraphs: Vec::new(),
        back: Some((to.to_string(), link.into())),
    };
    ([(REFRESH, format!("0; url={to}"))], Html(notice(page))).into_response()
}
