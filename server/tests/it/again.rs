//! What is left of a run that was refused because a fact moved: its log to take away, what moved, and the way to ask again.

use std::time::Duration;

use axum::http::StatusCode;
use chrono::Utc;
use domain::ids::RunId;
use domain::run::RunState;
use store::runs::{LogLine, LogStream};
use uuid::Uuid;

use crate::browser::Browser;
use crate::decisions::ask_for_key;
use crate::site::Site;

/// More than are read at a time.
const LINES: usize = 2500;

/// A run of request 1 that wrote so many lines and was refused.
async fn refused(site: &Site) {
    let store = &site.services.store;
    let stored = store.request(1).await.expect("reads").expect("is there");
    let run = RunId(Uuid::from_u128(7));
    let mut tx = store.begin().await.expect("begins");
    let steps = stored.plan.pinned.steps();
    let queued = store::runs::insert(&mut tx, run, &stored.request, steps, Utc::now()).await;
    queued.expect("takes it");
    tx.commit().await.expect("commits");
    let claimed = store.run_claim("test", Duration::from_secs(60)).await.expect("answers");
    let fence = claimed.expect("the run").fence;
    let line = |number: usize| LogLine {
        at: Utc::now(),
        step: if number == 0 { -1 } else { 0 },
        stream: LogStream::Out,
        text: format!("line {number} of a tool’s words"),
    };
    let lines: Vec<_> = (0..LINES).map(line).collect();
    store.run_log_append(run, fence, &lines).await.expect("takes them");
    let state = RunState::Refused {
        at: Utc::now(),
        reason: "stale: the fingerprint was a and is b".into(),
    };
    let mut tx = store.begin().await.expect("begins");
    store::runs::finish(&mut tx, run, fence, &state)
        .await
        .expect("takes it");
    tx.commit().await.expect("commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_log_of_a_run_is_taken_away_by_who_may_read_it() {
    let site = Site::new().await;
    let operator = Browser::signed_in(&site, "a", "operator").await;
    assert_eq!(ask_for_key(&site, &operator).await, "/requests/1");
    assert_eq!(operator.get("/requests/1/log").await.status, StatusCode::NOT_FOUND);
    refused(&site).await;

    let log = operator.get("/requests/1/log").await;
    assert_eq!(log.status, StatusCode::OK);
    assert_eq!(log.headers["content-type"], "text/plain; charset=utf-8");
    assert_eq!(
        log.headers["content-disposition"],
        "attachment; filename=\"request-1.log\""
    );
    let lines: Vec<_> = log.text.lines().collect();
    assert_eq!(lines.len(), LINES);
    assert!(lines[0].ends_with(" - out line 0 of a tool’s words"), "{}", lines[0]);
    let last = format!(" out line {} of a tool’s words", LINES - 1);
    assert!(lines[LINES - 1].ends_with(&last), "{}", lines[LINES - 1]);

    let viewer = Browser::signed_in(&site, "v", "viewer").await;
    let barred = viewer.get("/requests/1/log").await;
    assert_eq!(barred.status, StatusCode::FORBIDDEN);
    assert!(!barred.text.contains("tool’s words"));
    let audited = site.audited().await;
    for entry in [("run.log.export", "ok", "a"), ("run.log.export", "refused", "v")] {
        let entry = (entry.0.to_owned(), entry.1.to_owned(), entry.2.to_owned());
        assert!(audited.contains(&entry), "{entry:?} {audited:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stale_is_shown_beside_today_and_asked_for_again() {
    let site = Site::new().await;
    let operator = Browser::signed_in(&site, "a", "operator").await;
    ask_for_key(&site, &operator).await;
    let page = operator.get("/requests/1").await;
    assert!(!page.text.contains("b=now"), "it isn’t stale yet");
    refused(&site).await;
    let page = operator.get("/requests/1").await;
    let link = "/requests/compare?a=1&amp;b=now";
    assert!(page.text.contains(link), "{}", page.text);
    let viewer = Browser::signed_in(&site, "v", "viewer").await;
    assert!(!viewer.get("/requests/1").await.text.contains("b=now"));
    let barred = viewer.get("/requests/compare?a=1&b=now").await;
    assert_eq!(barred.status, StatusCode::FORBIDDEN, "a plan reads keys");

    let compared = operator.get("/requests/compare?a=1&b=now").await;
    assert_eq!(compared.status, StatusCode::OK, "{}", compared.text);
    for expected in [
        "Nothing differs",
        "nobody has been asked",
        "Ask again with today’s facts",
    ] {
        assert!(compared.text.contains(expected), "{expected}: {}", compared.text);
    }
    let href = compared
        .text
        .split("href=\"/requests/new?")
        .nth(1)
        .expect("the way to ask");
    let href = href.split('"').next().unwrap_or_default().replace("&amp;", "&");
    let asked = operator.get(&format!("/requests/new?{href}")).await;
    assert!(asked.text.contains("Request key"), "{href}: {}", asked.text);
}
