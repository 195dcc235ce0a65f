//! AppRole and Kubernetes: tokens that end, and `secret_id`s that are good for one login.

use std::path::Path;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use serde_json::{Value as Json, json};
use testkit::certificates::Authority;
use testkit::kubernetes::{KubernetesApi, TOKEN};

use super::*;

const READER: &str = r#"path "kv/+/ampora/*" { capabilities = ["read"] }"#;

/// A server with a secret, and a role that may read it.
async fn with_role(role: Json) -> (Bao, String) {
    let bao = server().await;
    bao.policy("reader", READER).await;
    bao.put(MOUNT, PATH, json!({ "key": "a" })).await;
    let role_id = bao.approle("muster", role).await;
    (bao, role_id)
}

fn approle(bao: &Bao, path: &str, role_id: &str, secret_id: &str) -> Vault {
    let auth = VaultAuth::AppRole {
        mount: "approle".into(),
        role_id: role_id.into(),
        secret_id: secret_id.into(),
    };
    Vault::new(&settings(bao.address(), path, auth)).unwrap()
}

#[tokio::test]
async fn one_login_serves_many_requests() {
    let (bao, role_id) = with_role(json!({ "token_policies": "reader", "token_ttl": "1h" })).await;
    let vault = approle(&bao, PATH, &role_id, &bao.secret_id("muster", 1).await);
    let at_once = futures::future::join_all((0..8).map(|_| vault.read("1"))).await;
    assert!(at_once.iter().all(Result::is_ok), "{at_once:?}");
    vault.describe().await.unwrap();
}

#[tokio::test]
async fn a_denial_uses_up_no_login() {
    let (bao, role_id) = with_role(json!({ "token_policies": "reader", "token_ttl": "1h" })).await;
    let vault = approle(&bao, PATH, &role_id, &bao.secret_id("muster", 1).await);
    for _ in 0..3 {
        assert_denied(vault.append(&fields(&[("key", "b")]), "1").await, "the token is good");
    }
    vault.read("1").await.unwrap();
}

#[tokio::test]
async fn a_token_that_has_ended_is_replaced_by_a_new_login() {
    let (bao, role_id) =
        with_role(json!({ "token_policies": "reader", "token_ttl": "2s", "token_max_ttl": "2s" })).await;
    let vault = approle(&bao, PATH, &role_id, &bao.secret_id("muster", 2).await);
    for _ in 0..2 {
        vault.read("1").await.unwrap();
        tokio::time::sleep(Duration::from_millis(2200)).await;
    }
    assert_denied(
        vault.read("1").await,
        "the login at auth/approle/login: invalid role or secret ID; a secret_id that has expired",
    );
}

#[tokio::test]
async fn a_token_that_was_revoked_is_replaced_by_a_new_login() {
    let (bao, role_id) = with_role(json!({ "token_policies": "reader", "token_ttl": "1h" })).await;
    let vault = approle(&bao, PATH, &role_id, &bao.secret_id("muster", 2).await);
    vault.read("1").await.unwrap();
    bao.revoke_approle_tokens().await;
    vault.read("1").await.unwrap();
    bao.revoke_approle_tokens().await;
    let denied = vault.read("1").await;
    assert_denied(denied.clone(), "permission denied");
    assert_denied(denied, "the login at auth/approle/login");
}

#[tokio::test]
async fn a_token_with_few_uses_is_replaced_when_they_are_used_up() {
    let role = json!({ "token_policies": "reader", "token_ttl": "1h", "token_num_uses": 2 });
    let (bao, role_id) = with_role(role).await;
    let vault = approle(&bao, PATH, &role_id, &bao.secret_id("muster", 0).await);
    for _ in 0..5 {
        vault.read("1").await.unwrap();
    }
}

/// Its `secret_id` is used up, so it lives by being renewed alone.
#[tokio::test]
async fn a_token_is_renewed_while_it_is_used() {
    let role = json!({ "token_policies": "reader", "token_ttl": "6s", "token_max_ttl": "1h" });
    let (bao, role_id) = with_role(role).await;
    let vault = approle(&bao, PATH, &role_id, &bao.secret_id("muster", 1).await);
    for _ in 0..2 {
        vault.read("1").await.unwrap();
        tokio::time::sleep(Duration::from_millis(3200)).await;
    }
    vault.read("1").await.unwrap();
}

/// It may not ask whether it is good, so a denial makes Muster try another login, which fails here. The token is kept all the same.
#[tokio::test]
async fn a_token_without_the_default_policy_stays_in_use() {
    let role = json!({ "token_policies": "reader", "token_ttl": "1h", "token_no_default_policy": true });
    let (bao, role_id) = with_role(role).await;
    let vault = approle(&bao, PATH, &role_id, &bao.secret_id("muster", 1).await);
    vault.read("1").await.unwrap();
    assert_denied(vault.append(&fields(&[("key", "b")]), "1").await, "permission denied");
    vault.read("1").await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_id_is_denied() {
    let (bao, role_id) = with_role(json!({ "token_policies": "reader" })).await;
    let denied = approle(&bao, PATH, &role_id, "hunter2-hunter2").read("1").await;
    assert_denied(denied.clone(), "invalid role or secret ID");
    assert!(!format!("{denied:?}").contains("hunter2"));
    let elsewhere = VaultAuth::AppRole {
        mount: "nowhere".into(),
        role_id,
        secret_id: "hunter2-hunter2".into(),
    };
    let elsewhere = Vault::new(&settings(bao.address(), PATH, elsewhere)).unwrap();
    assert_denied(elsewhere.read("1").await, "the login at auth/nowhere/login");
}

fn service_account(bao: &Bao, token_file: &Path) -> Vault {
    let auth = VaultAuth::Kubernetes {
        mount: "kubernetes".into(),
        role: "muster".into(),
        token_file: token_file.into(),
    };
    Vault::new(&settings(bao.address(), PATH, auth)).unwrap()
}

/// OpenBao's own method asks the test kit's API server, which is no real one, whose tokens they are.
#[tokio::test]
async fn a_pod_logs_in_with_its_service_account() {
    let bao = server().await;
    bao.policy("reader", READER).await;
    bao.put(MOUNT, PATH, json!({ "key": "a" })).await;
    let life = (Utc::now() - TimeDelta::days(1), Utc::now() + TimeDelta::days(1));
    let authority = Authority::root("Cluster CA", life);
    let api = KubernetesApi::start_with_tls(&authority, life).await;
    bao.post("sys/auth/kubernetes", json!({ "type": "kubernetes" })).await;
    let config = json!({
        "kubernetes_host": api.url(), "kubernetes_ca_cert": authority.pem(),
        "token_reviewer_jwt": TOKEN, "disable_local_ca_jwt": true,
    });
    bao.post("auth/kubernetes/config", config).await;
    let role = json!({
        "bound_service_account_names": "muster", "bound_service_account_namespaces": "ops",
        "token_policies": "reader", "token_ttl": "1s", "token_max_ttl": "1s",
    });
    bao.post("auth/kubernetes/role/muster", role).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, api.service_account("ops", "muster")).unwrap();
    let vault = service_account(&bao, &file);
    assert_eq!(shown(vault.read("1").await.unwrap()), text(&[("key", "a")]));

    // The kubelet puts another token there from time to time.
    std::fs::write(&file, api.service_account("ops", "stranger") + "\n").unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_denied(vault.read("1").await, "the role must name this service account");
    std::fs::write(&file, "no.jwt.at-all").unwrap();
    assert_denied(vault.read("1").await, "the login at auth/kubernetes/login");
    std::fs::remove_file(&file).unwrap();
    assert_denied(vault.read("1").await, "can’t be read: No such file");
}
