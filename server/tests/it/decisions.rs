//! The story of a key over HTTP: asked for, agreed to by somebody else, shown once.

use axum::http::StatusCode;
use domain::key;
use domain::role::{Actor, Role};
use recovery::approvals;
use recovery::plans::{Wanted, Wish};

use crate::browser::{Answer, Browser};
use crate::site::{Site, master_key};
use crate::strangers::assert_guarded;

/// Digest of the plan for version 1, as the page of the plan shows it.
async fn digest(site: &Site) -> String {
    let wish = Wish::RetrieveKey {
        deployment: "demo".into(),
        version: "1".into(),
        delivery: Wanted::Shown,
    };
    let reader = Actor {
        roles: [Role::Operator].into(),
        ..Actor::job("test")
    };
    let plan = approvals::plan(&site.services, &reader, &wish).await.expect("a plan");
    plan.pinned.digest().to_string()
}

/// Puts the retrieval of version 1 up for approval; answers with its page.
pub async fn ask_for_key(site: &Site, browser: &Browser<'_>) -> String {
    let digest = digest(site).await;
    let fields = [
        ("kind", "retrieve-key"),
        ("deployment", "demo"),
        ("version", "1"),
        ("digest", &*digest),
        ("reason", "gone"),
    ];
    let asked = browser.post("/requests", &fields).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    asked.onward()
}

/// Goes through the page that leads to the provider, and comes back vouched for.
pub async fn log_in_again(browser: &Browser<'_>, begun: &Answer, name: &str, role: &str) -> Answer {
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
    let page = browser.get(&begun.onward()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let link = page.text.split("href=\"http").nth(1).expect("a link to the provider");
    let link = format!("http{}", link.split('"').next().unwrap_or_default()).replace("&amp;", "&");
    browser.get(&browser.vouched_for(&link, name, &[role])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_to_who_asked_after_somebody_else_agreed() {
    let site = Site::new().await;
    let (a, b) = (
        Browser::signed_in(&site, "a", "operator").await,
        Browser::signed_in(&site, "b", "approver").await,
    );
    let page = ask_for_key(&site, &a).await;

    let own = a.post(&format!("{page}/approve"), &[]).await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    assert!(own.text.contains("Own request"), "{}", own.text);
    let early = a.post(&format!("{page}/run"), &[]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);

    let begun = b.post(&format!("{page}/approve"), &[("note", "seen")]).await;
    let decided = log_in_again(&b, &begun, "b", "approver").await;
    assert_eq!(
        (decided.status, decided.onward()),
        (StatusCode::SEE_OTHER, page.clone()),
        "{}",
        decided.text
    );

    let begun = a.post(&format!("{page}/run"), &[]).await;
    let proven = log_in_again(&a, &begun, "a", "operator").await;
    let reveal = proven.onward();
    assert!(
        reveal.starts_with(&format!("{page}/reveal/")),
        "{reveal}: {}",
        proven.text
    );
    let key = key::to_setting(&master_key(1)).to_string();
    assert!(!a.get(&reveal).await.text.contains(&key));
    assert_ne!(
        b.post(&reveal, &[]).await.status,
        StatusCode::OK,
        "somebody else's login"
    );

    let shown = a.post(&reveal, &[]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(
        shown.text.contains(&key) && !shown.text.contains("<script"),
        "{}",
        shown.text
    );
    assert_guarded(&shown.headers, &reveal);
    assert_eq!(shown.headers["clear-site-data"], "\"cache\"");
    assert_eq!(shown.headers["refresh"], format!("60; url={page}"));

    assert_ne!(a.post(&reveal, &[]).await.status, StatusCode::OK, "used up");
    assert_eq!(a.post(&format!("{page}/run"), &[]).await.status, StatusCode::CONFLICT);
    for path in [
        &*page,
        "/requests",
        "/audit",
        &format!("{page}/plan.json"),
        "/audit/export",
    ] {
        assert!(!a.get(path).await.text.contains(&key), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_approvers_at_the_same_instant_one_wins() {
    let site = Site::new().await;
    let a = Browser::signed_in(&site, "a", "operator").await;
    let (b, c) = (
        Browser::signed_in(&site, "b", "approver").await,
        Browser::signed_in(&site, "c", "approver").await,
    );
    let page = ask_for_key(&site, &a).await;
    let address = format!("{page}/approve");
    let (first, second) = tokio::join!(b.post(&address, &[]), c.post(&address, &[]));
    let (first, second) = tokio::join!(
        log_in_again(&b, &first, "b", "approver"),
        log_in_again(&c, &second, "c", "approver")
    );
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    let audited = site.audited().await;
    let count = |outcome: &str| {
        audited
            .iter()
            .filter(|(action, end, _)| action == "request.approve" && end == outcome)
            .count()
    };
    assert_eq!((count("ok"), count("refused")), (1, 1), "{audited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_for_a_decision_counts_in_its_own_session_only() {
    let site = Site::new().await;
    let a = Browser::signed_in(&site, "a", "operator").await;
    let (b, elsewhere) = (
        Browser::signed_in(&site, "b", "approver").await,
        Browser::signed_in(&site, "b", "approver").await,
    );
    let page = ask_for_key(&site, &a).await;
    let begun = b.post(&format!("{page}/approve"), &[]).await;
    let sign = begun.onward();
    assert_eq!(elsewhere.get(&sign).await.status, StatusCode::NOT_FOUND);
    let link = b.get(&sign).await.text;
    let link = link
        .split("href=\"http")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .replace("&amp;", "&");
    let back = b.vouched_for(&format!("http{link}"), "b", &["approver"]);
    assert_eq!(elsewhere.get(&back).await.status, StatusCode::NOT_FOUND);
    assert_eq!(Browser::new(&site).get(&back).await.status, StatusCode::CONFLICT);
    assert!(a.get(&page).await.text.contains("pending"));
}
