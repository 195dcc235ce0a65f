//! What each role gets from each address: one table, reviewed whenever it changes.

use std::fmt::Write as _;

use axum::http::StatusCode;
use domain::role::Role;

use crate::browser::Browser;
use crate::decisions::ask_for_key;
use crate::site::Site;
use crate::strangers::{forms, readings};

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_matrix() {
    let site = Site::new().await;
    let requester = Browser::signed_in(&site, "requester", "operator").await;
    assert_eq!(ask_for_key(&site, &requester).await, "/requests/1");
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push(Browser::signed_in(&site, role.word(), role.word()).await);
    }
    let mut table = String::from("viewer auditor operator approver\n");
    // The stream never ends; it is tested by itself.
    for path in readings().into_iter().filter(|path| path != "/events") {
        let mut line = String::new();
        for person in &people {
            let _ = write!(line, "{} ", person.get(&path).await.status.as_u16());
        }
        let _ = writeln!(table, "{line}GET {path}");
    }
    let fields = [
        ("deployment", "demo"),
        ("kind", "retrieve-key"),
        ("version", "1"),
        ("choice", "latest"),
        ("symptom", "ca-lost"),
        ("digest", &"0".repeat(64)),
        ("theme", "dark"),
        ("note", "no"),
    ];
    for path in forms().into_iter().filter(|path| path != "/auth/sign-out") {
        let mut line = String::new();
        for person in &people {
            let _ = write!(line, "{} ", person.post(&path, &fields).await.status.as_u16());
        }
        let _ = writeln!(table, "{line}POST {path}");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_without_credentials_plans_and_proves_nothing() {
    let site = Site::of_pages().await;
    let operator = Browser::signed_in(&site, "ada", "operator").await;
    let asked = operator.post("/keys/prove", &[("deployment", "demo")]).await;
    assert_eq!(asked.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(asked.text.contains("shows pages only"), "{}", asked.text);
    let digest = "0".repeat(64);
    let fields = [
        ("kind", "retrieve-key"),
        ("deployment", "demo"),
        ("version", "1"),
        ("digest", &*digest),
    ];
    assert_eq!(
        operator.post("/requests", &fields).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(operator.get("/keys").await.status, StatusCode::OK);

    let viewer = Browser::signed_in(&site, "bob", "viewer").await;
    assert_eq!(
        viewer.post("/keys/prove", &[("deployment", "demo")]).await.status,
        StatusCode::FORBIDDEN
    );
    let audited = site.audited().await;
    assert!(
        audited.contains(&("key.prove".into(), "refused".into(), "bob".into())),
        "{audited:?}"
    );
}
