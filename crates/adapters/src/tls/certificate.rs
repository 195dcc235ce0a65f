//! One X.509 certificate, as far as Muster reads it.

use std::net::IpAddr;

use chrono::DateTime;
use domain::ids::Sha256;
use domain::time::Timestamp;
use rustls::pki_types::CertificateDer;
use serde::{Deserialize, Serialize};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Longest text taken over from a certificate, in characters.
const LONGEST_TEXT: usize = 200;

/// What people compare of a certificate.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertFacts {
    pub subject: String,
    pub issuer: String,
    /// In hex.
    pub serial: String,
    /// DNS names and addresses it was made for.
    pub names: Vec<String>,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
    /// SHA-256 of its DER form.
    pub fingerprint: Sha256,
}

/// A certificate that was understood.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    pub der: CertificateDer<'static>,
    pub facts: CertFacts,
    pub subject: Vec<u8>,
    pub issuer: Vec<u8>,
    pub public_key: Vec<u8>,
    pub is_authority: bool,
}

impl Certificate {
    /// Reads the DER form.
    ///
    /// # Errors
    /// In words, if it is no certificate or has a date beyond reason.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| format!("no certificate: {error}"))?;
        if !rest.is_empty() {
            return Err("no certificate: something follows it".into());
        }
        let date = |seconds| DateTime::from_timestamp(seconds, 0).ok_or("a date can’t be read");
        let validity = parsed.validity();
        let facts = CertFacts {
            subject: plain(&parsed.subject().to_string()),
            issuer: plain(&parsed.issuer().to_string()),
            serial: hex::encode(parsed.raw_serial()),
            names: names(&parsed),
            not_before: date(validity.not_before.timestamp())?,
            not_after: date(validity.not_after.timestamp())?,
            fingerprint: Sha256::of(&[der]),
        };
        Ok(Self {
            der: CertificateDer::from(der.to_vec()),
            facts,
            subject: parsed.subject().as_raw().to_vec(),
            issuer: parsed.issuer().as_raw().to_vec(),
            public_key: parsed.public_key().subject_public_key.data.to_vec(),
            is_authority: parsed.is_ca(),
        })
    }

    /// Its own issuer, by name.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Whether the names say that `self` may have signed `other`. Proves nothing.
    pub fn may_have_issued(&self, other: &Self) -> bool {
        self.subject == other.issuer && self.der != other.der
    }
}

/// The key itself, without its algorithm: RSA keys are named by more than one.
pub(super) fn public_key_of(info: &[u8]) -> Option<Vec<u8>> {
    let (_, info) = SubjectPublicKeyInfo::from_der(info).ok()?;
    Some(info.subject_public_key.data.to_vec())
}

fn names(parsed: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = parsed.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter();
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(plain(name)),
            GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
            _ => None,
        })
        .collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// Text from outside, fit to stand in a sentence: one line, nothing that turns its direction, no more than a few words.
pub(crate) fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .map(|c| if c.is_control() || turns(c) { '\u{FFFD}' } else { c })
        .take(LONGEST_TEXT)
        .collect()
}
