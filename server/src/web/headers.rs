//! Headers of every answer: what a browser may load, keep and tell others.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::Web;

/// Longest time to the first byte of an answer; streams go on behind it.
const PATIENCE: Duration = Duration::from_secs(120);
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Pages load the bundle and nothing else; `script` is their way to start it.
fn policy(script: &str) -> String {
    format!(
        "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Lets the page's own start script run, by a nonce that nobody can know beforehand. Called within a page's context.
pub fn allow_nonce() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let script = format!("'self' 'nonce-{nonce}' 'wasm-unsafe-eval'");
    if let Ok(value) = HeaderValue::from_str(&policy(&script)) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}

/// Adds what an answer doesn't say itself: strict by default.
pub async fn add(State(web): State<Web>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let strict = HeaderValue::from_str(&policy("'none'")).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let usual = [
        (CONTENT_SECURITY_POLICY, strict),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (OPENER, HeaderValue::from_static("same-origin")),
        (RESOURCE, HeaderValue::from_static("same-origin")),
    ];
    for (name, value) in usual {
        headers.entry(name).or_insert(value);
    }
    if web.is_secure() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(year);
    }
    response
}

/// Nobody waits for ever.
pub async fn time_limit(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let text = "This takes too long to wait for. Look again before you repeat it.\n";
            (StatusCode::GATEWAY_TIMEOUT, text).into_response()
        }
    }
}

/// What a form began is brought to its end, even if the browser goes away or the wait is over: a key that was read must be written down as
/// read.
pub async fn finish(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is ending, and nobody is left to answer.
            Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
    }
}
