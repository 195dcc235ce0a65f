//! Images that can be pulled.

use adapters::registry::{Drift, ImageReading, ImageSettings, Version};
use domain::status::Status;
use testkit::registry::{Login, Registry};

use super::{REPOSITORY, reading, settings, wrote};

#[tokio::test]
async fn an_image_is_found_by_its_tag() {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    let found = reading(settings(&registry, "1.4.2"), vec![]).await;
    assert_eq!(found.status, Status::Ok, "{}", found.detail);
    let running = &found.checked[0];
    assert_eq!(running.digest.as_ref(), Some(&pushed.digest));
    assert_eq!(
        running.media_type.as_deref(),
        Some("application/vnd.oci.image.index.v1+json")
    );
    assert_eq!((running.parts, running.size_bytes), (3, Some(pushed.amd64.size_bytes)));
    assert!(
        found.detail.contains("config and 2 layers for linux/amd64 are there"),
        "{}",
        found.detail
    );
    assert_eq!(found.drift, None);
}

#[tokio::test]
async fn an_image_is_found_by_the_digest_of_its_index_or_of_its_manifest() {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    for digest in [&pushed.digest, &pushed.amd64.digest] {
        let mut settings = settings(&registry, "1.4.2");
        settings.digest = Some(digest.clone());
        let found = reading(settings, vec![]).await;
        assert_eq!((found.status, &found.drift), (Status::Ok, &None), "{}", found.detail);
        assert_eq!(found.checked[0].digest.as_ref(), Some(digest));
    }
}

#[tokio::test]
async fn each_version_that_wrote_a_backup_is_judged_on_its_own() {
    let registry = Registry::start(Login::Open).await;
    let old = registry.push(REPOSITORY, "1.3.0").await;
    let lost = registry.push(REPOSITORY, "1.3.1").await;
    let running = registry.push(REPOSITORY, "1.4.2").await;
    registry.delete_manifest(REPOSITORY, &lost.digest).await;
    let earlier = vec![
        wrote("20261001F", &old.digest),
        wrote("20261008F", &lost.digest),
        wrote("20261015F", &running.digest),
        wrote("20261016F", &lost.digest),
    ];
    let mut settings = settings(&registry, "1.4.2");
    settings.digest = Some(running.digest.clone());
    let found = reading(settings, earlier).await;
    let statuses: Vec<_> = found
        .checked
        .iter()
        .map(|version| (version.what.as_str(), version.status))
        .collect();
    let expected = [
        ("running", Status::Ok),
        ("wrote backup 20261001F", Status::Ok),
        ("wrote backup 20261008F", Status::Broken),
        ("wrote backup 20261015F", Status::Ok),
        ("wrote backup 20261016F", Status::Broken),
    ];
    assert_eq!(statuses, expected);
    assert_eq!(found.status, Status::Broken);
    let detail = &found.detail;
    assert!(
        detail.starts_with("wrote backup 20261008F: the registry has no manifest") && detail.contains("1 more of 5"),
        "{detail}"
    );
    assert!(detail.contains(lost.digest.as_str()), "{detail}");
}

#[tokio::test]
async fn a_tag_that_moved_is_told_and_the_digest_counts() {
    let registry = Registry::start(Login::Open).await;
    let running = registry.push(REPOSITORY, "1.4.2").await;
    let newer = registry.push(REPOSITORY, "1.5.0").await;
    registry.retag(REPOSITORY, "1.5.0", "1.4.2").await;
    let mut settings = settings(&registry, "1.4.2");
    settings.digest = Some(running.digest.clone());
    let found = reading(settings.clone(), vec![]).await;
    assert_eq!(found.status, Status::Ok, "{}", found.detail);
    let expected = Drift {
        tag: "1.4.2".parse().unwrap(),
        digest: Some(newer.digest.clone()),
    };
    assert_eq!(found.drift, Some(expected));
    assert!(
        found
            .detail
            .contains(&format!("the tag 1.4.2 now means {}", newer.digest)),
        "{}",
        found.detail
    );
    settings.reference = format!("{}/{REPOSITORY}:0.9", registry.address()).parse().unwrap();
    let found = reading(settings, vec![]).await;
    assert!(
        found.detail.contains("the tag 0.9 is gone from the registry"),
        "{}",
        found.detail
    );
}

#[tokio::test]
async fn the_image_of_another_platform_can_be_asked_for() {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    let on = |platform: &str| ImageSettings {
        platform: platform.parse().unwrap(),
        ..settings(&registry, "1.4.2")
    };
    let arm = reading(on("linux/arm64/v8"), vec![]).await;
    assert_eq!(
        (arm.status, arm.checked[0].size_bytes),
        (Status::Ok, Some(pushed.arm64.size_bytes)),
        "{}",
        arm.detail
    );
    let mainframe = reading(on("linux/s390x"), vec![]).await;
    assert_eq!(mainframe.status, Status::Broken);
    let expected = "no image for linux/s390x; it has linux/amd64, linux/arm64";
    assert!(mainframe.detail.contains(expected), "{}", mainframe.detail);
    let mut pinned = on("linux/amd64");
    pinned.digest = Some(pushed.arm64.digest.clone());
    let pinned = reading(pinned, vec![]).await;
    assert_eq!(pinned.status, Status::Broken);
    assert!(
        pinned
            .detail
            .contains("made for linux/arm64, and linux/amd64 is in use"),
        "{}",
        pinned.detail
    );
}

#[tokio::test]
async fn a_mirror_is_asked_under_its_own_path() {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push("mirror/ampora/web", "1.4.2").await;
    let mut settings = ImageSettings::new("registry.example.org/ampora/web:1.4.2".parse().unwrap());
    settings.digest = Some(pushed.digest);
    for path in ["mirror", "/v2/mirror/"] {
        settings.registry = format!("http://{}/{path}", registry.address())
            .replace("//v2", "/v2")
            .parse()
            .ok();
        let found = reading(settings.clone(), vec![]).await;
        assert_eq!(found.status, Status::Ok, "{}", found.detail);
    }
}

#[tokio::test]
async fn a_reading_is_kept_as_json() {
    let registry = Registry::start(Login::Open).await;
    let pushed = registry.push(REPOSITORY, "1.4.2").await;
    registry.delete_blob(&pushed.amd64.layers[1]);
    let found = reading(settings(&registry, "1.4.2"), vec![wrote("a", &pushed.amd64.digest)]).await;
    assert!(matches!(found.checked[0].version, Version::Tag(_)));
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<ImageReading>(&json).unwrap(), found, "{json}");
}
