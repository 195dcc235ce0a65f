//! The key that Ampora was started with, and what speaks against its pods' holding it.

use adapters::in_use::{KeysInUse, MASTER_KEY, PREVIOUS_KEY};
use adapters::kubernetes::{InUseError, InUseSecret, KubernetesSecret};
use adapters::manager::ManagerError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::Sha256;

use super::*;

fn key(seed: u8) -> String {
    STANDARD.encode(Sha256::of(&[&[seed]]).0)
}

fn secret(values: &[(&str, &str)], changed_at: Option<&str>) -> Value {
    let data: Value = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(STANDARD.encode(value))))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "ampora-secrets",
            "namespace": "ampora",
            "managedFields": [{ "manager": "kubectl", "time": changed_at, "fieldsType": "FieldsV1", "fieldsV1": { "f:data": {} } }],
        },
        "data": data,
    })
}

/// A pod of Ampora whose environment is this Secret's, and whose container started then.
fn started(name: &str, secret: &str, at: Option<&str>) -> Value {
    let mut pod = pod(name, "web", "Running", "ampora/web:1", "");
    pod["spec"]["containers"][1]["envFrom"] = json!([{ "secretRef": { "name": secret } }]);
    let state = at.map(|at| json!({ "running": { "startedAt": at } }));
    pod["status"]["containerStatuses"][1]["state"] = json!(state);
    pod
}

const CHANGED: &str = "2026-02-01T00:00:00Z";

async fn site() -> Site {
    let site = Site::new().await;
    site.api.put(deployment(json!({ "matchLabels": { "app": "web" } })));
    site.api.put(secret(&[(MASTER_KEY, &key(1))], Some(CHANGED)));
    site
}

fn in_use(site: &Site, deployment: Option<&str>) -> InUseSecret {
    let settings = KubernetesSettings {
        kubeconfig: Some(site.api.kubeconfig(site.folder.path())),
        context: None,
    };
    let secret = KubernetesSecret::new(settings, "ampora", "ampora-secrets");
    InUseSecret::new(secret, MASTER_KEY, deployment)
}

async fn read(site: &Site) -> KeysInUse {
    in_use(site, Some("ampora-web")).read().await.unwrap()
}

async fn doubt(site: &Site) -> String {
    let doubts = read(site).await.doubts;
    assert_eq!(doubts.len(), 1, "{doubts:?}");
    doubts[0].clone()
}

#[tokio::test]
async fn pods_that_started_after_the_last_change_hold_the_key() {
    let site = site().await;
    site.api
        .put(started("web-1", "ampora-secrets", Some("2026-02-01T00:00:01Z")));
    site.api
        .put(started("web-2", "ampora-secrets", Some("2026-03-01T00:00:00Z")));
    let keys = read(&site).await;
    let expected = Sha256::of(&[&[1]]).0;
    assert!(
        keys.master
            .is_some_and(|decoded| *decoded.key.expose() == expected && !decoded.untidy)
    );
    assert!(keys.previous.is_none());
    assert!(keys.doubts.is_empty(), "{:?}", keys.doubts);

    site.api
        .put(secret(&[(MASTER_KEY, &key(2)), (PREVIOUS_KEY, &key(1))], Some(CHANGED)));
    let keys = read(&site).await;
    assert!(keys.previous.is_some_and(|decoded| *decoded.key.expose() == expected));
    site.assert_only_read();
}

#[tokio::test]
async fn pods_that_started_before_the_last_change_may_hold_another() {
    let site = site().await;
    for (name, at) in [
        ("web-1", "2026-01-01T00:00:00Z"),
        ("web-2", CHANGED),
        ("web-3", "2026-02-02T00:00:00Z"),
    ] {
        site.api.put(started(name, "ampora-secrets", Some(at)));
    }
    assert_eq!(
        doubt(&site).await,
        "pods web-1, web-2: started before the Secret was changed at 2026-02-01 00:00:00 UTC, and may hold the key from before"
    );
}

#[tokio::test]
async fn pods_with_the_key_of_another_secret_are_told() {
    let site = site().await;
    for name in ["web-1", "web-2", "web-3", "web-4"] {
        site.api.put(started(name, "other", Some("2026-03-01T00:00:00Z")));
    }
    assert_eq!(
        doubt(&site).await,
        "pods web-1, web-2, web-3 and 1 more: KeyProtection__MasterKey comes from Secret other, not from this Secret"
    );
}

#[tokio::test]
async fn what_isn_t_known_is_a_doubt() {
    let site = site().await;
    let none = in_use(&site, None).read().await.unwrap().doubts;
    assert!(none[0].contains("no Deployment is configured"), "{none:?}");
    assert!(doubt(&site).await.contains("no pod of Deployment ampora-web runs"));
    // A pod that waits for its container holds nothing yet.
    site.api.put(started("web-1", "ampora-secrets", None));
    assert!(doubt(&site).await.contains("no pod of Deployment ampora-web runs"));
    site.api
        .put(started("web-1", "ampora-secrets", Some("2026-03-01T00:00:00Z")));
    site.api.put(secret(&[(MASTER_KEY, &key(1))], None));
    assert!(
        doubt(&site)
            .await
            .contains("doesn’t tell when the Secret was changed last")
    );
    site.api.forbid("pods");
    assert!(doubt(&site).await.contains("pods is forbidden"));
}

#[tokio::test]
async fn a_value_that_is_no_key_is_named_and_not_shown() {
    let site = site().await;
    site.api.put(secret(&[(MASTER_KEY, "bm8ta2V5")], Some(CHANGED)));
    let error = in_use(&site, None).read().await.unwrap_err();
    assert!(matches!(error, InUseError::Value { .. }), "{error:?}");
    let said = error.to_string();
    assert!(
        said.starts_with("Secret ampora/ampora-secrets, key KeyProtection__MasterKey: "),
        "{said}"
    );
    assert!(
        said.contains("6 bytes") && !said.contains("bm8ta2V5") && !said.contains("no-key"),
        "{said}"
    );
    site.api.put(secret(&[(MASTER_KEY, "")], Some(CHANGED)));
    assert!(in_use(&site, None).read().await.unwrap().master.is_none());
    site.api.forbid("secrets");
    let denied = in_use(&site, None).read().await.unwrap_err();
    assert!(
        matches!(denied, InUseError::Manager(ManagerError::Denied(..))),
        "{denied:?}"
    );
}
