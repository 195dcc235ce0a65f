//! Faults of the wrapped values themselves: a flipped bit, and a nonce that was used twice.

use std::time::Duration;

use domain::rules::Looks;

use super::patient::{Patient, commands, follow, only};
use super::restore::{dump, restored};
use crate::site::master_key;

const LOOKS: [Looks; 4] = [Looks::Database, Looks::Traces, Looks::Keys, Looks::Backups];
const SECRET: &str = r#"SELECT "WrappedOutboundSecret" FROM "federation_peers""#;

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_value_is_told_until_its_row_comes_back_out_of_a_dump() {
    let mut patient = Patient::new().await;
    assert!(patient.remember(&LOOKS).await.is_empty());
    // A dump tells its beginning to the second: it mustn't seem older than the look before.
    tokio::time::sleep(Duration::from_secs(1)).await;
    dump(&patient).await;
    for _ in 0..2 {
        assert!(patient.remember(&LOOKS).await.is_empty());
    }
    let flip = r#"UPDATE "federation_peers" SET "WrappedOutboundSecret" =
        set_byte("WrappedOutboundSecret", 40, get_byte("WrappedOutboundSecret", 40) # 1)"#;
    patient.run(flip).await;
    let found = only("envelope-damage", patient.remember(&LOOKS).await);
    assert!(
        found.evidence[0].fact.contains("federation_peers"),
        "{:?}",
        found.evidence
    );
    follow(&patient.terminal(), &commands(&found)).await;
    let copy = restored(&patient, "envelope-damage", &found).await;
    let whole = patient.ampora.database.options.clone().database(&copy);
    let mut there = sqlx::ConnectOptions::connect(&whole).await.expect("connects");
    let value: Vec<u8> = sqlx::query_scalar(SECRET).fetch_one(&mut there).await.expect("reads");
    let bring_back = sqlx::query(r#"UPDATE "federation_peers" SET "WrappedOutboundSecret" = $1"#).bind(value);
    let brought = bring_back.execute(&mut patient.ampora.database.connect().await).await;
    brought.expect("updates");
    assert!(patient.remember(&LOOKS).await.is_empty(), "the row is back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_was_used_twice_is_told_until_everything_is_sealed_anew() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    // The nonce of the authority's private key.
    patient.seal_peer(&master_key(3), 1, b"another secret").await;
    let found = patient.falls_ill("nonce-reuse").await;
    patient.rotate_as_told(&found, "4", &master_key(3)).await;
    patient.is_well("everything is sealed anew").await;
}
