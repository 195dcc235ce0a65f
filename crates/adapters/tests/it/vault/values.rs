//! Reading and writing values.

use reqwest::Method;
use serde_json::json;

use super::*;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[tokio::test]
async fn each_version_is_read_by_its_number() {
    let bao = server().await;
    bao.put(MOUNT, PATH, json!({ "key": "old" })).await;
    let stored = json!({ "key": KEY, "count": 9_007_199_254_740_991_u64, "tags": ["a", null] });
    bao.put(MOUNT, PATH, stored).await;
    let vault = as_root(&bao, PATH);
    assert_eq!(shown(vault.read("1").await.unwrap()), text(&[("key", "old")]));
    let second = text(&[("count", "9007199254740991"), ("key", KEY), ("tags", "[\"a\",null]")]);
    assert_eq!(shown(vault.read("2").await.unwrap()), second);
    for name in ["3", "0", "-1", "", "current", "2?version=1", "99999999999999999999"] {
        assert_absent(vault.read(name).await, "version");
    }
}

#[tokio::test]
async fn a_version_without_a_value_says_why() {
    let bao = server().await;
    bao.post("kv/metadata/ampora/prod", json!({ "max_versions": 3 })).await;
    for _ in 0..4 {
        bao.put(MOUNT, PATH, json!({ "key": KEY })).await;
    }
    bao.post("kv/delete/ampora/prod", json!({ "versions": [2] })).await;
    bao.post("kv/destroy/ampora/prod", json!({ "versions": [3] })).await;
    let vault = as_root(&bao, PATH);
    let error = vault.read("2").await.unwrap_err();
    assert!(
        error.to_string().contains("has no version 2: it was deleted at 20"),
        "{error}"
    );
    assert_absent(vault.read("3").await, "version 3 any more: it is destroyed");
    assert_eq!(
        vault.read("1").await.unwrap_err(),
        ManagerError::Absent(vault.name(), "version 1".into())
    );
}

#[tokio::test]
async fn a_secret_is_made_once() {
    let bao = server().await;
    let vault = as_root(&bao, PATH);
    assert_absent(vault.describe().await, "such secret");
    assert_eq!(vault.create(&fields(&[("key", KEY)])).await.unwrap(), "1");
    assert_eq!(shown(vault.read("1").await.unwrap()), text(&[("key", KEY)]));
    let exists = Err(ManagerError::Exists(vault.name()));
    assert_eq!(vault.create(&fields(&[("key", "other")])).await, exists);
    bao.call(Method::DELETE, "kv/data/ampora/prod", json!({})).await;
    assert_eq!(vault.create(&fields(&[("key", "other")])).await, exists);
    bao.post("kv/destroy/ampora/prod", json!({ "versions": [1] })).await;
    assert_eq!(vault.create(&fields(&[("key", "other")])).await, exists);
    assert_eq!(bao.get("kv/metadata/ampora/prod").await["current_version"], 1);
}

#[tokio::test]
async fn a_secret_is_made_where_only_settings_are() {
    let bao = server().await;
    bao.post("kv/metadata/ampora/prod", json!({ "cas_required": true }))
        .await;
    let vault = as_root(&bao, PATH);
    let whole = |text: &str| Value::Whole(Zeroizing::new(text.as_bytes().to_vec()));
    assert_eq!(vault.create(&whole("{\"key\":\"a\",\"count\":3}")).await.unwrap(), "1");
    let stored = bao.get("kv/data/ampora/prod").await["data"].clone();
    assert_eq!(stored, json!({ "key": "a", "count": 3 }));
    assert_eq!(vault.append(&whole(KEY), "1").await.unwrap(), "2");
    assert_eq!(bao.get("kv/data/ampora/prod").await["data"], json!({ "value": KEY }));
}

#[tokio::test]
async fn a_version_is_added_only_to_the_one_that_was_seen() {
    let bao = server().await;
    bao.put(MOUNT, PATH, json!({ "key": "1" })).await;
    let vault = as_root(&bao, PATH);
    assert_eq!(vault.append(&fields(&[("key", "2")]), "1").await.unwrap(), "2");
    bao.put(MOUNT, PATH, json!({ "key": "3" })).await;
    let moved = Err(ManagerError::Moved(vault.name(), "3".into()));
    for expected in ["2", "7", "0", "", "latest"] {
        assert_eq!(vault.append(&fields(&[("key", KEY)]), expected).await, moved);
    }
    assert_eq!(bao.get("kv/metadata/ampora/prod").await["current_version"], 3);
    let nowhere = as_root(&bao, "ampora/none");
    let unknown = Err(ManagerError::Moved(nowhere.name(), "one that isn’t known".into()));
    assert_eq!(nowhere.append(&fields(&[("key", KEY)]), "1").await, unknown);
}

#[tokio::test]
async fn what_isnt_changed_keeps_its_type() {
    let bao = server().await;
    let stored = json!({ "key": "old", "count": 3, "flags": { "a": true } });
    bao.put(MOUNT, PATH, stored).await;
    let vault = as_root(&bao, PATH);
    let Value::Fields(mut read) = vault.read("1").await.unwrap() else {
        panic!("Vault stores fields");
    };
    read.insert("key".into(), Zeroizing::new(KEY.as_bytes().to_vec()));
    assert_eq!(vault.append(&Value::Fields(read.clone()), "1").await.unwrap(), "2");
    let expected = json!({ "key": KEY, "count": 3, "flags": { "a": true } });
    assert_eq!(bao.get("kv/data/ampora/prod").await["data"], expected);
    // Nothing to compare with, and still not lost.
    bao.call(Method::DELETE, "kv/data/ampora/prod", json!({})).await;
    assert_eq!(vault.append(&Value::Fields(read), "2").await.unwrap(), "3");
    assert_eq!(bao.get("kv/data/ampora/prod").await["data"]["count"], "3");
}

/// It would store `options` and `data` as a secret of its own, key included.
#[tokio::test]
async fn an_engine_of_another_kind_is_left_alone() {
    let bao = Bao::start().await;
    bao.post("sys/mounts/kv", json!({ "type": "kv", "options": { "version": "1" } }))
        .await;
    let vault = as_root(&bao, PATH);
    let refused = vault.create(&fields(&[("key", KEY)])).await.unwrap_err();
    assert!(
        matches!(&refused, ManagerError::Unsupported(_, why) if why.starts_with("kv is a kv engine of version 1")),
        "{refused}"
    );
    assert_absent(vault.describe().await, "such secret");
    let list = Method::from_bytes(b"LIST").unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let listing = client.request(list, bao.address().join("v1/kv/").unwrap());
    let listing = listing.header("X-Vault-Token", ROOT).send().await.unwrap();
    assert_eq!(listing.status(), 404, "nothing was written");
    let elsewhere = Vault::new(&VaultSettings::new(
        bao.address(),
        "nowhere",
        "a",
        VaultAuth::Token(ROOT.into()),
    ));
    assert!(elsewhere.unwrap().create(&fields(&[("key", KEY)])).await.is_err());
}

#[tokio::test]
async fn bytes_that_vault_cant_store_are_refused() {
    let bao = server().await;
    let vault = as_root(&bao, PATH);
    let raw = Value::Whole(Zeroizing::new(vec![0xFF; 32]));
    assert!(matches!(vault.create(&raw).await, Err(ManagerError::Unsupported(..))));
    assert_absent(vault.describe().await, "such secret");
}
