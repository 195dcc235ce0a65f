//! Receipts hold outside of Muster.

use domain::drill::Choice;
use domain::role::Role;
use recovery::drills::{self, public_keys, verify};

use super::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_names_the_backup_by_digest_and_an_independent_library_believes_it() {
    let mut world = World::with_backup().await;
    // Something stands in the log, and is numbered, as the sequencer does twice a second.
    let viewer = world.site.person("vera", Role::Viewer);
    let refused = drills::start(&world.services, &viewer, "demo", Choice::Latest).await;
    assert!(refused.is_err());
    let mut tree = domain::audit::Tree::default();
    world
        .services
        .store
        .audit_sequence(&mut tree)
        .await
        .expect("numbers what there is");
    world.change(|settings| {
        let sandbox = settings.deployments[0].drills.sandbox.as_mut().expect("a sandbox");
        sandbox.places.limits.cpus = Some(1);
    });
    let stored = world.drill(Choice::Latest).await;
    let receipt = stored.receipt.expect("one for each verdict");
    let key = world.site.folder.path().join("receipt.pem.pub");
    let (payload, _) = verify(receipt.as_bytes(), &public_keys(&key).expect("a key")).expect("holds");
    let statement: serde_json::Value = serde_json::from_slice(&payload).expect("a statement");
    let digest = statement
        .pointer("/subject/0/digest/sha256")
        .and_then(|digest| digest.as_str());
    assert_eq!(digest.map(str::len), Some(64), "{statement:#}");
    assert_eq!(
        statement
            .pointer("/predicate/drill/verdict")
            .and_then(|verdict| verdict.as_str()),
        Some("passed")
    );
    assert!(statement.pointer("/predicate/audit_log/root").is_some());
    // What held the server, and what didn't, stands in the evidence.
    let hold = world.services.settings.deployments[0]
        .drills
        .sandbox
        .as_ref()
        .expect("a sandbox")
        .places
        .hold()
        .await;
    let isolation = statement
        .pointer("/predicate/drill/isolation/detail")
        .and_then(|detail| detail.as_str());
    assert!(
        isolation.is_some_and(|detail| detail.ends_with(&hold.detail)),
        "{isolation:?} {hold:?}"
    );
    let file = world.site.folder.path().join("receipt.json");
    std::fs::write(&file, &receipt).expect("writes");
    testkit::securesystemslib::verify(&file, &key);
}
