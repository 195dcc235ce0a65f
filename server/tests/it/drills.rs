//! Drills over HTTP: who starts and stops them, what is refused and why, and what is handed out of them.

mod many;

use axum::http::StatusCode;
use chrono::{TimeDelta, Utc};
use domain::drill::{Drill, Failure, Trigger, Verdict};
use domain::ids::DrillId;
use domain::role::Actor;
use recovery::drills::DrillState;
use store::drills::{DrillLine, drill_finish, drill_insert};
use store::runs::LogStream;
use uuid::Uuid;

use crate::browser::Browser;
use crate::site::Site;

const LATEST: [(&str, &str); 2] = [("deployment", "demo"), ("choice", "latest")];

fn drill(number: u128) -> Drill {
    let actor = Actor::job("schedule");
    let at = Utc::now() - TimeDelta::minutes(i64::try_from(number).expect("small"));
    let asked = (Trigger::Schedule, actor.person, actor.name);
    Drill::queued(
        DrillId(Uuid::from_u128(number)),
        "demo",
        domain::drill::Choice::Random,
        asked,
        at,
    )
}

/// One that ended so, with a line of a log.
pub async fn over(site: &Site, number: u128, verdict: Verdict) -> DrillId {
    let store = &site.services.store;
    let mut drill = drill(number);
    let mut tx = store.begin().await.expect("begins");
    drill_insert(&mut tx, &drill).await.expect("takes it");
    tx.commit().await.expect("commits");
    let lease = std::time::Duration::from_secs(60);
    let claimed = store
        .drill_claim("test", lease, 9, Some(drill.id))
        .await
        .expect("answers")
        .expect("a place");
    let line = DrillLine {
        at: Utc::now(),
        phase: "fetch".into(),
        stream: LogStream::Err,
        text: "COPY quoted a tenant’s row".into(),
    };
    store
        .drill_log_append(drill.id, claimed.fence, &[line])
        .await
        .expect("takes it");
    drill.verdict = Some(verdict);
    drill.failure = (verdict == Verdict::Failed).then(|| Failure::of_backup("check:key", "key: opens 0 of 9"));
    drill.finished_at = Some(drill.queued_at + TimeDelta::seconds(20));
    let mut tx = store.begin().await.expect("begins");
    let receipt = Some(r#"{"payloadType":"x","payload":"","signatures":[]}"#);
    drill_finish(&mut tx, claimed.fence, &drill, DrillState::Finished, receipt)
        .await
        .expect("takes it");
    tx.commit().await.expect("commits");
    drill.id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_starts_one_and_a_second_one_is_refused_while_it_waits() {
    let site = Site::new().await;
    let operator = Browser::signed_in(&site, "ada", "operator").await;
    let started = operator.post("/drills", &LATEST).await;
    assert_eq!(started.status, StatusCode::SEE_OTHER, "{}", started.text);
    let page = started.onward();
    assert!(page.starts_with("/drills/"), "{page}");
    let shown = operator.get(&page).await;
    assert!(
        shown.text.contains("Waits.") && shown.text.contains("Cancel drill"),
        "{}",
        shown.text
    );
    let again = operator.post("/drills", &LATEST).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("waits already"), "{}", again.text);
    let stopped = operator.post(&format!("{page}/cancel"), &[]).await;
    assert_eq!((stopped.status, stopped.onward()), (StatusCode::SEE_OTHER, page));
    let audited = site.audited().await;
    for expected in [("drill.start", "ok", "ada"), ("drill.cancel", "ok", "ada")] {
        let (action, outcome, who) = expected;
        assert!(
            audited.contains(&(action.into(), outcome.into(), who.into())),
            "{expected:?} in {audited:?}"
        );
    }
    assert_eq!(
        audited.iter().filter(|(action, ..)| action == "drill.start").count(),
        1,
        "{audited:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_refused_and_that_is_written_down() {
    let site = Site::new().await;
    for role in ["viewer", "auditor", "approver"] {
        let person = Browser::signed_in(&site, role, role).await;
        let refused = person.post("/drills", &LATEST).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role}");
        let audited = site.audited().await;
        assert!(
            audited.contains(&("drill.start".into(), "refused".into(), role.into())),
            "{audited:?}"
        );
        let page = person.get("/drills").await;
        assert!(
            page.text
                .contains("To start or cancel a drill takes the role operator."),
            "{role}: {}",
            page.text
        );
    }
    assert!(site.services.store.drills_open().await.expect("answers").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unclear_or_not_there_is_answered_at_once() {
    let site = Site::new().await;
    let operator = Browser::signed_in(&site, "ada", "operator").await;
    for (fields, status, words) in [
        (
            vec![("deployment", "demo")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "Choose what to rehearse",
        ),
        (
            vec![("deployment", "demo"), ("choice", "label")],
            StatusCode::UNPROCESSABLE_ENTITY,
            "Which backup?",
        ),
        (
            vec![
                ("deployment", "demo"),
                ("choice", "label"),
                ("label", "<script>alert(1)</script>"),
            ],
            StatusCode::UNPROCESSABLE_ENTITY,
            "is listed",
        ),
        (
            vec![("deployment", "nowhere"), ("choice", "latest")],
            StatusCode::NOT_FOUND,
            "nowhere",
        ),
    ] {
        let answer = operator.post("/drills", &fields).await;
        assert_eq!(answer.status, status, "{fields:?}");
        assert!(
            answer.text.contains(words) && !answer.text.contains("<script>alert"),
            "{fields:?}: {}",
            answer.text
        );
    }
    assert!(site.services.store.drills_open().await.expect("answers").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_handed_out_as_it_was_signed_and_the_log_not_to_viewers() {
    let site = Site::new().await;
    let drill = over(&site, 7, Verdict::Failed).await;
    let viewer = Browser::signed_in(&site, "vera", "viewer").await;
    let receipt = viewer.get(&format!("/drills/{drill}/receipt")).await;
    assert_eq!(receipt.headers["content-type"], "application/vnd.dsse.envelope.v1+json");
    let name = receipt.headers["content-disposition"].to_str().expect("text");
    assert!(name.contains(&format!("drill-{drill}.dsse.json")), "{name}");
    assert_eq!(receipt.text, r#"{"payloadType":"x","payload":"","signatures":[]}"#);
    assert_eq!(
        viewer.get(&format!("/drills/{drill}/log")).await.status,
        StatusCode::FORBIDDEN
    );
    let page = viewer.get(&format!("/drills/{drill}")).await;
    assert!(
        page.text.contains("Failed.") && page.text.contains("key: opens 0 of 9"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("quoted a tenant"), "{}", page.text);
    let auditor = Browser::signed_in(&site, "audrey", "auditor").await;
    assert!(
        auditor
            .get(&format!("/drills/{drill}/log"))
            .await
            .text
            .contains("fetch err COPY quoted")
    );
    assert!(
        auditor
            .get(&format!("/drills/{drill}"))
            .await
            .text
            .contains("quoted a tenant")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_is_filtered_and_paged_by_its_address() {
    let site = Site::new().await;
    for number in 1..=52 {
        let verdict = if number % 2 == 0 {
            Verdict::Passed
        } else {
            Verdict::Failed
        };
        over(&site, number, verdict).await;
    }
    let viewer = Browser::signed_in(&site, "vera", "viewer").await;
    let rows = |html: &str| html.matches("<tr id=\"drill-").count();
    let first = viewer.get("/drills").await.text;
    assert_eq!(rows(&first), 50);
    let older = first
        .split("href=\"/drills?before=")
        .nth(1)
        .and_then(|rest| rest.split(['#', '"']).next());
    let older = viewer
        .get(&format!("/drills?before={}", older.expect("a link")))
        .await
        .text;
    assert_eq!(rows(&older), 2);
    assert_eq!(
        rows(&viewer.get("/drills?verdict=passed&deployment=demo").await.text),
        26
    );
    assert_eq!(rows(&viewer.get("/drills?source=nothing").await.text), 0);
    assert_eq!(rows(&viewer.get("/drills?until=2020-01-01").await.text), 0);
    assert_eq!(
        viewer.get("/drills?deployment=nowhere").await.status,
        StatusCode::NOT_FOUND
    );
    let compared = viewer.get("/drills/compare").await.text;
    assert!(compared.contains("Compare"), "{compared}");
    let (a, b) = (Uuid::from_u128(2), Uuid::from_u128(3));
    let compared = viewer.get(&format!("/drills/compare?a={a}&b={b}")).await.text;
    assert!(compared.contains("First passed, then failed."), "{compared}");
}
