//! Evidence that can be checked without Muster: an in-toto statement in a DSSE envelope.
//! Formats: <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>,
//! <https://github.com/secure-systems-lab/dsse/blob/master/envelope.md>.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use crate::ids::Sha256;

/// What the payload of every receipt is.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// What the statement says of its subject.
pub const DRILL: &str = "urn:muster:drill:v1";

/// A statement about one thing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Statement {
    #[serde(rename = "_type")]
    pub kind: String,
    pub subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    pub predicate: serde_json::Value,
}

/// What it is about, by digest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subject {
    pub name: String,
    /// Name of the algorithm, and hex digits.
    pub digest: BTreeMap<String, String>,
}

/// A payload with signatures over it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Envelope {
    #[serde(rename = "payloadType")]
    pub payload_type: String,
    /// In base64.
    pub payload: String,
    pub signatures: Vec<Signature>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Signature {
    /// A hint which key it was, and nothing more: nobody has signed it.
    #[serde(default)]
    pub keyid: String,
    /// In base64.
    pub sig: String,
}

/// What is wrong with something that should be a receipt.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoReceipt {
    #[error("it is no DSSE envelope: {0}")]
    Form(String),
    #[error("its payload is of type {0:?}, not {PAYLOAD_TYPE}")]
    Type(String),
    #[error("it carries no signature")]
    Unsigned,
}

impl Statement {
    /// About a backup, by its digest; one whose digest isn't known is named and carries none, which says so by itself.
    #[must_use]
    pub fn about(name: &str, sha256: Option<Sha256>, predicate: serde_json::Value) -> Self {
        let digest = sha256.map(|sha256| ("sha256".to_owned(), sha256.to_string()));
        Self {
            kind: STATEMENT.into(),
            subject: vec![Subject {
                name: name.into(),
                digest: digest.into_iter().collect(),
            }],
            predicate_type: DRILL.into(),
            predicate,
        }
    }
}

/// What is signed: type and payload with their lengths, so that neither can be taken for the other.
#[must_use]
pub fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// Around a payload, with one signature over its pre-authentication encoding.
    #[must_use]
    pub fn new(payload: &[u8], keyid: &str, signature: &[u8]) -> Self {
        Self {
            payload_type: PAYLOAD_TYPE.into(),
            payload: STANDARD.encode(payload),
            signatures: vec![Signature {
                keyid: keyid.into(),
                sig: STANDARD.encode(signature),
            }],
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// If it is none of a receipt.
    pub fn read(bytes: &[u8]) -> Result<Self, NoReceipt> {
        let envelope: Self = serde_json::from_slice(bytes).map_err(|error| NoReceipt::Form(error.to_string()))?;
        if envelope.payload_type != PAYLOAD_TYPE {
            return Err(NoReceipt::Type(envelope.payload_type));
        }
        if envelope.signatures.is_empty() {
            return Err(NoReceipt::Unsigned);
        }
        Ok(envelope)
    }

    /// The payload's bytes.
    ///
    /// # Errors
    /// If they aren't base64.
    pub fn payload(&self) -> Result<Vec<u8>, NoReceipt> {
        decode(&self.payload).ok_or_else(|| NoReceipt::Form("its payload isn’t base64".into()))
    }

    /// The signatures' bytes. One that isn't base64 is none.
    #[must_use]
    pub fn signatures(&self) -> Vec<Vec<u8>> {
        self.signatures
            .iter()
            .filter_map(|signature| decode(&signature.sig))
            .collect()
    }
}

/// The specification allows both alphabets.
fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The example of the specification, <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>.
    #[test]
    fn what_is_signed_is_the_specifications_example() {
        let signed = pre_authentication("http://example.com/HelloWorld", b"hello world");
        assert_eq!(signed, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn an_envelope_of_something_else_is_no_receipt() {
        let of = |payload_type: &str, signatures: &str| {
            Envelope::read(
                format!(r#"{{"payloadType":"{payload_type}","payload":"","signatures":{signatures}}}"#).as_bytes(),
            )
        };
        assert_eq!(of("text/plain", "[]"), Err(NoReceipt::Type("text/plain".into())));
        assert_eq!(of(PAYLOAD_TYPE, "[]"), Err(NoReceipt::Unsigned));
        assert!(of(PAYLOAD_TYPE, r#"[{"sig":"AA=="}]"#).is_ok());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, payload: Vec<u8>) {
            if let Ok(envelope) = Envelope::read(&bytes) {
                let _ = (envelope.payload(), envelope.signatures());
            }
            let envelope = Envelope::new(&payload, "k", b"s");
            prop_assert_eq!(envelope.payload(), Ok(payload));
        }
    }
}
