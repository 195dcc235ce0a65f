//! A service account of Google, with a key that nobody trusts.

use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};

/// The JSON file that Google makes for a service account: <https://cloud.google.com/iam/docs/keys-create-delete>.
///
/// # Panics
/// If no RSA key can be made.
#[must_use]
pub fn service_account() -> String {
    let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("an RSA key");
    let account = serde_json::json!({
        "type": "service_account",
        "project_id": "tests",
        "private_key_id": "1",
        "private_key": key.serialize_pem(),
        "client_email": "reader@tests.iam.gserviceaccount.com",
    });
    account.to_string()
}
