//! For those who start and watch Muster: is it there, and can it do its work?

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use super::Web;

pub fn routes() -> Router<Web> {
    Router::new()
        .route("/health/live", get(|| async { "live\n" }))
        .route("/health/ready", get(ready))
}

/// Ready while its own database answers. The identity provider is not asked: without it the pages still tell the truth.
async fn ready(State(web): State<Web>) -> (StatusCode, &'static str) {
    match web.services.store.now().await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Muster's own database doesn't answer\n",
        ),
    }
}
