//! What holds for every answer of the provider: only for browsers that asked for this very address, never cached, nothing embedded.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::{Shared, page};

/// Refuses requests under another host name (a page elsewhere may have its name resolve to loopback) and forms that were sent from
/// another site's page, and puts the security headers on what is answered.
pub(super) async fn guard(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if host.map(|host| format!("http://{host}")).as_deref() != Some(shared.origin.as_str()) {
        return (
            StatusCode::MISDIRECTED_REQUEST,
            "This is another server than the one you asked for.\n",
        )
            .into_response();
    }
    let changes_session = [page::LOGIN, page::SIGN_OUT].contains(&request.uri().path());
    if changes_session
        && request
            .headers()
            .get(header::ORIGIN)
            .is_some_and(|origin| origin != shared.origin.as_str())
    {
        return (
            StatusCode::FORBIDDEN,
            "The form was sent from another site's page. Nothing was done.\n",
        )
            .into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // Chromium holds the whole chain of redirects after a form against form-action, so the console is named as well.
    let console = shared.client.redirect_uri.origin().ascii_serialization();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {console}; base-uri 'none'; frame-ancestors 'none'"
    );
    headers.extend(
        HeaderValue::from_str(&policy)
            .ok()
            .map(|policy| (header::CONTENT_SECURITY_POLICY, policy)),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not no-referrer: with it browsers send forms with the origin `null`.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
