//! `[[deployment.kms_key]]`: a key of a key management service that backups or Ampora's authority depend on. Disabled or waiting for its
//! deletion, it takes what it encrypts with it.

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::config::{KeyPath, Notes, Secret};

/// A key of AWS KMS.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct KmsKey {
    /// Id, ARN or `alias/…`.
    #[schemars(extend("format" = "not-empty"))]
    pub id: String,
    #[schemars(extend("format" = "not-empty"))]
    pub region: String,
    #[schemars(extend("format" = "web-url"))]
    pub endpoint_url: Option<Url>,
    pub access_key_id: Option<Secret>,
    pub secret_access_key: Option<Secret>,
}

impl KmsKey {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.access_key_id.is_some() != self.secret_access_key.is_some() {
            notes.refuse(
                at,
                "access_key_id and secret_access_key go together: give both or neither",
            );
        }
    }
}
