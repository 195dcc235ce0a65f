//! Providers that answer wrongly, on purpose or not.

use adapters::oidc::{OidcError, Provider};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::settings;

/// What a provider that gives this answer to everything is taken for.
async fn verdict_on(answer: impl Fn(&str) -> String) -> OidcError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let answer = answer(&issuer);
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _length = stream.read(&mut request).await;
            let _outcome = stream.write_all(answer.as_bytes()).await;
        }
    });
    let error = Provider::new(settings(&issuer, "muster"))
        .unwrap()
        .probe()
        .await
        .unwrap_err();
    serving.abort();
    error
}

fn json(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn description(issuer: &str, jwks: &str, algorithms: &str) -> String {
    let body = format!(
        r#"{{"issuer":"{issuer}","authorization_endpoint":"{issuer}/auth","token_endpoint":"{issuer}/token","jwks_uri":"{jwks}",
        "response_types_supported":["code"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":{algorithms},"keys":[]}}"#
    );
    json(&body)
}

fn reason(error: &OidcError) -> &str {
    match error {
        OidcError::Unusable { reason, .. } | OidcError::Unreachable { reason, .. } => reason,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_issuer_that_calls_itself_otherwise_is_refused() {
    let error = verdict_on(|_| description("http://127.0.0.1:1", "http://127.0.0.1:1/jwks", r#"["RS256"]"#)).await;
    assert!(
        matches!(error, OidcError::Unusable { .. }) && reason(&error).contains("unexpected issuer URI"),
        "{error}"
    );
}

#[tokio::test]
async fn addresses_that_lead_elsewhere_unprotected_are_refused() {
    let error =
        verdict_on(|issuer| description(issuer, "http://169.254.169.254/latest/meta-data", r#"["RS256"]"#)).await;
    assert!(
        reason(&error).contains("http://169.254.169.254/latest/meta-data, which isn’t https://"),
        "{error}"
    );
}

#[tokio::test]
async fn a_provider_that_signs_with_shared_secrets_only_is_refused() {
    let error = verdict_on(|issuer| description(issuer, &format!("{issuer}/jwks"), r#"["HS256","none"]"#)).await;
    assert!(reason(&error).contains("none of the algorithms"), "{error}");
}

#[tokio::test]
async fn redirects_endless_answers_and_nonsense_are_refused() {
    let redirect = verdict_on(|_| {
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()
    })
    .await;
    assert!(reason(&redirect).contains("redirect"), "{redirect}");
    let endless = verdict_on(|_| json(&"x".repeat(600 * 1024))).await;
    assert!(reason(&endless).contains("longer than 512 KiB"), "{endless}");
    let nonsense = verdict_on(|_| json("<html>")).await;
    assert!(reason(&nonsense).contains("can’t be read"), "{nonsense}");
    let failing =
        verdict_on(|_| "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into())
            .await;
    assert!(
        matches!(failing, OidcError::Unreachable { .. }) && reason(&failing).contains("503"),
        "{failing}"
    );
}

#[test]
fn an_issuer_on_the_network_without_tls_is_refused_at_once() {
    let error = Provider::new(settings("http://login.example.org", "muster")).unwrap_err();
    assert!(reason(&error).contains("https://"), "{error}");
}
