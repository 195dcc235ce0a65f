//! Servers, and what stands in front of them, that answer wrongly.

use std::time::Duration;

use super::scripted::{Scripted, http};
use super::*;

const TOKEN: &str = "s.hunter2hunter2hunter2";

fn asking(server: &Scripted) -> Vault {
    let auth = VaultAuth::Token(TOKEN.into());
    Vault::new(&VaultSettings {
        namespace: Some("team".into()),
        patience: Duration::from_secs(2),
        ..settings(server.address.clone(), PATH, auth)
    })
    .unwrap()
}

/// What describing and reading come to when every answer is this one.
async fn said(answer: Vec<u8>) -> (ManagerError, ManagerError) {
    let server = Scripted::start(move |_| answer.clone()).await;
    let vault = asking(&server);
    (vault.describe().await.unwrap_err(), vault.read("1").await.unwrap_err())
}

#[track_caller]
fn assert_both((one, other): (ManagerError, ManagerError), kind: fn(&ManagerError) -> bool, words: &str) {
    for error in [one, other] {
        assert!(kind(&error), "{error:?}");
        let shown = error.to_string();
        assert!(shown.contains(words) && !shown.contains("hunter2"), "{shown}");
    }
}

const ODD: fn(&ManagerError) -> bool = |error| matches!(error, ManagerError::Odd(..));
const UNREACHABLE: fn(&ManagerError) -> bool = |error| matches!(error, ManagerError::Unreachable(..));
const DENIED: fn(&ManagerError) -> bool = |error| matches!(error, ManagerError::Denied(..));

#[tokio::test]
async fn answers_that_arent_vaults_are_odd() {
    for body in [
        "<!doctype html><title>Sign in, hunter2</title>",
        "{\"data\":",
        "[]",
        "null",
        "\u{FEFF}{}",
        "{\"data\":{\"data\":7,\"versions\":[]}}",
    ] {
        assert_both(said(http("200 OK", "", body)).await, ODD, "doesn’t understand");
    }
    assert_both(said(http("200 OK", "", b"\xFF\xFE{")).await, ODD, "isn’t JSON");
    assert_both(said(http("418 Teapot", "", "")).await, ODD, "418");
}

#[tokio::test]
async fn an_answer_of_fifty_megabytes_is_cut() {
    let announced = http("200 OK", "", vec![b' '; 50 * 1024 * 1024]);
    assert_both(said(announced).await, ODD, "longer than 8192 KiB");
    let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    endless.resize(50 * 1024 * 1024, b' ');
    assert_both(said(endless).await, ODD, "longer than 8192 KiB");
}

#[tokio::test]
async fn a_server_that_fails_hangs_or_breaks_off_cant_be_reached() {
    assert_both(said(Vec::new()).await, UNREACHABLE, "didn’t answer in time");
    assert_both(said(b"\0\0\0".to_vec()).await, UNREACHABLE, "can’t be reached");
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"data\":".to_vec();
    assert_both(said(cut).await, UNREACHABLE, "can’t be reached");
    let failing = http("500 Internal Server Error", "", "{\"errors\":[\"disk\\nfull\"]}");
    assert_both(said(failing).await, UNREACHABLE, "it answers 500: disk full");
    assert_both(
        said(http("502 Bad Gateway", "", "<html>")).await,
        UNREACHABLE,
        "it answers 502",
    );
    let busy = http("429 Too Many Requests", "", "{\"errors\":[\"quota\"]}");
    assert_both(said(busy).await, UNREACHABLE, "slow down: quota");
    let standby = http("503 Service Unavailable", "", "");
    assert_both(said(standby).await, UNREACHABLE, "sealed, starting or on standby");
}

#[tokio::test]
async fn no_redirect_takes_the_token_elsewhere() {
    let elsewhere = Scripted::start(|_| http("200 OK", "", "{}")).await;
    let header = format!("location: {}?sign=hunter2\r\n", elsewhere.address);
    let redirected = said(http("307 Temporary Redirect", &header, "")).await;
    assert_both(redirected, UNREACHABLE, "redirects to 127.0.0.1");
    assert_eq!(elsewhere.requests(), [""; 0]);
}

#[tokio::test]
async fn a_server_that_repeats_the_token_isnt_quoted() {
    let echo = format!("{{\"errors\":[\"{}token {TOKEN} is bad\"]}}", "x".repeat(180));
    assert_both(said(http("403 Forbidden", "", echo)).await, DENIED, "xxx");
}

#[tokio::test]
async fn another_version_than_was_asked_for_is_no_answer() {
    let body = r#"{"data":{"data":{"key":"hunter2"},"metadata":{"version":2}}}"#;
    let server = Scripted::start(move |_| http("200 OK", "", body)).await;
    let error = asking(&server).read("1").await.unwrap_err();
    assert!(
        error.to_string().ends_with("asked for version 1 and sent version 2"),
        "{error}"
    );
}

#[tokio::test]
async fn a_request_carries_token_namespace_and_nothing_else_of_muster() {
    let server = Scripted::start(|_| http("404 Not Found", "", "{\"errors\":[]}")).await;
    assert_absent(asking(&server).read("7").await, "version 7");
    let [request] = server.requests().try_into().unwrap();
    let request: Vec<_> = request.lines().collect();
    assert_eq!(request[0], "GET /v1/kv/data/ampora/prod?version=7 HTTP/1.1");
    for header in [
        "x-vault-namespace: team",
        &format!("x-vault-token: {TOKEN}"),
        "x-vault-request: true",
        "user-agent: muster",
    ] {
        assert!(request.contains(&header), "{request:?}");
    }
}

/// A value that may be stored or not is a matter for people; so is a server that doesn't say under which number.
#[tokio::test]
async fn a_write_of_unknown_outcome_is_said() {
    let value = fields(&[("key", "hunter2hunter2")]);
    for (answer, words) in [
        (Vec::new(), "whether the value was written isn’t known"),
        (http("200 OK", "", "{}"), "the value was written, but"),
        (http("204 No Content", "", ""), "the value was written, but"),
    ] {
        let server = Scripted::start(move |_| answer.clone()).await;
        let error = asking(&server).append(&value, "1").await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let echo = http(
        "400 Bad Request",
        "",
        "{\"errors\":[\"no such value: hunter2hunter2\"]}",
    );
    let server = Scripted::start(move |_| echo.clone()).await;
    let error = asking(&server).append(&value, "1").await.unwrap_err().to_string();
    assert!(error.contains("no such value: redacted"), "{error}");
}

/// Without the server's clock Muster's own has to do.
#[tokio::test]
async fn an_answer_without_a_date_is_understood() {
    let listing = r#"{"data":{"current_version":2,"versions":{
        "1":{"deletion_time":"2001-01-01T00:00:00Z"},"2":{"deletion_time":"2999-01-01T00:00:00Z"}}}}"#;
    let server = Scripted::start(move |_| http("200 OK", "", listing)).await;
    let secret = asking(&server).describe().await.unwrap();
    let lives: Vec<_> = secret.versions.iter().map(|version| version.life).collect();
    assert_eq!(lives, [domain::custody::Life::Deleted, domain::custody::Life::Enabled]);
}

/// The server's clock decides, not Muster's.
#[tokio::test]
async fn times_are_compared_with_the_servers_clock() {
    let listing = r#"{"data":{"current_version":1,"versions":{"1":{"deletion_time":"2001-01-02T00:00:00Z"}}}}"#;
    let date = "date: Mon, 01 Jan 2001 23:00:00 GMT\r\n";
    let server = Scripted::start(move |_| http("200 OK", date, listing)).await;
    let secret = asking(&server).describe().await.unwrap();
    assert_eq!(secret.versions[0].life, domain::custody::Life::Enabled);
}

#[tokio::test]
async fn a_page_of_a_proxy_says_nothing_about_the_secret() {
    for status in ["404 Not Found", "403 Forbidden", "400 Bad Request"] {
        let page = said(http(status, "", "<html>default backend")).await;
        assert_both(page, ODD, "not as Vault says it");
    }
}
