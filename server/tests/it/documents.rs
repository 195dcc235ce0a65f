//! What programs read: plans, the exported log, health, the bundle, the stream of events.

use axum::body::Body;
use axum::http::header::COOKIE;
use axum::http::{Request, StatusCode};
use domain::audit::{Export, Tree};
use futures::StreamExt as _;
use tower::ServiceExt as _;

use crate::browser::Browser;
use crate::site::{BUILD, Site};

#[tokio::test(flavor = "multi_thread")]
async fn the_exported_log_verifies_and_a_changed_one_does_not() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada", "auditor").await;
    site.services.store.audit_sequence(&mut Tree::default()).await.unwrap();
    let export = browser.get("/audit/export").await;
    assert_eq!(export.headers["content-type"], "application/jsonl");
    let verified = Export::verify(export.text.lines()).unwrap();
    assert_eq!(verified.size, 1, "the sign-in; the export itself has no place yet");
    let without: Vec<_> = export.text.lines().take(1).collect();
    assert!(Export::verify(without.into_iter()).is_err());
    assert!(
        site.audited()
            .await
            .contains(&("audit.export".into(), "ok".into(), "ada".into()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bundle_is_kept_for_ever_and_what_is_missing_is_not() {
    let site = Site::new().await;
    let browser = Browser::new(&site);
    let sheet = browser.get(&format!("/pkg/{BUILD}/muster.css")).await;
    assert_eq!(sheet.status, StatusCode::OK);
    assert_eq!(sheet.headers["cache-control"], "public, max-age=31536000, immutable");
    for path in [
        "/pkg/ffff/muster.css",
        "/pkg/../current",
        "/pkg/%2e%2e/current",
        "/pkg/",
    ] {
        let missing = browser.get(path).await;
        assert_ne!(missing.status, StatusCode::OK, "{path}");
        assert!(
            !missing.headers["cache-control"].to_str().unwrap().contains("immutable"),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_is_alive_without_its_database_and_not_ready() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada", "viewer").await;
    assert_eq!(browser.get("/health/ready").await.status, StatusCode::OK);
    site.services.store.close().await;
    assert_eq!(browser.get("/health/live").await.status, StatusCode::OK);
    assert_eq!(
        browser.get("/health/ready").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    let page = browser.get("/keys").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("doesn’t answer"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_greets_tells_and_ends_with_the_server() {
    let site = Site::new().await;
    let browser = Browser::signed_in(&site, "ada", "operator").await;
    let jar = browser
        .cookies()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("; ");
    let request = Request::get("/events").header(COOKIE, jar).body(Body::empty()).unwrap();
    let response = site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();
    let mut heard = String::new();
    while !heard.contains("data: audit") {
        if heard.is_empty() {
            // Something that others are told of.
            Browser::signed_in(&site, "bob", "viewer").await;
        }
        let chunk = stream.next().await.expect("the stream goes on").expect("bytes");
        heard.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(heard.starts_with(&format!("event: hello\ndata: {BUILD} ")), "{heard}");
    site.stop.cancel();
    while stream.next().await.is_some() {}
}
