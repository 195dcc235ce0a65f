//! Servers that answer as Google can when it is busy, and as it never would.

use std::fmt::Write as _;

use axum::http::StatusCode;
use testkit::peer::free_port;
use testkit::tls::{NoTls, Other};

use super::*;

const JSON: &str = "application/json; charset=UTF-8";

#[tokio::test]
async fn who_isnt_there_or_says_nothing_is_unreachable() {
    let hanging = NoTls::start(Other::Hangs).await;
    let closing = NoTls::start(Other::Closes).await;
    let flooding = NoTls::start(Other::Floods).await;
    let endpoints = [
        format!("http://127.0.0.1:{}", free_port()),
        format!("http://{}", hanging.address),
        format!("http://{}", closing.address),
        format!("http://{}", flooding.address),
        format!("https://{}", closing.address),
    ];
    for endpoint in endpoints {
        let error = impatient(&endpoint).describe().await.unwrap_err();
        assert!(matches!(error, ManagerError::Unreachable(..)), "{endpoint}: {error:?}");
    }
}

#[tokio::test]
async fn what_google_never_says_is_neither_believed_nor_a_panic() {
    let google = google().await;
    let secret = reached(&google);
    let many = "x".repeat(8 * 1024 * 1024);
    let answers = [
        (StatusCode::OK, "text/html", "<html>Welcome to the guest network</html>"),
        (StatusCode::OK, JSON, ""),
        (StatusCode::OK, JSON, "{"),
        (StatusCode::OK, JSON, "[]"),
        (StatusCode::OK, JSON, "\u{0}\u{ff}"),
        (StatusCode::OK, JSON, many.as_str()),
        (
            StatusCode::OK,
            JSON,
            r#"{"versions": 3, "payload": "value-of-nothing", "replication": []}"#,
        ),
        (
            StatusCode::OK,
            JSON,
            r#"{"name": 1, "versions": [1e999], "payload": {"data": "value-of-nothing"}}"#,
        ),
        (StatusCode::FOUND, "text/html", "moved"),
        (StatusCode::NOT_FOUND, "text/html", "<html>no such page</html>"),
        (StatusCode::NOT_FOUND, JSON, r#"{"error": "not_found"}"#),
        (
            StatusCode::IM_A_TEAPOT,
            JSON,
            r#"{"error": {"code": 418, "message": 3, "status": null}}"#,
        ),
    ];
    for (code, kind, body) in answers {
        google.say(code, kind, body);
        let shown = &body[..body.len().min(60)];
        for error in [
            secret.describe().await.unwrap_err(),
            secret.read("5").await.unwrap_err(),
        ] {
            assert!(matches!(error, ManagerError::Odd(..)), "{code} {shown}: {error:?}");
            assert!(error.to_string().len() < 1000, "{error}");
            assert_secret(&error);
        }
    }
}

#[tokio::test]
async fn a_failing_server_is_quoted() {
    let google = google().await;
    let secret = reached(&google);
    let mut page = "<html><h1>502 Bad Gateway</h1>\n".to_owned();
    for line in 0..10_000 {
        writeln!(page, "<p>and on {line}").unwrap();
    }
    let refused = r#"{"error": {"code": 500, "message": "Internal error encountered.", "status": "INTERNAL"}}"#;
    let busy =
        r#"{"error": {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}}"#;
    let many = r#"{"error": {"code": 429, "message": "Quota exceeded.", "status": "RESOURCE_EXHAUSTED"}}"#;
    let answers = [
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/html",
            page.as_str(),
            "502 Bad Gateway",
        ),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            JSON,
            refused,
            "INTERNAL: Internal error",
        ),
        (StatusCode::SERVICE_UNAVAILABLE, JSON, busy, "UNAVAILABLE: The service"),
        (StatusCode::TOO_MANY_REQUESTS, JSON, many, "RESOURCE_EXHAUSTED: Quota"),
        (StatusCode::BAD_GATEWAY, "text/plain", "", "without a word"),
    ];
    for (code, kind, body, expected) in answers {
        google.say(code, kind, body);
        let error = secret.describe().await.unwrap_err();
        assert!(matches!(error, ManagerError::Unreachable(..)), "{code}: {error:?}");
        let said = error.to_string();
        assert!(
            said.contains(expected) && said.len() < 1000 && !said.contains('\n'),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_busy_google_is_asked_again_and_not_for_ever() {
    let google = google().await;
    google.say(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "later");
    reached(&google).read("5").await.unwrap_err();
    assert_eq!(google.requests().len(), 3);
}

#[tokio::test]
async fn a_proxy_that_forbids_is_a_refusal() {
    let google = google().await;
    google.say(StatusCode::FORBIDDEN, "text/html", "<html>Blocked by policy</html>");
    let error = reached(&google).describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Denied(..)), "{error:?}");
    assert!(error.to_string().contains("Blocked by policy"), "{error}");
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let google = GcpSecrets::start().await;
    google.say(StatusCode::OK, JSON, r#"{"versions": [], "nextPageToken": "again"}"#);
    let secret = GcpSecret::new(GcpSecretSettings {
        patience: Duration::from_secs(5),
        ..settings(&google)
    });
    let error = secret.unwrap().describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Odd(..)), "{error:?}");
    assert!(error.to_string().contains("doesn’t end"), "{error}");
}

#[tokio::test]
async fn another_version_than_the_one_asked_for_isnt_taken() {
    let google = google().await;
    let other = r#"{"name": "projects/7/secrets/master-key/versions/5", "payload": {"data": "dmFsdWUtb2Y="}}"#;
    google.say(StatusCode::OK, JSON, other);
    let secret = reached(&google);
    assert!(matches!(refused(&secret, "4").await, ManagerError::Odd(..)));
    assert_eq!(text(secret.read("5").await.unwrap()), "value-of");
    google.say(
        StatusCode::OK,
        JSON,
        r#"{"name": "projects/7/secrets/master-key/versions/5"}"#,
    );
    let error = refused(&secret, "5").await;
    assert!(error.to_string().contains("without a value"), "{error}");
}
