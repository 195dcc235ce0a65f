//! A key that left Muster is remembered, and so is whether it was rotated since: by proofs on the real database, not by anybody's word.

use std::fs;

use adapters::key_files::KeyFiles;
use adapters::manager::Written;
use domain::approval::Decision;
use domain::custody::exposure::{Exposure, Left, Rotated};
use domain::key;
use domain::plan::{Delivery, PlaceName};
use domain::role::{Actor, Role};
use domain::run::RunState;
use recovery::keys::exposures;
use recovery::plans::{Wanted, Wish};
use recovery::settings::{Destination, KeyPlace};
use recovery::{collect, runs};

use crate::runs::worked;
use crate::site::{Site, master_key, session};

fn wish(delivery: Wanted) -> Wish {
    Wish::RetrieveKey {
        deployment: "demo".into(),
        version: "2".into(),
        delivery,
    }
}

async fn known(site: &Site) -> Vec<Exposure> {
    exposures(&site.services, "demo").await.expect("reads")
}

async fn prove(site: &Site) {
    let deployment = &site.services.settings.deployments[0];
    let proven = collect::prove(&site.services, deployment, &Actor::job("collector")).await;
    proven.expect("proves");
}

/// Signs in for the key of an agreed request.
async fn asked_for(site: &Site) -> (Actor, i64, domain::ids::ChallengeId) {
    let a = site.person("a", Role::Operator);
    let number = site.agreed(&wish(Wanted::Shown)).await;
    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    (a, number, login.challenge)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_seen_is_in_use_until_a_later_proof_finds_others_only() {
    let site = Site::new().await;
    prove(&site).await;
    assert!(known(&site).await.is_empty());
    let (a, number, challenge) = asked_for(&site).await;
    assert!(known(&site).await.is_empty(), "nobody has it yet");
    let shown = runs::reveal(&site.services, &a, session(&a), number, challenge).await;
    shown.expect("shows");

    let [seen] = &known(&site).await[..] else { panic!("one") };
    assert_eq!((seen.request, &*seen.who, seen.certain), (number, "a", true));
    let shown = Left::Retrieved {
        version: "2".into(),
        delivery: Delivery::ShownOnce,
    };
    assert_eq!(seen.how, shown);
    assert_eq!(seen.fingerprint, master_key(2).fingerprint());
    assert_eq!(seen.rotated, Rotated::StillInUse, "by the proof from before");

    site.rewrap(0..2, 3).await;
    prove(&site).await;
    assert_eq!(
        known(&site).await[0].rotated,
        Rotated::StillInUse,
        "one envelope is left"
    );
    site.rewrap(2..3, 3).await;
    let before = known(&site).await[0].at;
    prove(&site).await;
    let Rotated::Yes { since } = known(&site).await[0].rotated else {
        panic!("{:?}", known(&site).await)
    };
    assert!(since >= before, "{since} {before}");
    prove(&site).await;
    assert_eq!(known(&site).await[0].rotated, Rotated::Yes { since }, "the time stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_proven_since_is_not_known() {
    let site = Site::new().await;
    let (a, number, challenge) = asked_for(&site).await;
    let shown = runs::reveal(&site.services, &a, session(&a), number, challenge).await;
    shown.expect("shows");
    let [seen] = &known(&site).await[..] else { panic!("one") };
    assert!(
        matches!(&seen.rotated, Rotated::Unknown { why } if why == "not read yet"),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_stayed_is_no_exposure_and_one_that_may_have_left_is() {
    let site = Site::new().await;
    let (a, number, challenge) = asked_for(&site).await;
    let path = site.folder.path().join("keys/2.key");
    fs::write(&path, key::to_setting(&master_key(9)).as_bytes()).expect("writes");
    let moved = runs::reveal(&site.services, &a, session(&a), number, challenge).await;
    moved.expect_err("it isn’t the approved key any more");
    assert!(known(&site).await.is_empty(), "it never left");

    fs::write(&path, key::to_setting(&master_key(2)).as_bytes()).expect("writes");
    let (a, number, challenge) = asked_for(&site).await;
    let shown = runs::reveal(&site.services, &a, session(&a), number, challenge).await;
    shown.expect("shows");
    // The process died after it had read the key: whether the answer arrived is nobody's knowledge.
    let mut conn = site.own.connect().await;
    for statement in [
        r#"UPDATE run_steps SET state = '{"state":"running","since":"2026-01-01T00:00:00Z"}' WHERE state ->> 'state' = 'done'"#,
        r#"UPDATE runs SET state = '{"state":"running"}', finished_at = NULL, lease_until = clock_timestamp() - interval '1 s' WHERE word = 'succeeded'"#,
    ] {
        sqlx::query(statement).execute(&mut conn).await.expect("rewinds");
    }
    let request = site
        .services
        .store
        .request(number)
        .await
        .expect("reads")
        .expect("is there");
    let run = site
        .services
        .store
        .run_of_request(request.request.id)
        .await
        .expect("reads")
        .expect("is there");
    let done = worked(&site, run.id).await;
    assert!(matches!(done.state, RunState::NeedsHuman { .. }), "{:?}", done.state);
    let [seen] = &known(&site).await[..] else { panic!("one") };
    assert!(!seen.certain && seen.request == number, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_a_new_place_is_in_somebodys_hands_too() {
    let mut site = Site::new().await;
    let root = site.folder.path().to_owned();
    site.configure(|settings| {
        let to = move |name: &PlaceName| KeyPlace {
            manager: std::sync::Arc::new(KeyFiles {
                dir: root.join(name.as_str()),
            }),
            written: Written::default(),
        };
        settings.deployments[0].key_destinations = vec![Destination::new("near".into(), "file", to)];
    });
    let placed = Wanted::Placed {
        destination: "near".into(),
        name: "new".into(),
    };
    let run = site.started(&wish(placed)).await;
    let done = worked(&site, run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{:?}", done.state);
    let [seen] = &known(&site).await[..] else { panic!("one") };
    assert!(
        matches!(&seen.how, Left::Retrieved { delivery: Delivery::Placed(place), .. } if place.destination == "near"),
        "{seen:?}"
    );
    assert!(seen.certain);
}
