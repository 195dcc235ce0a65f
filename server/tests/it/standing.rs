//! An approval that stands, over HTTP: asked for by one person, agreed to by another, run by nobody, ended by whoever may decide.

use std::collections::BTreeMap;
use std::path::Path;

use adapters::process::RunAs;
use adapters::sandbox::{Limits, Sandboxes};
use axum::http::StatusCode;
use domain::plan::Pinned;
use recovery::plans::Wish;
use recovery::plans::drill_with_key;
use recovery::settings::{Agents, Sandbox, Settings};
use recovery::{approvals, settings};

use crate::browser::Browser;
use crate::decisions::log_in_again;
use crate::site::Site;

/// A console whose drills would start the stand-in.
async fn site() -> Site {
    Site::configured(|folder, settings| launches(folder, settings, testkit::stand_in::command("usual"))).await
}

fn launches(folder: &Path, settings: &mut Settings, command: Vec<String>) {
    let places = Sandboxes {
        root: folder.join("sandbox"),
        run_as: RunAs::unprivileged().expect("a user for tools"),
        hidden: Vec::new(),
        limits: Limits::default(),
    };
    settings.deployments[0].drills.sandbox = Some(Sandbox {
        places,
        bin_dir: BTreeMap::new(),
        pgbackrest: Err("none is needed".into()),
        superusers: Vec::new(),
        preload: Vec::new(),
        roles: Vec::new(),
        jobs: 1,
        time_limit: std::time::Duration::from_secs(60),
        disk_limit: None,
        keep_failed: None,
        encrypted: false,
        agents: Agents::Launched(command),
    });
}

async fn digest(site: &Site, days: u32) -> String {
    let wish = Wish::DrillWithKey {
        deployment: "demo".into(),
        days,
    };
    let reader = site_operator();
    let plan = approvals::plan(&site.services, &reader, &wish).await.expect("a plan");
    assert!(matches!(plan.pinned, Pinned::DrillWithKey(_)));
    plan.pinned.digest().to_string()
}

fn site_operator() -> domain::role::Actor {
    domain::role::Actor {
        roles: [domain::role::Role::Operator].into(),
        ..domain::role::Actor::job("test")
    }
}

/// Puts it up for approval; answers with its page.
async fn ask(site: &Site, browser: &Browser<'_>) -> String {
    let digest = digest(site, 30).await;
    let fields = [
        ("kind", "drill-with-key"),
        ("deployment", "demo"),
        ("days", "30"),
        ("digest", &*digest),
        ("reason", "the quarterly drill"),
    ];
    let asked = browser.post("/requests", &fields).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    asked.onward()
}

/// Whether a drill that began now would find an approval of its launcher.
async fn stands(site: &Site) -> bool {
    let deployment: &settings::Deployment = &site.services.settings.deployments[0];
    let launch = drill_with_key::launch(deployment).await.expect("a launcher");
    approvals::standing(&site.services, "demo", &launch).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_let_drills_hand_over_the_key_and_one_takes_it_back() {
    let site = site().await;
    let (a, b) = (
        Browser::signed_in(&site, "a", "operator").await,
        Browser::signed_in(&site, "b", "approver").await,
    );
    let planned = a
        .get("/requests/new?step=plan&kind=drill-with-key&deployment=demo&days=30")
        .await;
    for words in [
        "a stand-in for Ampora",
        "without a network",
        "30 days",
        "nobody has to start anything",
    ] {
        assert!(planned.text.contains(words), "{words}: {}", planned.text);
    }
    let page = ask(&site, &a).await;
    assert!(!stands(&site).await, "nobody has agreed yet");
    let own = a.post(&format!("{page}/approve"), &[]).await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    assert!(own.text.contains("Own request"), "{}", own.text);
    assert!(!stands(&site).await);

    let begun = b.post(&format!("{page}/approve"), &[("note", "read")]).await;
    let decided = log_in_again(&b, &begun, "b", "approver").await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.text);
    assert!(stands(&site).await);
    let shown = a.get(&page).await;
    assert!(
        shown.text.contains("stands for the next") && shown.text.contains("Revoke"),
        "{}",
        shown.text
    );
    assert!(!shown.text.contains(&format!("{page}/run\"")), "{}", shown.text);
    let run = a.post(&format!("{page}/run"), &[]).await;
    assert_eq!(run.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody runs it");

    for (name, role) in [("v", "viewer"), ("u", "auditor")] {
        let refused = Browser::signed_in(&site, name, role)
            .await
            .post(&format!("{page}/revoke"), &[])
            .await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role}");
    }
    assert!(stands(&site).await);
    let revoked = a.post(&format!("{page}/revoke"), &[]).await;
    assert_eq!(
        (revoked.status, revoked.onward()),
        (StatusCode::SEE_OTHER, page.clone())
    );
    assert!(!stands(&site).await);
    let again = b.post(&format!("{page}/revoke"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let audited = site.audited().await;
    for (outcome, who) in [("refused", "v"), ("refused", "u"), ("ok", "a"), ("refused", "b")] {
        let entry = ("request.revoke".to_owned(), outcome.to_owned(), who.to_owned());
        assert!(audited.contains(&entry), "{entry:?} in {audited:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_or_is_not_allowed_is_refused() {
    let site = site().await;
    let a = Browser::signed_in(&site, "a", "operator").await;
    let digest = digest(&site, 30).await;
    // The plan of another validity is another plan.
    for (days, words) in [
        ("31", "no longer true"),
        ("91", "1 to 90 days"),
        ("0", "1 to 90 days"),
        ("many", "1 to 90 days"),
    ] {
        let fields = [
            ("kind", "drill-with-key"),
            ("deployment", "demo"),
            ("days", days),
            ("digest", &*digest),
            ("reason", "the quarterly drill"),
        ];
        let refused = a.post("/requests", &fields).await;
        assert!(refused.status.is_client_error(), "{days}: {}", refused.status);
        assert!(refused.text.contains(words), "{days}: {}", refused.text);
    }
    let viewer = Browser::signed_in(&site, "v", "viewer").await;
    let fields = [
        ("kind", "drill-with-key"),
        ("deployment", "demo"),
        ("days", "30"),
        ("digest", &*digest),
        ("reason", "mine"),
    ];
    assert_eq!(viewer.post("/requests", &fields).await.status, StatusCode::FORBIDDEN);
}
