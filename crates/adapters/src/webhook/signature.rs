//! The signature of Standard Webhooks: `v1,` and base64 of the HMAC-SHA-256 over `id.timestamp.body`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::NoticeId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::WebhookError;

/// What keys may begin with, so that people recognise them.
const PREFIX: &str = "whsec_";
/// Bytes of a key, as the specification bounds them.
const LENGTH: std::ops::RangeInclusive<usize> = 24..=64;

/// A key that both sides know.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<Vec<u8>>);

impl SigningKey {
    /// Reads a key: base64, `whsec_` before it or not.
    ///
    /// # Errors
    /// If it is none, or too short to be one.
    pub fn new(text: &SecretString) -> Result<Self, WebhookError> {
        let text = text.expose_secret().trim();
        let encoded = text.strip_prefix(PREFIX).unwrap_or(text);
        let bytes = STANDARD.decode(encoded).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| WebhookError::SigningKey)?;
        if !LENGTH.contains(&bytes.len()) {
            return Err(WebhookError::SigningKey);
        }
        Ok(Self(bytes))
    }

    /// The value of `webhook-signature`. `at` is in seconds since 1970.
    pub(super) fn sign(&self, id: NoticeId, at: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(body.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}
