//! Images that a registry or its disk has lost parts of.

use adapters::registry::{Digest, ImageReading, PartKind};
use domain::status::Status;
use testkit::registry::{Login, Pushed, Registry};

use super::{REPOSITORY, reading, settings};

/// What is read after `lose`.
async fn after(lose: impl AsyncFnOnce(&Registry, &Pushed)) -> (ImageReading, Pushed) {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    lose(&registry, &pushed).await;
    let mut settings = settings(&registry, "1.4.2");
    settings.digest = Some(pushed.digest.clone());
    (reading(settings, vec![]).await, pushed)
}

fn missing(found: &ImageReading) -> Vec<(PartKind, &Digest)> {
    let missing = found.checked[0].missing.iter();
    missing.map(|part| (part.kind, &part.digest)).collect()
}

#[tokio::test]
async fn a_lost_index_is_broken() {
    let (found, pushed) =
        after(async |registry, pushed| registry.delete_manifest(REPOSITORY, &pushed.digest).await).await;
    assert_eq!(found.status, Status::Broken);
    let expected = format!(
        "running: the registry has no manifest {}: it can’t be pulled",
        pushed.digest
    );
    assert!(found.detail.starts_with(&expected), "{}", found.detail);
}

#[tokio::test]
async fn a_lost_manifest_of_the_platform_in_use_is_broken_and_named() {
    let lose =
        async |registry: &Registry, pushed: &Pushed| registry.delete_manifest(REPOSITORY, &pushed.amd64.digest).await;
    let (found, pushed) = after(lose).await;
    assert_eq!(found.status, Status::Broken);
    assert_eq!(missing(&found), [(PartKind::Manifest, &pushed.amd64.digest)]);
    assert!(
        found.detail.contains("can’t be pulled for linux/amd64"),
        "{}",
        found.detail
    );
}

#[tokio::test]
async fn what_another_platform_lacks_is_no_loss() {
    let lose =
        async |registry: &Registry, pushed: &Pushed| registry.delete_manifest(REPOSITORY, &pushed.arm64.digest).await;
    let (found, _) = after(lose).await;
    assert_eq!(found.status, Status::Ok, "{}", found.detail);
}

#[tokio::test]
async fn lost_layers_and_configs_are_broken_and_named_with_their_size() {
    let (found, pushed) = after(async |registry, pushed| {
        registry.delete_blob(&pushed.amd64.config);
        registry.delete_blob(&pushed.amd64.layers[1]);
    })
    .await;
    assert_eq!(found.status, Status::Broken);
    let expected = [
        (PartKind::Config, &pushed.amd64.config),
        (PartKind::Layer, &pushed.amd64.layers[1]),
    ];
    assert_eq!(missing(&found), expected);
    let layer = format!("layer {} (2.0 kB)", pushed.amd64.layers[1]);
    assert!(found.detail.contains(&layer), "{}", found.detail);
}

#[tokio::test]
async fn a_lost_config_shows_without_an_index_too() {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    let mut settings = settings(&registry, "1.4.2");
    settings.digest = Some(pushed.amd64.digest.clone());
    registry.delete_blob(&pushed.amd64.config);
    let found = reading(settings.clone(), vec![]).await;
    assert_eq!(
        (found.status, missing(&found)),
        (Status::Broken, vec![(PartKind::Config, &pushed.amd64.config)])
    );
}

#[tokio::test]
async fn a_layer_that_was_cut_off_is_broken() {
    let (found, pushed) =
        after(async |registry, pushed| registry.alter_blob(&pushed.amd64.layers[0], b"half of it")).await;
    assert_eq!(found.status, Status::Broken);
    let part = &found.checked[0].missing[0];
    assert_eq!((&part.digest, part.found_bytes), (&pushed.amd64.layers[0], Some(10)));
    assert!(found.detail.contains("has 10 bytes instead of "), "{}", found.detail);
}

#[tokio::test]
async fn a_manifest_that_changed_on_the_disk_is_not_taken_for_the_image() {
    let changed = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
    let (found, _) = after(async |registry, pushed| registry.alter_blob(&pushed.digest, changed)).await;
    assert_eq!(found.status, Status::Broken);
    assert!(found.detail.contains("digest doesn’t match"), "{}", found.detail);
}

#[tokio::test]
async fn a_config_that_changed_on_the_disk_is_not_taken_for_the_image() {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    let mut settings = settings(&registry, "1.4.2");
    settings.digest = Some(pushed.amd64.digest.clone());
    registry.alter_blob(&pushed.amd64.config, br#"{"architecture":"amd64","os":"linux"}"#);
    let found = reading(settings.clone(), vec![]).await;
    assert_eq!(found.status, Status::Broken);
    assert!(found.detail.contains("digest doesn’t match"), "{}", found.detail);
}
