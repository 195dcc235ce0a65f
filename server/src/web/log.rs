//! One line in the log for each answer. Of an address only its path: queries hold codes of logins and names people look for.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

/// Failures are warnings; everything else is there for those who ask for it (`MUSTER_LOG=debug`).
pub async fn answers(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    if response.status().is_server_error() {
        tracing::warn!(%method, path, status, ?took, "an answer failed");
    } else {
        tracing::debug!(%method, path, status, ?took, "answered");
    }
    response
}
