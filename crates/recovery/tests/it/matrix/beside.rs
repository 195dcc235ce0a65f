//! Faults beside database and archive: a clock, a revocation list, an image, a secret manager.

use adapters::registry::ImageSettings;
use chrono::{TimeDelta, Utc};
use domain::finding::Found;
use domain::rules::Looks;
use domain::time::Timestamp;
use recovery::Clock;
use recovery::settings::Images;
use serde_json::json;
use testkit::bao::{Bao, ROOT};
use testkit::certificates::Authority;
use testkit::clock::MockClock;
use testkit::registry::{Login, Registry};
use testkit::revocations::ServedList;

use super::held::{MOUNT, PATH, owner, place, write};
use super::patient::{Patient, commands, follow, only};

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_told_until_it_is_right() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    let wrong = MockClock::at(Utc::now() + TimeDelta::minutes(2));
    patient.clock = Clock::new(move || wrong.now());
    patient.falls_ill("clock-skew").await;
    patient.clock = Clock::system();
    patient.is_well("the clock was set right").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_ended_is_told_until_there_is_a_new_one() {
    let mut patient = Patient::new().await;
    let now = Utc::now();
    let authority = Authority::root("Ampora CA", (now - TimeDelta::days(300), now + TimeDelta::days(300)));
    let list = |from: i64| {
        let from = now + TimeDelta::minutes(from);
        authority.revocation_list((from, from + TimeDelta::minutes(30)), 2)
    };
    let served = ServedList::start(list(-5)).await;
    patient.deployment.crl = Some(served.url().to_owned());
    patient.is_well("a fresh start").await;
    served.replace(list(-35));
    let found = patient.falls_ill("crl-past-next-update").await;
    assert!(
        found.evidence.iter().any(|one| one.value == "2"),
        "{:?}",
        found.evidence
    );
    served.replace(list(0));
    patient.is_well("a new list").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_about_to_go_is_told_until_vault_keeps_more() {
    let mut patient = Patient::new().await;
    let bao = Bao::start().await;
    bao.post(&format!("{MOUNT}/metadata/{PATH}"), json!({ "max_versions": 4 }))
        .await;
    // The key of the dump, then the one that Ampora has now.
    write(&bao, 2).await;
    write(&bao, 3).await;
    patient.deployment.master_key.as_mut().expect("is configured").place = place(&bao, ROOT);
    patient.is_well("a fresh start").await;
    write(&bao, 4).await;
    // What Ampora has is current again, so nothing else is wrong.
    write(&bao, 3).await;
    let found = patient.falls_ill("key-version-pruned").await;
    follow(&owner(&patient, &bao), &commands(&found)).await;
    patient.is_well("Vault keeps more").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_from_before_the_migration_is_told_until_the_newer_one_runs() {
    const MIGRATE: &str = r#"INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ('99990101000000_Newer', '10.0.0')"#;
    let mut patient = Patient::new().await;
    let registry = Registry::start(Login::Open).await;
    for version in ["1.4.2", "1.5.0"] {
        registry.push(REPOSITORY, version).await;
    }
    runs(&mut patient, &registry, "1.4.2");
    looks_at(&mut patient, Utc::now() - TimeDelta::hours(2)).await;
    patient.run(MIGRATE).await;
    runs(&mut patient, &registry, "1.5.0");
    looks_at(&mut patient, Utc::now() - TimeDelta::hours(1)).await;
    let upgraded = looks_at(&mut patient, Utc::now()).await;
    assert_eq!(codes(&upgraded), Vec::<&str>::new(), "after the upgrade");

    runs(&mut patient, &registry, "1.4.2");
    let rolled_back = only("schema-ahead", looks_at(&mut patient, Utc::now()).await);
    assert!(
        rolled_back.title.contains("99990101000000_Newer"),
        "{}",
        rolled_back.title
    );

    runs(&mut patient, &registry, "1.5.0");
    let again = looks_at(&mut patient, Utc::now()).await;
    assert_eq!(codes(&again), Vec::<&str>::new(), "after the newer image is back");
}

const REPOSITORY: &str = "ampora/web";

/// The image that the manifests name.
fn runs(patient: &mut Patient, registry: &Registry, version: &str) {
    let reference = format!("{}/{REPOSITORY}:{version}", registry.address());
    patient.deployment.images = Some(Images {
        image: ImageSettings::new(reference.parse().expect("a reference")),
        site: None,
        earlier: Vec::new(),
        second: None,
    });
}

/// One collection that is remembered, at this time.
async fn looks_at(patient: &mut Patient, at: Timestamp) -> Vec<(&'static str, Found)> {
    patient.clock = Clock::new(move || at);
    patient.remember(&[Looks::Database, Looks::Images]).await
}

fn codes(found: &[(&'static str, Found)]) -> Vec<&'static str> {
    found.iter().map(|(code, _)| *code).collect()
}
