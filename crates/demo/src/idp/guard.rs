//! What holds for every answer of the provider: only for browsers that asked for this very address, never cached, nothing embedded.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::{Shared, page};

/// Refuses what doesn't come from this provider's own pages or the console, and puts the security headers on everything else.
pub(super) async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if let Some(refusal) = refusal(&request, &shared.origin) {
        return refusal.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.extend(policy(&shared).map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not no-referrer: with it browsers send forms with the origin `null`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A page elsewhere may have its own name resolve to loopback, or send a form here.
fn refusal(request: &Request, origin: &str) -> Option<(StatusCode, &'static str)> {
    let header = |name| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    if header(header::HOST).map(|host| format!("http://{host}")).as_deref() != Some(origin) {
        let message = "This is another server than the one you asked for.\n";
        return Some((StatusCode::MISDIRECTED_REQUEST, message));
    }
    let changes_session = [page::LOGIN, page::SIGN_OUT].contains(&request.uri().path());
    if changes_session && header(header::ORIGIN).is_some_and(|sender| sender != origin) {
        let message = "The form was sent from another site's page. Nothing was done.\n";
        return Some((StatusCode::FORBIDDEN, message));
    }
    None
}

fn policy(shared: &Shared) -> Option<HeaderValue> {
    // Chromium holds the whole chain of redirects after a form against form-action, so the console is named as well.
    let console = shared.client.redirect_uri.origin().ascii_serialization();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {console}; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).ok()
}
