//! `[signing]`: the keys that sign checkpoints of the audit log and receipts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Secret;

/// Ed25519 private keys, PKCS#8 in PEM. Usually given as files: `audit_key_file`, `receipt_key_file`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Signing {
    /// Signs checkpoints of the audit log.
    pub audit_key: Option<Secret>,
    /// Signs receipts of drills and runs.
    pub receipt_key: Option<Secret>,
}
