//! One key, ready to open many envelopes: its schedule is computed once, and what it opens lands in one buffer that is wiped.

use std::fmt;

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use zeroize::Zeroizing;

use super::Envelope;
use crate::key::MasterKey;

/// A key with its schedule, which is wiped when dropped.
pub struct Opener(Aes256Gcm);

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener(redacted)")
    }
}

impl Opener {
    #[must_use]
    pub fn new(key: &MasterKey) -> Self {
        Self(Aes256Gcm::new(key.expose().into()))
    }

    /// Whether this key, these associated data and these bytes fit together. If they don't, nobody can tell which of them is wrong.
    pub fn opens(&self, envelope: &Envelope<'_>, associated_data: &[u8], plain: &mut Plain) -> bool {
        self.open(envelope, associated_data, plain).is_some()
    }

    /// The plaintext, which stays in `plain` until the next call or until it is dropped.
    pub fn open<'p>(&self, envelope: &Envelope<'_>, associated_data: &[u8], plain: &'p mut Plain) -> Option<&'p [u8]> {
        let out = plain.of(envelope.ciphertext.len());
        let buffer = InOutBuf::new(envelope.ciphertext, &mut *out).expect("both are as long as the ciphertext");
        let (nonce, tag) = (Nonce::from(*envelope.nonce), Tag::from(*envelope.tag));
        self.0
            .decrypt_inout_detached(&nonce, associated_data, buffer, &tag)
            .ok()?;
        Some(out)
    }
}

/// Where opened values land, one after the other. Wiped when dropped, and before it gives way to a larger one.
#[derive(Default)]
pub struct Plain(Zeroizing<Vec<u8>>);

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(redacted)")
    }
}

impl Plain {
    fn of(&mut self, length: usize) -> &mut [u8] {
        if self.0.len() < length {
            // A vector that grows would leave what it held behind.
            self.0 = Zeroizing::new(vec![0; length.next_power_of_two()]);
        }
        &mut self.0[..length]
    }
}
