//! The Overview while something is broken, and while nothing is.

use axum::http::StatusCode;
use domain::finding::{Found, Record, Severity, Step};
use domain::rules::Hysteresis;

use crate::browser::Browser;
use crate::site::Site;

fn found() -> Found {
    Found {
        severity: Severity::Error,
        title: "The key in use is not in the secret manager".into(),
        cause: "It was rotated, and nobody brought the new one.".into(),
        steps: vec![Step::told("Bring it.")],
        evidence: Vec::new(),
        rivals: Vec::new(),
        refutes: "A version that opens it.".into(),
        cure: None,
    }
}

/// Keeps the finding as it stands.
async fn keep(site: &Site, record: &Record) {
    let store = &site.services.store;
    let mut tx = store.begin().await.expect("begins");
    let kept = store::findings::put(&mut tx, "demo", record, None, site.services.clock.now()).await;
    kept.expect("keeps");
    tx.commit().await.expect("commits");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_brings_first_aid_the_ways_back_and_who_can_approve_and_its_end_takes_them_away() {
    let site = Site::new().await;
    let browser = Browser::new(&site);
    browser.sign_in("ada", &["operator"], "/").await;
    let reader = Browser::new(&site);
    reader.sign_in("vera", &["viewer"], "/").await;
    let calm = reader.get("/").await;
    assert_eq!(calm.status, StatusCode::OK);
    assert!(!calm.text.contains("First aid"), "nothing is broken");

    let now = site.services.clock.now();
    let (record, _) = Record::new("wrong-master-key", found(), Hysteresis::AT_ONCE, now);
    keep(&site, &record).await;
    let page = reader.get("/").await.text.replace("<!>", "");
    for words in [
        "First aid",
        "before anything is restored",
        "kubectl -n ampora scale deploy/ampora-web --replicas=0",
        "Ways back",
        "none is known",
        "Who can approve now",
        "Nobody is written down",
        "here now",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let people = page.split("id=\"who-can-approve\"").nth(1).expect("the section");
    let people = people.split("</section>").next().expect("it ends");
    assert!(
        people.contains("ada") && !people.contains("vera"),
        "a viewer decides nothing: {people}"
    );

    let (over, _) = record.after(Ok(None), Hysteresis::AT_ONCE, now);
    keep(&site, &over).await;
    assert!(!reader.get("/").await.text.contains("First aid"));
}
