//! Rights, namespaces, certificates, and a server that is sealed.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use testkit::certificates::{Authority, Issued};
use testkit::peer::free_port;

use super::*;

const READER: &str = r#"
path "kv/data/ampora/prod" { capabilities = ["read"] }
path "kv/metadata/ampora/*" { capabilities = ["read"] }
"#;

#[tokio::test]
async fn denied_and_absent_are_told_apart() {
    let bao = server().await;
    bao.policy("reader", READER).await;
    let token = bao.token("reader").await;
    for path in [PATH, "other/prod"] {
        bao.put(MOUNT, path, json!({ "key": "a" })).await;
    }
    let allowed = with_token(&bao, PATH, &token);
    assert_eq!(shown(allowed.read("1").await.unwrap()), text(&[("key", "a")]));
    assert_denied(
        allowed.append(&fields(&[("key", "b")]), "1").await,
        "a policy must allow create and update on kv/data/ampora/prod",
    );
    let other = with_token(&bao, "other/prod", &token);
    assert_denied(other.describe().await, "permission denied");
    assert_denied(
        other.read("1").await,
        "the token is good, and a policy must allow read on kv/data/other/prod",
    );
    // What may be seen and isn't there is absent; what may not be seen is denied, there or not.
    assert_absent(with_token(&bao, "ampora/none", &token).describe().await, "such secret");
    assert_denied(with_token(&bao, "none", &token).describe().await, "permission denied");
    assert_denied(with_token(&bao, "none", &token).create(&fields(&[])).await, "policy");
}

#[tokio::test]
async fn a_token_that_isnt_good_is_said() {
    let bao = server().await;
    bao.put(MOUNT, PATH, json!({ "key": "a" })).await;
    for token in ["s.wrong", "hvs.wrong ", "with\nnewline"] {
        let vault = with_token(&bao, PATH, token);
        assert_denied(vault.describe().await, "token");
        assert_denied(vault.read("1").await, "token");
    }
    let padded = with_token(&bao, PATH, &format!(" {ROOT}\n"));
    assert!(padded.describe().await.is_ok());
}

#[tokio::test]
async fn a_secret_of_a_namespace_is_found_there_alone() {
    let bao = server().await;
    bao.put(MOUNT, PATH, json!({ "key": "of the root" })).await;
    bao.post("sys/namespaces/team", json!({})).await;
    bao.post(
        "team/sys/mounts/kv",
        json!({ "type": "kv", "options": { "version": "2" } }),
    )
    .await;
    bao.post("team/kv/data/ampora/prod", json!({ "data": { "key": "of the team" } }))
        .await;
    let within = |namespace: Option<&str>| {
        Vault::new(&VaultSettings {
            namespace: namespace.map(str::to_owned),
            ..settings(bao.address(), PATH, VaultAuth::Token(ROOT.into()))
        })
        .unwrap()
    };
    let read = async |vault: Vault| shown(vault.read("1").await.unwrap());
    assert_eq!(read(within(Some("/team/"))).await, text(&[("key", "of the team")]));
    assert_eq!(read(within(None)).await, text(&[("key", "of the root")]));
    assert_absent(within(Some("nobody")).describe().await, "namespace not found");
    bao.post("sys/namespaces/empty", json!({})).await;
    assert_absent(within(Some("empty")).describe().await, "no handler for route");
}

#[tokio::test]
async fn a_sealed_server_cant_be_reached() {
    let bao = server().await;
    bao.put(MOUNT, PATH, json!({ "key": "a" })).await;
    let vault = as_root(&bao, PATH);
    vault.describe().await.unwrap();
    bao.seal().await;
    assert_unreachable(vault.describe().await, "it is sealed");
    assert_unreachable(vault.read("1").await, "it is sealed");
    let unwritten = vault.append(&fields(&[("key", "b")]), "1").await;
    assert_unreachable(unwritten, "whether the value was written isn’t known");
}

#[tokio::test]
async fn a_server_that_is_gone_cant_be_reached() {
    let address = format!("http://127.0.0.1:{}", free_port()).parse().unwrap();
    let vault = Vault::new(&settings(address, PATH, VaultAuth::Token(ROOT.into()))).unwrap();
    assert_unreachable(vault.describe().await, "Connection refused");
}

#[tokio::test]
async fn a_server_is_believed_by_its_authority_only() {
    let life = (Utc::now() - TimeDelta::days(1), Utc::now() + TimeDelta::days(1));
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let authority = Authority::root("Vault CA", life);
    let issued: Issued = authority.issue(&["127.0.0.1"], life);
    let (certificate, key) = (write("tls.crt", issued.pem()), write("tls.key", &issued.key_pem()));
    let port = free_port();
    let listener = format!(
        "listener \"tcp\" {{ address = \"127.0.0.1:{port}\" tls_cert_file = {certificate:?} tls_key_file = {key:?} }}"
    );
    let listener = listener.replace(" tls_", "\n tls_");
    let bao = Bao::start_configured(&write("listener.hcl", &listener)).await;
    bao.enable_kv(MOUNT).await;
    bao.put(MOUNT, PATH, json!({ "key": "a" })).await;
    let over_tls = |ca: Option<&str>| {
        let address = format!("https://127.0.0.1:{port}").parse().unwrap();
        Vault::new(&VaultSettings {
            ca: ca.map(|pem| write("ca.pem", pem)),
            ..settings(address, PATH, VaultAuth::Token(ROOT.into()))
        })
        .unwrap()
    };
    assert!(over_tls(Some(&authority.pem())).read("1").await.is_ok());
    let other = Authority::root("Another CA", life).pem();
    assert_unreachable(over_tls(Some(&other)).read("1").await, "UnknownIssuer");
    assert_unreachable(over_tls(None).read("1").await, "UnknownIssuer");
}
