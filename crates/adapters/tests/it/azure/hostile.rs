//! Servers that answer as Azure can when it is busy, and as it never would.

use std::fmt::Write as _;

use axum::http::StatusCode;
use testkit::peer::free_port;
use testkit::tls::{NoTls, Other};

use super::*;

const JSON: &str = "application/json; charset=utf-8";

#[tokio::test]
async fn who_isnt_there_or_says_nothing_is_unreachable() {
    let site = Site::new().await;
    let hanging = NoTls::start(Other::Hangs).await;
    let closing = NoTls::start(Other::Closes).await;
    let flooding = NoTls::start(Other::Floods).await;
    for port in [
        free_port(),
        hanging.address.port(),
        closing.address.port(),
        flooding.address.port(),
    ] {
        let secret = impatient(&site, &format!("https://127.0.0.1:{port}"));
        let error = secret.describe().await.unwrap_err();
        assert!(matches!(error, ManagerError::Unreachable(..)), "{error:?}");
    }
}

#[tokio::test]
async fn what_azure_never_says_is_neither_believed_nor_a_panic() {
    let site = Site::new().await;
    let secret = site.secret();
    let many = format!("[\"{}\"]", "x".repeat(3 * 1024 * 1024));
    let huge = "x".repeat(8 * 1024 * 1024);
    let answers = [
        (StatusCode::OK, "text/html", "<html>Welcome to the guest network</html>"),
        (StatusCode::OK, JSON, ""),
        (StatusCode::OK, JSON, "{"),
        (StatusCode::OK, JSON, "\u{0}\u{ff}"),
        (StatusCode::OK, JSON, many.as_str()),
        (StatusCode::OK, JSON, huge.as_str()),
        (
            StatusCode::OK,
            JSON,
            r#"{"value": ["value-of-nothing"], "attributes": "value-of-nothing"}"#,
        ),
        (
            StatusCode::OK,
            JSON,
            r#"{"value": [{"attributes": {"created": 1e400}}], "attributes": {"created": "value-of"}}"#,
        ),
        (
            StatusCode::OK,
            JSON,
            r#"{"value": [], "nextLink": "https://[", "attributes": 9}"#,
        ),
        (StatusCode::FOUND, "text/html", "moved"),
        (StatusCode::NO_CONTENT, JSON, ""),
        (StatusCode::NOT_FOUND, "text/html", "<html>no such page</html>"),
        (StatusCode::NOT_FOUND, JSON, r#"{"error": "not_found"}"#),
        (
            StatusCode::IM_A_TEAPOT,
            JSON,
            r#"{"error": {"code": "Teapot", "message": 3, "innererror": []}}"#,
        ),
    ];
    for (code, kind, body) in answers {
        site.vault.say(code, kind, body);
        let shown = &body[..body.len().min(60)];
        for error in [
            secret.describe().await.unwrap_err(),
            secret.read(&site.made[4]).await.unwrap_err(),
        ] {
            assert!(matches!(error, ManagerError::Odd(..)), "{code} {shown}: {error:?}");
            assert!(error.to_string().len() < 1000, "{error}");
            assert_secret(&error);
        }
    }
}

#[tokio::test]
async fn a_failing_server_is_quoted() {
    let site = Site::new().await;
    let secret = site.secret();
    let mut page = "<html><h1>502 Bad Gateway</h1>\n".to_owned();
    for line in 0..10_000 {
        writeln!(page, "<p>and on {line}").unwrap();
    }
    let failed = r#"{"error": {"code": "InternalServerError", "message": "An error\r\noccurred."}}"#;
    let busy = r#"{"error": {"code": "Throttled", "message": "Request was not processed.", "innererror": null}}"#;
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
            failed,
            "InternalServerError: An error occurred.",
        ),
        (
            StatusCode::TOO_MANY_REQUESTS,
            JSON,
            busy,
            "Throttled: Request was not processed.",
        ),
        (StatusCode::BAD_GATEWAY, "text/plain", "", "without a word"),
    ];
    for (code, kind, body, expected) in answers {
        site.vault.say(code, kind, body);
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
async fn a_busy_azure_is_asked_again_and_not_for_ever() {
    let site = Site::new().await;
    let secret = site.secret();
    secret.describe().await.unwrap();
    let before = site.vault.requests().len();
    site.vault.say(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "later");
    secret.read(&site.made[4]).await.unwrap_err();
    assert_eq!(site.vault.requests().len() - before, 3);
}

#[tokio::test]
async fn a_proxy_that_forbids_is_a_refusal() {
    let site = Site::new().await;
    site.vault
        .say(StatusCode::FORBIDDEN, "text/html", "<html>Blocked by policy</html>");
    let error = site.secret().describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Denied(..)), "{error:?}");
    assert!(error.to_string().contains("Blocked by policy"), "{error}");
}

#[tokio::test]
async fn a_list_that_goes_on_elsewhere_is_not_followed() {
    let site = Site::new().await;
    let elsewhere = AzureVault::start().await;
    site.vault.lead_astray(elsewhere.url());
    let error = site.secret().describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Odd(..)), "{error:?}");
    assert!(error.to_string().contains("goes on at localhost"), "{error}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let site = Site::new().await;
    let next = format!(
        r#"{{"value": [], "nextLink": "{}secrets/{NAME}/versions"}}"#,
        site.vault.url()
    );
    site.vault.say(StatusCode::OK, JSON, &next);
    let error = site.secret().describe().await.unwrap_err();
    assert!(matches!(error, ManagerError::Odd(..)), "{error:?}");
    assert!(error.to_string().contains("doesn’t end"), "{error}");
}

#[tokio::test]
async fn another_version_than_the_one_asked_for_isnt_taken() {
    let site = Site::new().await;
    let secret = site.secret();
    let id = format!("https://acme.vault.azure.net/secrets/{NAME}/{}", site.made[4]);
    site.vault.say(
        StatusCode::OK,
        JSON,
        &format!(r#"{{"id": "{id}", "value": "value-of-version-5"}}"#),
    );
    assert!(matches!(refused(&secret, &site.made[3]).await, ManagerError::Odd(..)));
    assert_eq!(text(secret.read(&site.made[4]).await.unwrap()), "value-of-version-5");
    site.vault.say(StatusCode::OK, JSON, &format!(r#"{{"id": "{id}"}}"#));
    let error = refused(&secret, &site.made[4]).await;
    assert!(error.to_string().contains("without a value"), "{error}");
}
