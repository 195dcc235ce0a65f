//! Where the parts of an envelope stand. Ampora documents the parts, not their order or lengths, so a site can correct what Muster expects.

use serde::{Deserialize, Serialize};

use super::fields::{self, LayoutError, Part};
use super::text;
use super::{Envelope, NONCE, Place, TAG};

/// How the bytes are written in the column.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Bytea,
    Base64,
    Hex,
}

/// How the key id in an envelope follows from the key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum KeyIdRule {
    /// The first 8 bytes of SHA-256 of the key.
    #[default]
    #[serde(rename = "sha256-8")]
    Sha256First8,
    /// Not known: equal ids are of one key, and no id tells of which.
    #[serde(rename = "none", alias = "")]
    Opaque,
}

/// Order and lengths of an envelope's parts, checked when read from configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    encoding: Encoding,
    /// The parts in order with their lengths; the ciphertext takes what is left.
    parts: Vec<(Part, usize)>,
    /// The bytes of the scheme, where they aren't its number.
    scheme: Option<Vec<u8>>,
    /// Lengths of all parts but the ciphertext together.
    fixed: usize,
    key_ids: KeyIdRule,
    /// Associated data: none, or a template of `{table}`, `{column}`, `{id}` and `{tenant}`.
    aad: Option<String>,
}

impl Default for Layout {
    /// Scheme (1 byte), key id (8), nonce (12), tag (16), ciphertext; no associated data.
    fn default() -> Self {
        let parts = vec![
            (Part::Scheme, 1),
            (Part::KeyId, 8),
            (Part::Nonce, NONCE),
            (Part::Tag, TAG),
            (Part::Ciphertext, 0),
        ];
        Self {
            encoding: Encoding::Bytea,
            fixed: parts.iter().map(|(_, length)| length).sum(),
            parts,
            scheme: None,
            key_ids: KeyIdRule::default(),
            aad: None,
        }
    }
}

impl Layout {
    /// Reads `fields` such as `["scheme:1", "key_id:8", "nonce:12", "tag:16", "ciphertext"]`. A `key_id:0` is none; `scheme:2=7631` says
    /// which bytes stand for AES-256-GCM.
    ///
    /// # Errors
    /// If the fields don't describe an AES-GCM envelope.
    pub fn new(encoding: Encoding, fields: &[String], aad: Option<&str>) -> Result<Self, LayoutError> {
        let fields::Parts { list: parts, scheme } = fields::read(fields)?;
        let aad = aad
            .filter(|template| *template != "none")
            .map(fields::template)
            .transpose()?;
        Ok(Self {
            encoding,
            fixed: parts.iter().map(|(_, length)| length).sum(),
            parts,
            scheme,
            key_ids: KeyIdRule::default(),
            aad,
        })
    }

    /// The same, with key ids that follow from the keys in this way.
    #[must_use]
    pub fn with_key_ids(self, key_ids: KeyIdRule) -> Self {
        Self { key_ids, ..self }
    }

    /// How the column writes its bytes.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How key ids follow from keys.
    #[must_use]
    pub const fn key_ids(&self) -> KeyIdRule {
        self.key_ids
    }

    /// Whether envelopes begin with, or have somewhere, the byte that names the cipher.
    #[must_use]
    pub fn has_scheme(&self) -> bool {
        self.parts.iter().any(|(part, _)| *part == Part::Scheme)
    }

    /// Where the key id stands in the decoded bytes, as offset and length, if it has one place in envelopes of any length.
    #[must_use]
    pub fn key_id_at(&self) -> Option<(usize, usize)> {
        let mut at = 0;
        for (part, length) in &self.parts {
            match part {
                Part::KeyId => return Some((at, *length)),
                Part::Ciphertext => return None,
                _ => at += length,
            }
        }
        None
    }

    /// Writes the associated data of a value into `buffer`; empties it where the layout has none.
    pub fn associated_data(&self, place: &Place<'_>, buffer: &mut Vec<u8>) {
        buffer.clear();
        let Some(template) = &self.aad else { return };
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            buffer.extend_from_slice(before.as_bytes());
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            let value = match name {
                "table" => place.table.rsplit_once('.').map_or(place.table, |(_, table)| table),
                "column" => place.column,
                "id" => place.id,
                _ => place.tenant,
            };
            buffer.extend_from_slice(value.as_bytes());
            rest = behind;
        }
        buffer.extend_from_slice(rest.as_bytes());
    }

    /// The bytes of a stored value. `None`: it isn't written in this encoding.
    fn decoded<'a>(&self, stored: &'a [u8], scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        let is_written = match self.encoding {
            Encoding::Bytea => return Some(stored),
            Encoding::Base64 => text::base64(stored, scratch),
            Encoding::Hex => text::hex(stored, scratch),
        };
        is_written.then_some(scratch)
    }

    /// Takes a stored value apart, borrowing from it, or from `scratch` where it has to be decoded first. `None`: these bytes are no
    /// envelope of this layout.
    #[must_use]
    pub fn parse<'a>(&self, stored: &'a [u8], scratch: &'a mut Vec<u8>) -> Option<Envelope<'a>> {
        let mut rest = self.decoded(stored, scratch)?;
        let ciphertext_length = rest.len().checked_sub(self.fixed)?;
        let mut key_id = None;
        let (mut nonce, mut tag, mut ciphertext) = (None, None, None);
        for (part, length) in &self.parts {
            let length = match part {
                Part::Ciphertext => ciphertext_length,
                _ => *length,
            };
            let (taken, left) = rest.split_at_checked(length)?;
            rest = left;
            match part {
                Part::Scheme if !fields::is_aes_256_gcm(taken, self.scheme.as_deref()) => return None,
                Part::Scheme => {}
                // A field that nobody fills in is no id.
                Part::KeyId => key_id = Some(taken).filter(|id| id.iter().any(|byte| *byte != 0)),
                Part::Nonce => nonce = taken.first_chunk(),
                Part::Tag => tag = taken.first_chunk(),
                Part::Ciphertext => ciphertext = Some(taken),
            }
        }
        Some(Envelope {
            key_id,
            nonce: nonce?,
            tag: tag?,
            ciphertext: ciphertext?,
        })
    }

    /// Whether these bytes, which are of this layout by their lengths, rather look like another one: they are text where bytes or another
    /// text are expected, or one of `ids` stands in them, but not where the layout says.
    #[must_use]
    pub fn misfits(&self, stored: &[u8], ids: &[[u8; 8]]) -> bool {
        let is_other_text = match self.encoding {
            Encoding::Bytea => text::is_base64(stored) || text::is_hex(stored),
            Encoding::Base64 => text::is_hex(stored),
            Encoding::Hex => false,
        };
        let mut scratch = Vec::new();
        let bytes = self.decoded(stored, &mut scratch).unwrap_or_default();
        let meant = self.key_id_in(bytes.len());
        let elsewhere = |(at, window): (usize, &[u8])| ids.iter().any(|id| id == window) && Some(at) != meant;
        is_other_text || bytes.windows(8).enumerate().any(elsewhere)
    }

    /// Where the key id stands in an envelope of this length.
    fn key_id_in(&self, length: usize) -> Option<usize> {
        let ciphertext = length.checked_sub(self.fixed)?;
        let before = self.parts.iter().take_while(|(part, _)| *part != Part::KeyId);
        let at = before.map(|(part, length)| if *part == Part::Ciphertext { ciphertext } else { *length });
        self.parts
            .iter()
            .any(|(part, _)| *part == Part::KeyId)
            .then(|| at.sum())
    }
}

#[cfg(test)]
mod tests;
