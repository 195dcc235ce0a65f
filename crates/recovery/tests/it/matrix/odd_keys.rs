//! Keys that are short, made up, or untidily written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::key::{self, MasterKey};
use zeroize::Zeroizing;

use super::patient::{Patient, commands, follow, run_with};
use crate::site::master_key;

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_of_another_length_is_told_until_it_is_a_key() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    patient.set_env(&format!("KeyProtection__MasterKey={}\n", STANDARD.encode([7; 16])));
    let found = patient.falls_ill("key-length").await;
    follow(&patient.terminal(), &commands(&found)).await;
    run_with(&patient.env, 3);
    patient.is_well("the key that opens the envelopes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_can_be_guessed_is_told_until_another_is_drawn() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    let passphrase = MasterKey::new(Zeroizing::new(*b"correct horse battery staple 123"));
    patient.make_current("4", key::to_setting(&passphrase).as_str());
    patient.start_with(&passphrase, None);
    patient.ampora.rewrap(&passphrase).await;
    let found = patient.falls_ill("key-weak").await;
    patient.rotate_as_told(&found, "5", &passphrase).await;
    let kept = patient.falls_ill("key-weak").await;
    assert!(
        kept.recovery().contains("opens nothing that is live"),
        "{}",
        kept.recovery()
    );
    // No backup was made under it.
    patient.remove("4");
    patient.is_well("a key that was drawn").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_quotes_is_told_until_it_is_written_plainly() {
    let mut patient = Patient::new().await;
    patient.is_well("a fresh start").await;
    let plain = key::to_setting(&master_key(3));
    patient.hold("3", &format!("\"{}\"\n", plain.as_str()));
    patient.falls_ill("key-encoding").await;
    patient.make_current("4", plain.as_str());
    patient.falls_ill("key-encoding").await;
    patient.remove("3");
    patient.is_well("the same key, plainly").await;
}
