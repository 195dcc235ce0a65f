//! Registries, and what stands in front of them, that answer wrongly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adapters::registry::{Digest, ImageReading, ImageSettings, Pace};
use domain::status::Status;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{credentials, reading, wrote};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What is read from a registry that gives these answers, and how often it was asked. An answer is made from method and address;
/// an empty one never comes.
async fn judged(
    digest: Option<Digest>,
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> (ImageReading, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::default());
    let counted = Arc::clone(&asked);
    let answer = Arc::new(answer);
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, counted) = (Arc::clone(&answer), Arc::clone(&counted));
            tokio::spawn(async move {
                let mut request = [0; 8192];
                let length = stream.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                counted.fetch_add(1, Ordering::SeqCst);
                let line = request.split(" HTTP/").next().unwrap_or_default();
                let answer = answer(&line.replace(" /", &format!(" http://{address}/")));
                if answer.is_empty() {
                    std::future::pending::<()>().await;
                }
                let _outcome = stream.write_all(&answer).await;
            });
        }
    });
    let mut settings = ImageSettings::new(format!("{address}/ampora/web:1.4.2").parse().unwrap());
    settings.digest = digest;
    settings.credentials = credentials("secret");
    settings.pace = Pace {
        answer: Duration::from_secs(2),
        ..Pace::default()
    };
    let found = reading(settings, vec![wrote("a", &Digest::of(b"another"))]).await;
    serving.abort();
    (found, asked.load(Ordering::SeqCst))
}

fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// A manifest with these layers, as it is sent.
fn manifest(layers: &[Digest]) -> String {
    let config = json!({ "digest": Digest::of(b"config"), "mediaType": "application/vnd.oci.image.config.v1+json" });
    let layers: Vec<_> = layers
        .iter()
        .map(|digest| json!({ "digest": digest, "later": [null] }))
        .collect();
    json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers }).to_string()
}

fn index() -> String {
    let entry = json!({ "digest": Digest::of(manifest(&[]).as_bytes()), "platform": { "os": "linux", "architecture": "amd64" } });
    json!({ "schemaVersion": 2, "manifests": [entry] }).to_string()
}

#[track_caller]
fn assert_running(found: &ImageReading, status: Status, words: &str) {
    let running = &found.checked[0];
    assert_eq!(running.status, status, "{}", running.detail);
    assert!(running.detail.contains(words), "{}", running.detail);
}

#[tokio::test]
async fn another_manifest_under_a_digest_is_broken() {
    let wanted = Digest::of(manifest(&[]).as_bytes());
    let other = manifest(&[Digest::of(b"backdoor")]);
    let (found, _) = judged(Some(wanted.clone()), move |_| answer("200 OK", "", &other)).await;
    assert_running(&found, Status::Broken, "digest doesn’t match");
    assert_running(&found, Status::Broken, wanted.as_str());
}

#[tokio::test]
async fn a_registry_that_announces_another_digest_than_it_sends_is_unknown() {
    let headers = format!("docker-content-digest: {}\r\n", Digest::of(b"other"));
    let (found, _) = judged(None, move |_| answer("200 OK", &headers, manifest(&[]))).await;
    assert_running(&found, Status::Unknown, "contradicts itself");
}

#[tokio::test]
async fn pages_nonsense_and_floods_are_unknown() {
    let digest = Some(Digest::of(b"anything"));
    let page = "<!doctype html><title>Sign in</title>";
    let (found, _) = judged(digest.clone(), move |_| {
        answer("200 OK", "content-type: text/html\r\n", page)
    })
    .await;
    assert_running(&found, Status::Unknown, "a web page");
    let (found, _) = judged(None, |_| answer("200 OK", "", "{\"layers\":[")).await;
    assert_running(&found, Status::Unknown, "11 bytes that can’t be read");
    let (found, _) = judged(digest.clone(), |_| answer("200 OK", "", vec![b' '; 5 * 1024 * 1024])).await;
    assert_running(&found, Status::Unknown, "longer than 4096 KiB");
    let (found, _) = judged(None, |_| answer("200 OK", "content-encoding: gzip\r\n", manifest(&[]))).await;
    assert_running(&found, Status::Unknown, "compressed");
    let (found, _) = judged(digest, |_| answer("200 OK", "", r#"{"schemaVersion":1,"fsLayers":[]}"#)).await;
    assert_running(&found, Status::Unknown, "schema 1");
}

#[tokio::test]
async fn a_404_is_a_loss_only_if_a_registry_says_it() {
    let nobody = |_: &str| answer("404 Not Found", "content-type: text/html\r\n", "<html>default backend");
    let (found, asked) = judged(None, nobody).await;
    assert_running(&found, Status::Unknown, "no registry is there");
    assert_eq!(asked, 2, "the other version isn’t asked for");
    let explained = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;
    let (found, _) = judged(None, move |_| answer("404 Not Found", "", explained)).await;
    assert_running(&found, Status::Broken, "no manifest 1.4.2");
    let bare = |line: &str| {
        answer(
            if line.ends_with("/v2/") {
                "200 OK"
            } else {
                "404 Not Found"
            },
            "",
            "",
        )
    };
    let (found, _) = judged(None, bare).await;
    assert_running(&found, Status::Broken, "no manifest 1.4.2");
}

#[tokio::test]
async fn a_registry_that_is_busy_failing_or_silent_is_unknown() {
    let busy = |_: &str| answer("429 Too Many Requests", "retry-after: 90\r\n", "");
    let (found, asked) = judged(None, busy).await;
    assert_running(&found, Status::Unknown, "slow down for 1 min 30 s");
    assert_eq!(asked, 1, "it is left alone");
    let words = r#"{"errors":[{"code":"UNKNOWN","message":"disk\nfull \u001b[31m"}]}"#;
    let (found, _) = judged(None, move |_| answer("503 Service Unavailable", "", words)).await;
    assert_running(&found, Status::Unknown, "answered 503: disk full [31m");
    let (found, _) = judged(None, |_| b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()).await;
    assert_running(&found, Status::Unknown, "can’t be reached");
    let (found, _) = judged(None, |_| Vec::new()).await;
    assert_running(&found, Status::Unknown, "can’t be reached: it didn’t answer in time");
    let (found, _) = judged(None, |_| b"\0\0\0".to_vec()).await;
    assert_running(&found, Status::Unknown, "can’t be reached");
}

#[tokio::test]
async fn no_redirect_and_no_realm_leads_astray() {
    let (found, _) = judged(None, |_| {
        answer("302 Found", "location: https://login.example.org/?sso=secret\r\n", "")
    })
    .await;
    assert_running(&found, Status::Unknown, "redirect to \"https://login.example.org/\"");
    for (realm, words) in [
        (
            "http://169.254.169.254/token",
            "unprotected connection (http://169.254.169.254/token)",
        ),
        ("ftp://127.0.0.1/", "unprotected connection"),
        ("/token", "a login that Muster doesn’t know"),
    ] {
        let header = format!("www-authenticate: Bearer realm=\"{realm}\",service=\"s\"\r\n");
        let (found, _) = judged(None, move |_| answer("401 Unauthorized", &header, "")).await;
        assert_running(&found, Status::Unknown, words);
    }
    let (found, _) = judged(None, |_| {
        answer("401 Unauthorized", "www-authenticate: Negotiate\r\n", "")
    })
    .await;
    assert_running(&found, Status::Unknown, "a login that Muster doesn’t know (Negotiate)");
    for place in [
        "http://169.254.169.254/latest/meta-data?key=1",
        "file:///etc/passwd",
        "/v2/again",
    ] {
        let header = format!("location: {place}\r\n");
        let astray = move |line: &str| match line {
            _ if line.contains("/manifests/1.4.2") => answer("200 OK", "", index()),
            _ if line.contains("/manifests/") => answer("200 OK", "", manifest(&[])),
            _ => answer("307 Temporary Redirect", &header, ""),
        };
        let (found, asked) = judged(None, astray).await;
        assert_running(&found, Status::Unknown, "doesn’t follow here");
        assert!(
            asked < 20 && !found.detail.contains("key=1"),
            "{asked} {}",
            found.detail
        );
    }
}

#[tokio::test]
async fn a_layer_that_was_never_given_to_the_registry_is_looked_for_where_it_is() {
    let config = r#"{"os":"linux","architecture":"amd64"}"#;
    let (config_digest, layer) = (Digest::of(config.as_bytes()), Digest::of(b"layer"));
    for (place, status) in [("elsewhere", Status::Ok), ("nowhere", Status::Broken)] {
        let (config_digest, layer) = (config_digest.clone(), layer.clone());
        let (found, _) = judged(None, move |line| match line {
            _ if line.contains("/manifests/") => {
                let origin = line
                    .split(' ')
                    .nth(1)
                    .and_then(|url| url.split("/v2/").next())
                    .unwrap_or_default();
                let urls = ["http://169.254.169.254/layer".to_owned(), format!("{origin}/{place}")];
                let config =
                    json!({ "digest": config_digest, "mediaType": "application/vnd.oci.image.config.v1+json" });
                let manifest = json!({ "config": config, "layers": [{ "digest": layer, "urls": urls }] });
                answer("200 OK", "", manifest.to_string())
            }
            _ if line.starts_with("GET") => answer("200 OK", "", config),
            _ if line.ends_with("/elsewhere") || line.ends_with(config_digest.as_str()) => answer("200 OK", "", ""),
            _ => answer("404 Not Found", "", ""),
        })
        .await;
        assert_eq!(found.checked[0].status, status, "{}", found.detail);
    }
}

#[tokio::test]
async fn the_same_layer_ten_thousand_times_is_asked_for_once() {
    let layers: Vec<_> = (0..10_000_u32)
        .map(|number| Digest::of(&(number % 50).to_le_bytes()))
        .collect();
    let lost = layers[7].clone();
    let body = manifest(&layers);
    let digest = Digest::of(body.as_bytes());
    let config = Digest::of(b"config");
    let (found, asked) = judged(Some(digest), move |line| match line {
        _ if line.contains("/manifests/") => answer("200 OK", "content-type: text/plain\r\n", &body),
        _ if line.ends_with(lost.as_str()) => answer("404 Not Found", "", ""),
        _ if line.starts_with("GET") && line.ends_with(config.as_str()) => answer("404 Not Found", "", ""),
        _ => b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec(),
    })
    .await;
    assert_running(&found, Status::Broken, "has lost layer");
    assert_eq!((found.checked[0].parts, found.checked[0].missing.len()), (51, 1));
    assert!(asked < 60, "{asked}");
}
