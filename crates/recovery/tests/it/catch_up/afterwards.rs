//! After a catch-up a rotation is proposed, and proofs tell whether it was done.

use domain::custody::exposure::{Exposure, Left, Rotated};
use domain::drift::Verdict;
use domain::role::{Actor, Role};
use domain::run::RunState;
use recovery::{collect, findings, keys};

use super::{Behind, wish, write_env};
use crate::managers::put;
use crate::runs::worked;
use crate::site::Site;

/// What is known of keys that left, and whether the finding about them is there.
async fn proposed(site: &Site) -> (Vec<Exposure>, bool) {
    let left = keys::exposures(&site.services, "demo").await.expect("reads");
    let viewer = site.person("v", Role::Viewer);
    let (told, _) = findings::of_keys(&site.services, &viewer, "demo").await.expect("reads");
    (left, told.iter().any(|told| told.code == "key-exposed"))
}

#[tokio::test(flavor = "multi_thread")]
async fn afterwards_a_rotation_is_proposed_until_a_proof_shows_that_it_was_done() {
    let behind = Behind::new().await;
    let site = &behind.site;
    let run = site.started(&wish()).await;
    let done = worked(site, run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{:?}", done.state);
    let (left, is_found) = proposed(site).await;
    let [one] = left.as_slice() else { panic!("{left:?}") };
    assert!(matches!(&one.how, Left::CaughtUp { .. }) && one.certain, "{one:?}");
    assert_eq!((&one.rotated, is_found), (&Rotated::StillInUse, true));

    put(&behind.keys, "3", 5, true);
    write_env(&site.folder.path().join("ampora.env"), 5);
    site.rewrap(0..3, 5).await;
    let deployment = &site.services.settings.deployments[0];
    let proven = collect::prove(&site.services, deployment, &Actor::job("collector")).await;
    assert_eq!(proven.expect("proves").verdict, Verdict::InSync);
    let (left, is_found) = proposed(site).await;
    assert!(matches!(left[0].rotated, Rotated::Yes { .. }) && !is_found, "{left:?}");
}
