//! The certificate that a drill's probe connects with. It is signed by the real authority, so it is accounted for like any other that was
//! issued: receipt and audit log name it, and the drill's page says until when production would believe it.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// What names a test certificate. Its key existed in memory only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TestCertificate {
    /// `muster-drill …`.
    pub common_name: String,
    /// `muster-drill:…`, its only alternative name.
    pub uri: String,
    /// In hex.
    pub serial: String,
    /// SHA-256 of the certificate, in hex.
    pub fingerprint: String,
    pub not_before: Timestamp,
    pub not_after: Timestamp,
}
