//! The small header in front of each wrapped column value, and opening it. Ampora documents the header's parts (scheme, key id, nonce,
//! tag) but not its bytes, so the layout is configuration, and proven only once it opened something.

mod fields;
mod layout;
mod opener;
mod text;

use std::fmt;

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use crate::key::{KeyId, MasterKey};

pub use fields::LayoutError;
pub use layout::{Encoding, KeyIdRule, Layout};
pub use opener::{Opener, Plain};

/// Nonce length of AES-GCM, in bytes (NIST SP 800-38D).
pub const NONCE: usize = 12;
/// Full tag length of AES-GCM, in bytes. Shorter tags are refused.
pub const TAG: usize = 16;
/// The scheme byte of AES-256-GCM in Muster's default layout.
pub const AES_256_GCM: u8 = 0x01;

/// Where a value stands, for layouts with associated data and for people who look for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place<'a> {
    pub table: &'a str,
    pub column: &'a str,
    pub id: &'a str,
    pub tenant: &'a str,
}

/// A parsed envelope, borrowed from where it is stored. Its contents are ciphertext, so it may be shown in `Debug`, which names the key id
/// and sizes only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Envelope<'a> {
    key_id: Option<&'a [u8]>,
    nonce: &'a [u8; NONCE],
    tag: &'a [u8; TAG],
    ciphertext: &'a [u8],
}

impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Envelope(key_id {:?}, {} bytes)",
            self.key_id(),
            self.ciphertext.len()
        )
    }
}

impl<'a> Envelope<'a> {
    /// The id of its key as the header states it. Plaintext: anybody can have written it.
    #[must_use]
    pub fn key_id(&self) -> Option<KeyId> {
        self.key_id.map(|id| KeyId(hex::encode(id)))
    }

    /// The same, as it is stored.
    #[must_use]
    pub const fn key_id_bytes(&self) -> Option<&'a [u8]> {
        self.key_id
    }

    #[must_use]
    pub const fn nonce(&self) -> &'a [u8; NONCE] {
        self.nonce
    }

    /// The tag: of one key and one nonce, two envelopes with different contents have different ones.
    #[must_use]
    pub const fn tag(&self) -> &'a [u8; TAG] {
        self.tag
    }

    /// Opens it, or says that this key, these associated data or these bytes don't fit together (which of them, nobody can tell). Whoever
    /// opens many takes an [`Opener`].
    #[must_use]
    pub fn open(&self, key: &MasterKey, associated_data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut plain = Plain::default();
        let opened = Opener::new(key).open(self, associated_data, &mut plain)?;
        Some(Zeroizing::new(opened.to_vec()))
    }
}

/// Wraps `plaintext` in Muster's default layout. For the demo and for tests: Muster never writes into Ampora's database.
#[must_use]
pub fn seal(key: &MasterKey, nonce: [u8; NONCE], plaintext: &[u8]) -> Vec<u8> {
    let cipher = Aes256Gcm::new(key.expose().into());
    let mut buffer = plaintext.to_vec();
    let tag = cipher
        .encrypt_inout_detached(&Nonce::from(nonce), b"", buffer.as_mut_slice().into())
        .expect("AES-GCM seals anything below 64 GiB");
    [&[AES_256_GCM], key.id_bytes().as_slice(), &nonce, &tag, &buffer].concat()
}

#[cfg(test)]
mod tests;
