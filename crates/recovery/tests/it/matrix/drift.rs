//! The manager and Ampora have different keys, or others have the same one.

use std::fs;
use std::sync::Arc;

use adapters::key_files::KeyFiles;
use domain::approval::Decision;
use domain::finding::Cure;
use domain::key;
use domain::role::{Actor, Role};
use domain::rules::Looks;
use recovery::plans::{Wanted, Wish};
use recovery::settings::Deployment;
use recovery::{collect, runs};

use super::patient::{Patient, commands, follow, only, run_with};
use crate::managers::put;
use crate::site::{master_key, session};

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_that_is_behind_is_told_until_it_is_caught_up_by_request() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    patient.ampora.rewrap(&master_key(4)).await;
    run_with(&patient.env, 4);
    let found = patient.falls_ill("key-behind").await;
    follow(&patient.terminal(), &commands(&found)).await;
    assert_eq!(found.cure, Some(Cure::KeyCatchUp));
    let deployment = patient.deployment.name.clone();
    patient.carries_out(&Wish::KeyCatchUp { deployment }).await;
    // As its last step says: nobody knows who set a key that was never in the manager.
    let found = patient.found().await;
    assert_eq!(found.iter().map(|one| one.0).collect::<Vec<_>>(), ["key-exposed"]);
    let left = only("key-exposed", found);
    patient.rotate_as_told(&left, "5", &master_key(4)).await;
    patient.is_well("the rotation that it asks for").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_that_is_ahead_is_told_until_the_rotation_is_finished() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    patient.make_current("4", key::to_setting(&master_key(4)).as_str());
    let found = patient.falls_ill("key-ahead").await;
    follow(&patient.terminal(), &commands(&found)).await;
    patient.start_with(&master_key(4), Some(&master_key(3)));
    patient.ampora.rewrap(&master_key(4)).await;
    run_with(&patient.env, 4);
    patient.is_well("the rotation was finished").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_stands_still_is_told_until_one_key_opens_everything() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    patient.make_current("4", key::to_setting(&master_key(4)).as_str());
    patient.start_with(&master_key(4), Some(&master_key(3)));
    patient.seal_peer(&master_key(4), 9, b"the secret of the peer").await;
    let found = patient.falls_ill("key-mixed").await;
    follow(&patient.terminal(), &commands(&found)).await;
    patient.ampora.rewrap(&master_key(4)).await;
    run_with(&patient.env, 4);
    patient.is_well("the rotation was finished").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_somebody_was_shown_is_told_until_it_is_rotated() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    patient.configure();
    let wish = Wish::RetrieveKey {
        deployment: patient.deployment.name.clone(),
        version: "3".into(),
        delivery: Wanted::Shown,
    };
    let who = patient.site.person("a", Role::Operator);
    let number = patient.site.agreed(&wish).await;
    let login = patient
        .site
        .decide(&who, number, Decision::Reveal)
        .await
        .expect("signs in");
    let shown = runs::reveal(&patient.site.services, &who, session(&who), number, login.challenge).await;
    shown.expect("shows");
    let found = patient.falls_ill("key-exposed").await;
    patient.rotate_as_told(&found, "4", &master_key(3)).await;
    patient.is_well("the rotation").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_two_deployments_is_told_until_one_has_its_own() {
    let mut patient = Patient::new().await;
    let west = neighbour(&patient);
    let actor = Actor::job("matrix");
    let looked = collect::again(&patient.site.services, &west, &[Looks::Keys], &actor).await;
    looked.expect("is kept");
    patient.is_well("alone").await;
    patient.others.push(west);
    let found = patient.falls_ill("key-shared").await;
    patient.rotate_as_told(&found, "4", &master_key(3)).await;
    // What is left is that both managers have the old key, which nothing needs here.
    let found = patient.found().await;
    assert_eq!(found.iter().map(|one| one.0).collect::<Vec<_>>(), ["key-shared"]);
    patient.remove("3");
    patient.is_well("the old key is gone, too").await;
}

/// Another deployment, whose manager holds the same current key.
fn neighbour(patient: &Patient) -> Deployment {
    let folder = KeyFiles {
        dir: patient.site.folder.path().join("keys-of-the-west"),
    };
    fs::create_dir(&folder.dir).expect("our own folder");
    put(&folder, "1", 3, true);
    let mut west = patient.deployment.clone();
    west.name = "west".into();
    if let Some(key) = &mut west.master_key {
        key.place.manager = Arc::new(folder);
        key.in_use = None;
    }
    west
}
