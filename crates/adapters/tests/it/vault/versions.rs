//! Versions and what becomes of them.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::custody::{Life, Protection, Rotation, Version};
use reqwest::Method;
use serde_json::json;

use super::*;

async fn described(bao: &Bao, path: &str) -> Secret {
    as_root(bao, path).describe().await.unwrap()
}

async fn write(bao: &Bao, path: &str, times: usize) {
    for _ in 0..times {
        bao.put(MOUNT, path, json!({ "value": "a" })).await;
    }
}

fn version<'s>(secret: &'s Secret, name: &str) -> &'s Version {
    secret.versions.iter().find(|version| version.name == name).unwrap()
}

#[tokio::test]
async fn every_version_is_listed_with_its_state_until_it_is_pushed_out() {
    let bao = server().await;
    bao.post("kv/metadata/ampora/prod", json!({ "max_versions": 4 })).await;
    write(&bao, PATH, 6).await;
    bao.post("kv/delete/ampora/prod", json!({ "versions": [3] })).await;
    bao.post("kv/destroy/ampora/prod", json!({ "versions": [4] })).await;
    let secret = described(&bao, PATH).await;

    let lives: Vec<_> = secret
        .versions
        .iter()
        .map(|version| (version.name.as_str(), version.life))
        .collect();
    assert_eq!(
        lives,
        [
            ("3", Life::Deleted),
            ("4", Life::Destroyed),
            ("5", Life::Enabled),
            ("6", Life::Enabled)
        ]
    );
    assert_eq!(secret.current().unwrap().name, "6");
    assert!(secret.versions.iter().all(|version| version.created_at.is_some()));
    assert_eq!(left(&secret), [("3", 1), ("4", 2), ("5", 3), ("6", 4)]);
    assert!(
        secret.remarks[0].ends_with("push old ones out): 1 to 2"),
        "{:?}",
        secret.remarks
    );
    assert_eq!(secret.rotation, Rotation::Unsupported);
    assert!(
        matches!(&secret.protection, Protection::Unprotected { why } if why.contains("no deletion protection") && why.ends_with("cas_required is off")),
        "{:?}",
        secret.protection
    );
}

/// What S12 asks before a write: the answer is what then happens.
#[tokio::test]
async fn the_versions_that_a_write_will_remove_are_those_it_removes() {
    let bao = server().await;
    write(&bao, PATH, 5).await;
    assert!(described(&bao, PATH).await.pruned_by_next_write().is_empty());
    bao.post("kv/metadata/ampora/prod", json!({ "max_versions": 3 })).await;
    let before = described(&bao, PATH).await;
    let pruned: Vec<_> = before
        .pruned_by_next_write()
        .iter()
        .map(|version| version.name.clone())
        .collect();
    assert_eq!(pruned, ["1", "2", "3"]);
    write(&bao, PATH, 1).await;
    let after = described(&bao, PATH).await;
    let names: Vec<_> = after.versions.iter().map(|version| version.name.as_str()).collect();
    assert_eq!(names, ["4", "5", "6"]);
}

#[tokio::test]
async fn the_limit_is_the_paths_then_the_mounts_then_vaults() {
    let bao = server().await;
    write(&bao, PATH, 1).await;
    assert_eq!(left(&described(&bao, PATH).await), [("1", 10)]);
    bao.post("kv/config", json!({ "max_versions": 2, "cas_required": true }))
        .await;
    let secret = described(&bao, PATH).await;
    assert_eq!(left(&secret), [("1", 2)]);
    assert!(matches!(&secret.versions[0].keep, Keep::Writes { why, .. } if why == "max_versions 2 of the mount"));
    assert!(matches!(&secret.protection, Protection::Unprotected { why } if why.contains("cas_required is on")));
    bao.post("kv/metadata/ampora/prod", json!({ "max_versions": 5 })).await;
    assert_eq!(left(&described(&bao, PATH).await), [("1", 5)]);
}

#[tokio::test]
async fn a_limit_that_may_not_be_read_is_unknown() {
    let bao = server().await;
    write(&bao, PATH, 2).await;
    bao.policy("reader", r#"path "kv/metadata/*" { capabilities = ["read"] }"#)
        .await;
    let token = bao.token("reader").await;
    let secret = with_token(&bao, PATH, &token).describe().await.unwrap();
    assert!(secret.versions.iter().all(|version| version.keep == Keep::Unknown));
    assert_eq!(secret.unclear_at_next_write().len(), 2);
    let remark = &secret.remarks[0];
    assert!(
        remark.contains("permission denied") && remark.contains("must allow read on kv/config"),
        "{remark}"
    );
}

#[tokio::test]
async fn a_version_that_will_be_deleted_says_when() {
    let bao = server().await;
    let settings = json!({ "delete_version_after": "30m", "custom_metadata": { "owner": "hunter2" } });
    bao.post("kv/metadata/ampora/prod", settings).await;
    write(&bao, PATH, 2).await;
    let secret = described(&bao, PATH).await;
    for version in &secret.versions {
        let date = version.created_at.unwrap() + TimeDelta::minutes(30);
        assert_eq!(version.life, Life::Enabled);
        assert!(
            matches!(&version.keep, Keep::Until { at, .. } if *at == date),
            "{:?}",
            version.keep
        );
    }
    assert_eq!(
        secret.remarks,
        [
            "New versions are deleted 30m0s after they are written (delete_version_after of this path)",
            "Custom metadata: owner"
        ]
    );
}

#[tokio::test]
async fn a_version_whose_time_is_over_is_deleted() {
    let bao = server().await;
    bao.post("kv/config", json!({ "delete_version_after": "1s" })).await;
    write(&bao, PATH, 1).await;
    let began = Instant::now();
    loop {
        let secret = described(&bao, PATH).await;
        match version(&secret, "1").life {
            Life::Deleted => {
                let said = &secret.remarks[0];
                assert!(said.starts_with("The current version, 1, is deleted"), "{said}");
                break;
            }
            life => assert!(began.elapsed() < Duration::from_secs(20), "still {life:?}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Described by whole seconds it is gone a moment early.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_absent(as_root(&bao, PATH).read("1").await, "and can be undeleted");
}

/// Its time has parts of a second, the clock of the answer hasn't.
#[tokio::test]
async fn a_version_is_deleted_at_once_and_comes_back() {
    let bao = server().await;
    write(&bao, PATH, 2).await;
    for _ in 0..5 {
        bao.call(Method::DELETE, "kv/data/ampora/prod", json!({})).await;
        let deleted = described(&bao, PATH).await;
        assert_eq!(version(&deleted, "2").life, Life::Deleted);
        bao.post("kv/undelete/ampora/prod", json!({ "versions": [2] })).await;
        assert_eq!(version(&described(&bao, PATH).await, "2").life, Life::Enabled);
    }
}

#[tokio::test]
async fn a_path_with_settings_alone_has_no_version() {
    let bao = server().await;
    bao.post("kv/metadata/ampora/prod", json!({ "max_versions": 4 })).await;
    let secret = described(&bao, PATH).await;
    assert_eq!(secret.versions, []);
    assert_eq!(secret.remarks, ["No version was written yet"]);
}
