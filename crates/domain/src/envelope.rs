//! The small header in front of each wrapped column value, and opening it. Ampora documents the header's parts (scheme, key id, nonce,
//! tag) but not its bytes, so the layout is configuration, and proven only once it opened something.

use std::fmt;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ids::Sha256;
use crate::key::{KeyId, MasterKey};

/// Nonce length of AES-GCM, in bytes (NIST SP 800-38D).
pub const NONCE: usize = 12;
/// Full tag length of AES-GCM, in bytes. Shorter tags are refused.
pub const TAG: usize = 16;
/// The scheme byte of AES-256-GCM in Muster's default layout.
pub const AES_256_GCM: u8 = 0x01;

/// How the bytes are written in the column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Bytea,
    Base64,
    Hex,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Scheme,
    KeyId,
    Nonce,
    Tag,
    Ciphertext,
}

/// Order and lengths of an envelope's parts, checked when read from configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    encoding: Encoding,
    /// The parts in order with their lengths; the ciphertext takes what is left.
    parts: Vec<(Part, usize)>,
    /// Associated data: none, or a template of `{table}`, `{column}`, `{id}` and `{tenant}`.
    aad: Option<String>,
}

/// A layout that can't be used, in words for whoever wrote the configuration.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LayoutError {
    #[error("{0:?} isn't of the form name:length with one of scheme, key_id, nonce, tag, ciphertext")]
    Field(String),
    #[error("{0} is there twice")]
    Twice(&'static str),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("the nonce must have 12 bytes, not {0}")]
    Nonce(usize),
    #[error("the tag must have 16 bytes, not {0}; shorter ones can be forged")]
    Tag(usize),
    #[error("ciphertext takes what is left, so it has no length and there is only one")]
    Ciphertext,
    #[error("{{{0}}} in aad is none of {{table}}, {{column}}, {{id}}, {{tenant}}")]
    Template(String),
}

impl Default for Layout {
    /// Scheme (1 byte), key id (8), nonce (12), tag (16), ciphertext; no associated data.
    fn default() -> Self {
        Self {
            encoding: Encoding::Bytea,
            parts: vec![
                (Part::Scheme, 1),
                (Part::KeyId, 8),
                (Part::Nonce, NONCE),
                (Part::Tag, TAG),
                (Part::Ciphertext, 0),
            ],
            aad: None,
        }
    }
}

impl Layout {
    /// Reads `fields` such as `["scheme:1", "key_id:8", "nonce:12", "tag:16", "ciphertext"]`.
    ///
    /// # Errors
    /// If the fields don't describe an AES-GCM envelope.
    pub fn new(encoding: Encoding, fields: &[String], aad: Option<&str>) -> Result<Self, LayoutError> {
        let parts = fields
            .iter()
            .map(|field| parse_field(field))
            .collect::<Result<Vec<_>, _>>()?;
        for (part, name) in [
            (Part::Nonce, "nonce"),
            (Part::Tag, "tag"),
            (Part::Ciphertext, "ciphertext"),
        ] {
            if !parts.iter().any(|(p, _)| *p == part) {
                return Err(LayoutError::Missing(name));
            }
        }
        for (part, name) in [
            (Part::Scheme, "scheme"),
            (Part::KeyId, "key_id"),
            (Part::Nonce, "nonce"),
            (Part::Tag, "tag"),
            (Part::Ciphertext, "ciphertext"),
        ] {
            if parts.iter().filter(|(p, _)| *p == part).count() > 1 {
                return Err(LayoutError::Twice(name));
            }
        }
        for (part, length) in &parts {
            match part {
                Part::Nonce if *length != NONCE => return Err(LayoutError::Nonce(*length)),
                Part::Tag if *length != TAG => return Err(LayoutError::Tag(*length)),
                _ => {}
            }
        }
        let aad = aad
            .filter(|template| *template != "none")
            .map(check_template)
            .transpose()?;
        Ok(Self { encoding, parts, aad })
    }

    /// How the column writes its bytes.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The associated data of a value, where the layout has any.
    #[must_use]
    pub fn associated_data(&self, place: &Place<'_>) -> Vec<u8> {
        let Some(template) = &self.aad else { return Vec::new() };
        template
            .replace("{table}", place.table)
            .replace("{column}", place.column)
            .replace("{id}", place.id)
            .replace("{tenant}", place.tenant)
            .into_bytes()
    }

    /// Takes a stored value apart. `None`: these bytes are no envelope of this layout.
    #[must_use]
    pub fn parse(&self, stored: &[u8]) -> Option<Envelope> {
        let bytes = match self.encoding {
            Encoding::Bytea => stored.to_vec(),
            Encoding::Base64 => STANDARD.decode(stored.trim_ascii()).ok()?,
            Encoding::Hex => hex::decode(stored.trim_ascii()).ok()?,
        };
        let fixed: usize = self.parts.iter().map(|(_, length)| length).sum();
        let mut rest = bytes.as_slice();
        let ciphertext_length = bytes.len().checked_sub(fixed)?;
        let mut envelope = Envelope {
            scheme: None,
            key_id: None,
            nonce: [0; NONCE],
            tag: [0; TAG],
            ciphertext: Vec::new(),
        };
        for (part, length) in &self.parts {
            let length = if *part == Part::Ciphertext {
                ciphertext_length
            } else {
                *length
            };
            let (taken, left) = rest.split_at_checked(length)?;
            rest = left;
            match part {
                Part::Scheme => envelope.scheme = Some(taken.to_vec()),
                Part::KeyId => envelope.key_id = Some(KeyId(hex::encode(taken))),
                Part::Nonce => envelope.nonce.copy_from_slice(taken),
                Part::Tag => envelope.tag.copy_from_slice(taken),
                Part::Ciphertext => envelope.ciphertext = taken.to_vec(),
            }
        }
        let known_scheme = envelope
            .scheme
            .as_deref()
            .is_none_or(|scheme| scheme.iter().rev().skip(1).all(|b| *b == 0) && scheme.last() == Some(&AES_256_GCM));
        known_scheme.then_some(envelope)
    }
}

fn parse_field(field: &str) -> Result<(Part, usize), LayoutError> {
    let error = || LayoutError::Field(field.into());
    let (name, length) = match field.split_once(':') {
        Some((name, length)) => (name, length.parse().map_err(|_| error())?),
        None => (field, 0),
    };
    let part = match name {
        "scheme" => Part::Scheme,
        "key_id" => Part::KeyId,
        "nonce" => Part::Nonce,
        "tag" => Part::Tag,
        "ciphertext" if length == 0 => return Ok((Part::Ciphertext, 0)),
        "ciphertext" => return Err(LayoutError::Ciphertext),
        _ => return Err(error()),
    };
    if length == 0 || length > 64 {
        Err(error())
    } else {
        Ok((part, length))
    }
}

fn check_template(template: &str) -> Result<String, LayoutError> {
    for (start, _) in template.match_indices('{') {
        let name: String = template[start + 1..].chars().take_while(|c| *c != '}').collect();
        if !["table", "column", "id", "tenant"].contains(&name.as_str()) {
            return Err(LayoutError::Template(name));
        }
    }
    Ok(template.into())
}

/// Where a value stands, for layouts with associated data.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'a str,
    pub column: &'a str,
    pub id: &'a str,
    pub tenant: &'a str,
}

/// A parsed envelope. Its contents are ciphertext, so it may be shown in `Debug`, which names the key id and sizes only.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    pub scheme: Option<Vec<u8>>,
    pub key_id: Option<KeyId>,
    nonce: [u8; NONCE],
    tag: [u8; TAG],
    ciphertext: Vec<u8>,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope(key_id {:?}, {} bytes)", self.key_id, self.ciphertext.len())
    }
}

impl Envelope {
    /// Opens it, or says that this key, these associated data or these bytes don't fit together (which of them, nobody can tell).
    #[must_use]
    pub fn open(&self, key: &MasterKey, associated_data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let cipher = Aes256Gcm::new(key.expose().into());
        let mut buffer = Zeroizing::new(self.ciphertext.clone());
        let (nonce, tag) = (Nonce::from(self.nonce), Tag::from(self.tag));
        cipher
            .decrypt_inout_detached(&nonce, associated_data, buffer.as_mut_slice().into(), &tag)
            .ok()?;
        Some(buffer)
    }

    /// Names nonce and ciphertext: two different envelopes of one key with equal nonces are a broken encryption.
    #[must_use]
    pub fn nonce_digest(&self) -> Sha256 {
        Sha256::of(&[&self.nonce])
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
    let key_id = hex::decode(key.key_id().0).expect("a key id is hex");
    [&[AES_256_GCM], key_id.as_slice(), &nonce, &tag, &buffer].concat()
}

#[cfg(test)]
mod tests;
