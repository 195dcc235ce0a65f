//! Versions that the manager doesn't have, doesn't hand out, or has otherwise in a copy.

use std::sync::Arc;

use adapters::manager::Written;
use adapters::vault::{Vault, VaultAuth, VaultSettings};
use domain::key;
use domain::rules::Looks;
use recovery::settings::{KeyPlace, Replica};
use serde_json::json;
use testkit::bao::{Bao, ROOT};
use testkit::terminal::Terminal;

use super::patient::{Patient, commands, follow, only};
use crate::site::master_key;

pub const MOUNT: &str = "secret";
pub const PATH: &str = "ampora/master-key";
const LOOKS: [Looks; 3] = [Looks::Database, Looks::Keys, Looks::Backups];

/// The secret as Muster reads it with this token.
pub fn place(bao: &Bao, token: &str) -> KeyPlace {
    let settings = VaultSettings::new(bao.address(), MOUNT, PATH, VaultAuth::Token(token.into()));
    KeyPlace {
        manager: Arc::new(Vault::new(&settings).expect("a plain address")),
        written: Written {
            field: Some("key".into()),
            ..Written::default()
        },
    }
}

/// Writes a key as its owner does.
pub async fn write(bao: &Bao, number: u8) {
    let setting = key::to_setting(&master_key(number));
    bao.put(MOUNT, PATH, json!({ "key": setting.as_str() })).await;
}

/// The machine of whoever may do everything in Vault.
pub fn owner(patient: &Patient, bao: &Bao) -> Terminal {
    patient
        .terminal()
        .as_oneself()
        .calling("vault", &Bao::program())
        .with("VAULT_ADDR", bao.address())
        .with("BAO_ADDR", bao.address())
        .with("BAO_TOKEN", ROOT)
        .with("HOME", "/nonexistent")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_leaves_the_key_unproven_until_it_may_read_again() {
    const READS: &str =
        r#"path "secret/*" { capabilities = ["read", "list"] } path "sys/mounts/*" { capabilities = ["read"] }"#;
    let mut patient = Patient::new().await;
    let bao = Bao::start().await;
    write(&bao, 2).await;
    write(&bao, 3).await;
    bao.policy("muster", READS).await;
    let token = bao.token("muster").await;
    patient.deployment.master_key.as_mut().expect("is configured").place = place(&bao, &token);
    patient.is_well("a fresh start").await;
    bao.policy("muster", r#"path "secret/*" { capabilities = ["deny"] }"#)
        .await;
    let found = patient.falls_ill("key-unproven").await;
    assert!(found.cause.contains("refuses"), "{}", found.cause);
    bao.policy("muster", READS).await;
    patient.is_well("its rights are back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_with_another_key_is_told_until_it_has_caught_up() {
    let mut patient = Patient::new().await;
    let bao = Bao::start().await;
    write(&bao, 3).await;
    patient.deployment.master_key.as_mut().expect("is configured").replicas = vec![Replica {
        name: "west".into(),
        place: place(&bao, ROOT),
    }];
    patient.is_well("a fresh start").await;
    write(&bao, 2).await;
    let found = patient.falls_ill("replica-differs").await;
    assert!(found.title.contains("west"), "{}", found.title);
    write(&bao, 3).await;
    patient.is_well("the copy caught up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_gone_is_told_until_it_is_back() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    patient.remove("2");
    patient.falls_ill("version-missing").await;
    patient.hold("2", key::to_setting(&master_key(2)).as_str());
    patient.is_well("it is back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_version_is_told_until_vault_hands_it_out_again() {
    let mut patient = Patient::new().await;
    let bao = Bao::start().await;
    write(&bao, 2).await;
    write(&bao, 3).await;
    patient.deployment.master_key.as_mut().expect("is configured").place = place(&bao, ROOT);
    for _ in 0..2 {
        assert!(patient.remember(&LOOKS).await.is_empty());
    }
    bao.post(&format!("{MOUNT}/delete/{PATH}"), json!({ "versions": [1] }))
        .await;
    let found = only("version-disabled", patient.remember(&LOOKS).await);
    assert_eq!(
        commands(&found),
        ["vault kv undelete -mount=secret -versions=1 ampora/master-key"]
    );
    follow(&owner(&patient, &bao), &commands(&found)).await;
    assert!(patient.remember(&LOOKS).await.is_empty(), "it is handed out again");
}
