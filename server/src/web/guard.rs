//! Who may post: pages of this console and nobody else. A browser says where a request comes from; one that says nothing is refused.

use axum::extract::{Request, State};
use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Web;
use super::answer::Refused;

/// Lets requests through that only read, or that come from this very site.
pub async fn same_origin(State(web): State<Web>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_own(request.headers(), &web.origin()) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "a form from elsewhere was refused");
    let text = "The form didn’t come from a page of this console. Nothing was changed. If you followed a link, somebody may be trying to act in your name.";
    Refused::new(&web, StatusCode::FORBIDDEN, "Refused.", text, ("/", "Overview")).into_response()
}

/// `Origin` decides where it is there: every browser sends it with a form. `Sec-Fetch-Site` alone is enough where it isn't.
fn is_own(headers: &HeaderMap, origin: &str) -> bool {
    let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    match (headers.get(ORIGIN), site) {
        (Some(from), None) => from.as_bytes() == origin.as_bytes(),
        (Some(from), Some(site)) => from.as_bytes() == origin.as_bytes() && site == b"same-origin",
        (None, Some(site)) => site == b"same-origin",
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_very_site_may_post() {
        let own = "https://muster.example";
        for (origin, site, allowed) in [
            (Some(own), Some("same-origin"), true),
            (Some(own), None, true),
            (None, Some("same-origin"), true),
            (None, None, false),
            (Some("https://evil.example"), Some("cross-site"), false),
            (Some("https://evil.example"), Some("same-origin"), false),
            (Some(own), Some("cross-site"), false),
            (Some("http://muster.example"), None, false),
            (Some("https://muster.example.evil.example"), None, false),
            (Some("null"), None, false),
            (None, Some("same-site"), false),
            (None, Some("none"), false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().expect("a header"));
                }
            }
            assert_eq!(is_own(&headers, own), allowed, "{origin:?} {site:?}");
        }
    }
}
