//! The 32-byte master key: how it is decoded, named without being shown, and judged. Its bytes live in zeroised memory and have no
//! `Debug`, no `Display` and no serialisation.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::ids::Sha256;

mod shares;

pub use shares::{JOIN_RECIPE, Share};

/// Message under which a key's fingerprint is computed.
const FINGERPRINT_MESSAGE: &[u8] = b"muster/fingerprint/1";

/// A master key of Ampora, in memory only.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(redacted)")
    }
}

/// How a secret manager writes the key down.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Base64,
    Base64url,
    Hex,
    Raw,
}

/// Why a stored value is no master key. Says nothing of the value but its length.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyError {
    #[error("the value isn't valid {0:?}")]
    Encoding(Encoding),
    #[error("the value decodes to {0} bytes; a master key has 32")]
    Length(usize),
}

/// A decoded key, and whether the stored text was tidy.
#[derive(Debug)]
pub struct Decoded {
    pub key: MasterKey,
    /// The value had quotes, white space around it, or was encoded twice. Muster copes; Ampora may not.
    pub untidy: bool,
}

impl MasterKey {
    /// Takes over 32 bytes.
    #[must_use]
    pub const fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Decodes what a secret manager stores. Surrounding white space, quotes and a second layer of base64 are seen through and reported.
    ///
    /// # Errors
    /// If the value isn't in this encoding or isn't 32 bytes long.
    pub fn decode(stored: &[u8], encoding: Encoding) -> Result<Decoded, KeyError> {
        if encoding == Encoding::Raw {
            return Self::from_slice(stored).map(|key| Decoded { key, untidy: false });
        }
        // One newline at the end is how files end; it is no mistake.
        let line = stored.strip_suffix(b"\n").unwrap_or(stored);
        let inner = trim(line);
        let bytes = decode_text(inner, encoding)?;
        let untidy = inner.len() != line.len();
        if bytes.len() != 32
            && let Ok(twice) = decode_text(trim(&bytes), encoding)
            && let Ok(key) = Self::from_slice(&twice)
        {
            return Ok(Decoded { key, untidy: true });
        }
        Self::from_slice(&bytes).map(|key| Decoded { key, untidy })
    }

    fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(KeyError::Length(bytes.len()));
        }
        key.copy_from_slice(bytes);
        Ok(Self(key))
    }

    /// The bytes, for a cipher or for the one response that shows them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// How the key is called everywhere: equal keys have equal names across managers and deployments, and the name gives nothing away.
    /// A key that could be guessed has none, since its fingerprint would confirm the guess.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        if self.is_weak() {
            return Fingerprint::Weak;
        }
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(self.expose()).expect("HMAC takes keys of any length");
        mac.update(FINGERPRINT_MESSAGE);
        let full = mac.finalize().into_bytes();
        Fingerprint::Keyed(hex::encode(&full[..16]))
    }

    /// The id Ampora writes into an envelope by default: the first 8 bytes of SHA-256 of the key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId(hex::encode(self.id_bytes()))
    }

    /// The same, as it stands in an envelope.
    #[must_use]
    pub fn id_bytes(&self) -> [u8; 8] {
        let Sha256([a, b, c, d, e, f, g, h, ..]) = Sha256::of(&[self.expose()]);
        [a, b, c, d, e, f, g, h]
    }

    /// Whether the bytes look made up rather than drawn: printable text, few distinct values, or a repeated pattern.
    /// 32 random bytes fail this by chance less than once in 10^12 keys.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        let bytes = self.expose();
        let mut seen = [false; 256];
        for byte in bytes {
            seen[usize::from(*byte)] = true;
        }
        let distinct = seen.iter().filter(|s| **s).count();
        let printable = bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
        let repeats = [1, 2, 4, 8, 16]
            .iter()
            .any(|period| (*period..32).all(|i| bytes[i] == bytes[i - period]));
        let counts_up = bytes
            .windows(2)
            .all(|pair| pair[1].wrapping_sub(pair[0]) == bytes[1].wrapping_sub(bytes[0]));
        printable || distinct < 16 || repeats || counts_up
    }
}

impl PartialEq for MasterKey {
    /// Compares by digest, so that timing tells nothing of the bytes.
    fn eq(&self, other: &Self) -> bool {
        Sha256::of(&[self.expose()]) == Sha256::of(&[other.expose()])
    }
}

fn trim(mut text: &[u8]) -> &[u8] {
    text = text.trim_ascii();
    for quote in [b'"', b'\''] {
        if text.len() >= 2 && text[0] == quote && text[text.len() - 1] == quote {
            text = text[1..text.len() - 1].trim_ascii();
        }
    }
    text
}

fn decode_text(text: &[u8], encoding: Encoding) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let decoded = match encoding {
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Base64url => URL_SAFE.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok(),
        Encoding::Hex => hex::decode(text).ok(),
        Encoding::Raw => Some(text.to_vec()),
    };
    decoded.map(Zeroizing::new).ok_or(KeyError::Encoding(encoding))
}

/// The key as Ampora reads it from its settings: standard base64 of the 32 bytes. Wiped when dropped.
#[must_use]
pub fn to_setting(key: &MasterKey) -> Zeroizing<String> {
    let mut copy = *key.expose();
    let text = Zeroizing::new(STANDARD.encode(copy));
    copy.zeroize();
    text
}

/// The public name of a key: the first 16 bytes, in hex, of HMAC-SHA-256 keyed with it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum Fingerprint {
    Keyed(String),
    /// The key fails the randomness check; a fingerprint would be an oracle for guesses.
    Weak,
    /// The key isn't read before an approval says so.
    Unread,
}

impl Fingerprint {
    /// First eight digits in two groups, as people say them: `c41e 5f06`.
    #[must_use]
    pub fn short(&self) -> String {
        match self {
            Self::Keyed(hex) if hex.len() >= 8 && hex.is_char_boundary(4) && hex.is_char_boundary(8) => {
                format!("{} {}", &hex[..4], &hex[4..8])
            }
            Self::Keyed(other) => other.clone(),
            Self::Weak => "weak".into(),
            Self::Unread => "not read".into(),
        }
    }

    /// Whether a key with the fingerprint `read` is the one that was approved under this one.
    #[must_use]
    pub fn admits(&self, read: &Self) -> bool {
        *self == Self::Unread || self == read
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        match fingerprint {
            Fingerprint::Keyed(hex) => hex,
            Fingerprint::Weak => "weak".into(),
            Fingerprint::Unread => "unread".into(),
        }
    }
}

impl From<String> for Fingerprint {
    fn from(text: String) -> Self {
        match text.as_str() {
            "weak" => Self::Weak,
            "unread" => Self::Unread,
            _ => Self::Keyed(text),
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from(self.clone()))
    }
}

/// The id of a key inside an envelope, in hex. Plaintext in the database; never proof by itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub String);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
