//! A bucket of Amazon S3, or of something that speaks like it, that is only asked about itself.

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::config::{KeyPath, Notes, Secret};

/// Where it is and who asks. Without keys of its own, credentials come from where AWS tools look for them.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Bucket {
    #[schemars(extend("format" = "not-empty"))]
    pub name: String,
    #[schemars(extend("format" = "not-empty"))]
    pub region: String,
    #[schemars(extend("format" = "web-url"))]
    pub endpoint_url: Option<Url>,
    pub access_key_id: Option<Secret>,
    pub secret_access_key: Option<Secret>,
}

impl Bucket {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.access_key_id.is_some() != self.secret_access_key.is_some() {
            notes.refuse(
                at,
                "access_key_id and secret_access_key go together: give both or neither",
            );
        }
    }
}
