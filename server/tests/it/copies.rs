//! An approval that lets drills have AWS make copies of a managed database, over HTTP: of exactly the copy that people read.

use adapters::rds::Rds;
use axum::http::StatusCode;
use domain::plan::{CopyOnRds, Pinned};
use domain::role::{Actor, Role};
use recovery::approvals;
use recovery::plans::Wish;
use recovery::settings::{ManagedCopy, Settings, Source};
use testkit::moto;
use testkit::rds::{Instance, RdsApi};

use crate::browser::Browser;
use crate::decisions::log_in_again;
use crate::site::Site;

const ADDRESS: &str = "kind=drill-on-rds&deployment=demo&source=managed";

/// A console whose production AWS has, and that may make copies of it if `may`.
async fn site(may: bool) -> (Site, RdsApi) {
    let api = RdsApi::start(Instance::usual("ampora", ("127.0.0.1".into(), 5432))).await;
    let source = managed(&api);
    let site = Site::configured(|_, settings: &mut Settings| {
        let deployment = &mut settings.deployments[0];
        deployment.sources = vec![source];
        if may {
            let copy = ManagedCopy::default();
            deployment.drills.managed = [("managed".to_owned(), copy)].into();
        }
    })
    .await;
    (site, api)
}

fn managed(api: &RdsApi) -> Source {
    Source::Rds(Rds {
        name: "managed".into(),
        instance: "ampora".into(),
        aws: moto::client(api.endpoint()),
    })
}

/// The plan as it is now: its digest, and the copy.
async fn planned(site: &Site) -> (String, CopyOnRds) {
    let wish = Wish::DrillOnRds {
        deployment: "demo".into(),
        source: "managed".into(),
        days: 30,
    };
    let reader = Actor {
        roles: [Role::Operator].into(),
        ..Actor::job("test")
    };
    let plan = approvals::plan(&site.services, &reader, &wish).await.expect("a plan");
    let digest = plan.pinned.digest().to_string();
    let Pinned::DrillOnRds(plan) = plan.pinned else {
        panic!("another plan")
    };
    (digest, plan.copy)
}

fn fields<'a>(days: &'a str, digest: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("kind", "drill-on-rds"),
        ("deployment", "demo"),
        ("source", "managed"),
        ("days", days),
        ("digest", digest),
        ("reason", "the quarterly drill"),
    ]
}

async fn stands(site: &Site, copy: &CopyOnRds) -> bool {
    let covering = approvals::standing_on_rds(&site.services, "demo", "managed", copy).await;
    covering.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_let_drills_have_copies_made_and_one_takes_it_back() {
    let (site, api) = site(true).await;
    let a = Browser::signed_in(&site, "a", "operator").await;
    let b = Browser::signed_in(&site, "b", "approver").await;
    let shown = a.get(&format!("/requests/new?step=plan&{ADDRESS}&days=30")).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    for words in ["db.m6g.large", "sg-1, sg-2", "30 days", "AWS charges for it"] {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    let (digest, copy) = planned(&site).await;
    let asked = a.post("/requests", &fields("30", &digest)).await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
    let page = asked.onward();
    let own = a.post(&format!("{page}/approve"), &[]).await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    assert!(!stands(&site, &copy).await, "one person isn’t two");

    let begun = b.post(&format!("{page}/approve"), &[("note", "read")]).await;
    let decided = log_in_again(&b, &begun, "b", "approver").await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.text);
    assert!(stands(&site, &copy).await);
    let larger = CopyOnRds {
        class: "db.m6g.16xlarge".into(),
        ..copy.clone()
    };
    assert!(!stands(&site, &larger).await, "nobody agreed to that one");
    let run = a.post(&format!("{page}/run"), &[]).await;
    assert_eq!(run.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody runs it");

    let revoked = a.post(&format!("{page}/revoke"), &[]).await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER, "{}", revoked.text);
    assert!(!stands(&site, &copy).await);
    assert_eq!(api.instances(), ["ampora"], "an approval makes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_or_is_not_allowed_is_refused() {
    let (allowed, _api) = site(true).await;
    let a = Browser::signed_in(&allowed, "a", "operator").await;
    let (digest, _) = planned(&allowed).await;
    for (days, words) in [("31", "no longer true"), ("91", "1 to 90 days"), ("", "1 to 90 days")] {
        let refused = a.post("/requests", &fields(days, &digest)).await;
        assert!(refused.status.is_client_error(), "{days}: {}", refused.status);
        assert!(refused.text.contains(words), "{days}: {}", refused.text);
    }
    let viewer = Browser::signed_in(&allowed, "v", "viewer").await;
    let refused = viewer.post("/requests", &fields("30", &digest)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let (barred, _api) = site(false).await;
    let a = Browser::signed_in(&barred, "a", "operator").await;
    let refused = a.post("/requests", &fields("30", &digest)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(refused.text.contains("[deployment.source.drill]"), "{}", refused.text);
}
