//! `muster notify`, and what `doctor` and `diagnose` say of an emergency, as people call them.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use axum::routing::any;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::place::{Place, code, error, run};

type Heard = Arc<Mutex<Vec<(Method, Bytes)>>>;

/// A receiver that takes what comes to `/hook` and nothing else.
async fn receiver() -> (String, Heard) {
    let heard = Heard::default();
    let kept = Arc::clone(&heard);
    let take = move |method: Method, body: Bytes| {
        let kept = Arc::clone(&kept);
        async move {
            kept.lock().expect("no test panics with it").push((method, body));
            StatusCode::NO_CONTENT
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", any(take))).await });
    (format!("http://{address}"), heard)
}

/// What the command prints as JSON, with its exit code.
async fn ask(place: Arc<Place>, arguments: &'static [&'static str]) -> (i32, Value) {
    let asked = tokio::task::spawn_blocking(move || {
        let config = place.config();
        run(&[arguments, &["--json", "--config", &config]].concat())
    });
    let output = asked.await.expect("no panic");
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", error(&output)));
    (code(&output), document)
}

fn hook(url: &str) -> Arc<Place> {
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let notify = format!("[notify.webhook]\nurl = \"{url}\"\nsigning_key = \"{key}\"");
    Arc::new(Place::new(&notify))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_says_whether_it_was_taken() {
    let (url, heard) = receiver().await;
    let (exit, said) = ask(hook(&format!("{url}/hook")), &["notify", "test"]).await;
    assert_eq!((exit, &said["sent"][0]["status"]), (0, &"ok".into()), "{said}");
    let sent: Value = serde_json::from_slice(&heard.lock().expect("kept")[0].1).expect("JSON");
    assert_eq!(
        (&sent["schema"], &sent["event"]),
        (&"muster.notice/1".into(), &"test".into())
    );

    let (exit, said) = ask(hook(&format!("{url}/elsewhere")), &["notify", "test"]).await;
    assert_eq!((exit, &said["sent"][0]["status"]), (1, &"broken".into()), "{said}");
    assert!(
        said["sent"][0]["detail"]
            .as_str()
            .is_some_and(|said| said.ends_with("answers 404")),
        "{said}"
    );
}

#[test]
fn without_anybody_to_tell_it_says_how() {
    let place = Place::new("");
    let refused = run(&["notify", "test", "--config", &place.config()]);
    assert_eq!(code(&refused), 3);
    assert!(
        error(&refused).contains("nobody is told of anything"),
        "{}",
        error(&refused)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_for_an_answer_and_sends_no_message() {
    let (url, heard) = receiver().await;
    let (_, said) = ask(hook(&format!("{url}/hook")), &["doctor"]).await;
    let checks = said["checks"].as_array().expect("a list");
    let found = checks.iter().find(|check| check["what"] == "notify: webhook");
    assert_eq!(found.expect("it is checked")["status"], "ok", "{said}");
    let methods: Vec<_> = heard
        .lock()
        .expect("kept")
        .iter()
        .map(|(method, _)| method.clone())
        .collect();
    assert_eq!(methods, [Method::OPTIONS]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_would_come_back_diagnosis_says_what_to_do_first() {
    let empty = tempfile::tempdir().expect("a folder");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(empty.path(), open).expect("our own folder");
    let place = Place::new(&format!(
        "[[contact]]\nname = \"Robin\"\nphone = \"+49 30 1234567\"\nhours = \"daily 00:00-24:00\"\n\
         [[deployment]]\nname = \"prod\"\n[[deployment.source]]\nkind = \"dumps\"\nname = \"nightly\"\nlocation = \"file://{}\"",
        empty.path().display()
    ));
    let place = Arc::new(place);
    let (_, said) = ask(Arc::clone(&place), &["diagnose"]).await;
    let first = &said["emergencies"][0];
    assert_eq!(first["alarms"][0]["code"], "nothing-comes-back", "{said}");
    assert_eq!(first["ways_back"], Value::Array(Vec::new()));
    assert_eq!(first["writing"]["writing"], "unknown");
    assert_eq!(first["contacts"][0]["duty"], "in_hours");
    let text = tokio::task::spawn_blocking(move || run(&["diagnose", "--config", &place.config()]));
    let text = text.await.expect("no panic");
    let text = String::from_utf8_lossy(&text.stdout);
    for words in [
        "First aid for prod",
        "Ways back, the best one first",
        "none is known",
        "Robin",
        "within their hours",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}
