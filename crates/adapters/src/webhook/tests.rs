use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::any;
use chrono::Utc;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::*;

/// Key of the specification's own example.
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

type Heard = Arc<Mutex<Vec<(Method, HeaderMap, Bytes)>>>;

/// A receiver on loopback that keeps what it hears: `/hook` takes it, `/moved` points to it, `/gone` refuses.
async fn receiver() -> (String, Heard) {
    let heard = Heard::default();
    let kept = Arc::clone(&heard);
    let take = move |method: Method, headers: HeaderMap, body: Bytes| {
        let kept = Arc::clone(&kept);
        async move {
            kept.lock()
                .expect("no test panics with it")
                .push((method, headers, body));
            StatusCode::NO_CONTENT
        }
    };
    let router = Router::new()
        .route("/hook", any(take))
        .route("/moved", any(|| async { Redirect::temporary("/hook").into_response() }))
        .route("/gone", any(|| async { StatusCode::GONE }));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), heard)
}

fn webhook(url: &str, key: Option<&str>) -> Result<Webhook, WebhookError> {
    Webhook::new(&SecretString::from(url), key.map(SecretString::from).as_ref(), None)
}

fn id() -> NoticeId {
    NoticeId(Uuid::from_u128(0x5eed))
}

#[tokio::test]
async fn the_library_of_the_standard_believes_the_signature() {
    let (url, heard) = receiver().await;
    let hook = webhook(&format!("{url}/hook"), Some(KEY)).expect("usable");
    hook.send(id(), Utc::now(), r#"{"schema":"muster.notice/1","title":"ü"}"#)
        .await
        .expect("taken");
    let (method, headers, body) = heard.lock().expect("kept")[0].clone();
    assert_eq!(
        (method, headers["content-type"].as_bytes()),
        (Method::POST, &b"application/json"[..])
    );
    assert_eq!(headers["webhook-id"], id().to_string());
    let judge = standardwebhooks::Webhook::new(KEY).expect("a key");
    judge.verify(&body, &headers).expect("signed as the standard says");
    judge
        .verify(b"{}", &headers)
        .expect_err("another body has another signature");
}

#[tokio::test]
async fn without_a_key_nothing_claims_to_be_signed() {
    let (url, heard) = receiver().await;
    let hook = webhook(&format!("{url}/hook"), None).expect("usable");
    assert!(!hook.is_signed());
    hook.send(id(), Utc::now(), "{}").await.expect("taken");
    assert!(!heard.lock().expect("kept")[0].1.contains_key("webhook-signature"));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_refusal_is_told_without_the_path() {
    let (url, heard) = receiver().await;
    let moved = webhook(&format!("{url}/moved?token=hidden"), Some(KEY)).expect("usable");
    let error = moved.send(id(), Utc::now(), "{}").await.expect_err("points elsewhere");
    assert!(matches!(error, WebhookError::Redirected { status: 307, .. }), "{error}");
    assert!(!format!("{error} {moved:?}").contains("hidden"), "{error} {moved:?}");
    let gone = webhook(&format!("{url}/gone"), Some(KEY)).expect("usable");
    let error = gone.send(id(), Utc::now(), "{}").await.expect_err("refused");
    assert!(error.to_string().ends_with("answers 410"), "{error}");
    assert!(heard.lock().expect("kept").is_empty(), "nothing arrived anywhere else");
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = closed.local_addr().expect("it is bound");
    drop(closed);
    let hook = webhook(&format!("http://{address}/secret-path"), None).expect("usable");
    let error = hook.reach().await.expect_err("nobody listens").to_string();
    assert!(
        error.contains(&address.to_string()) && !error.contains("secret-path"),
        "{error}"
    );
}

#[tokio::test]
async fn a_look_whether_it_is_there_is_no_message() {
    let (url, heard) = receiver().await;
    let hook = webhook(&format!("{url}/hook"), Some(KEY)).expect("usable");
    let said = hook.reach().await.expect("answers");
    assert!(said.ends_with("answers (204 to OPTIONS)"), "{said}");
    assert_eq!(heard.lock().expect("kept")[0].0, Method::OPTIONS);
}

#[test]
fn only_an_address_that_nobody_on_the_way_can_read_is_called() {
    for url in [
        "http://example.org/hook",
        "ftp://example.org",
        "file:///etc/passwd",
        "hook",
        "http://localhost.example.org",
    ] {
        assert!(matches!(webhook(url, None), Err(WebhookError::Address)), "{url}");
    }
    for url in [
        "https://example.org/hook",
        "http://127.0.0.1:9/x",
        "http://[::1]/x",
        "http://localhost/x",
    ] {
        assert!(webhook(url, None).is_ok(), "{url}");
    }
}

#[test]
fn what_is_no_key_is_refused() {
    for key in [
        "",
        "whsec_",
        "short",
        "whsec_c2hvcnQ=",
        "not base64 at all, but long enough!",
    ] {
        assert!(
            matches!(webhook("https://example.org", Some(key)), Err(WebhookError::SigningKey)),
            "{key:?}"
        );
    }
}
