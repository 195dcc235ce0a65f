//! `[deployment.images]`: the container image in use. It must remain pullable, or a restored database has nothing to run on it.

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::config::{KeyPath, Notes, Secret};

/// The image and its registry.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Images {
    /// E.g. `registry.example.org/ampora/web:1.4.2`.
    #[schemars(extend("format" = "argument"))]
    pub reference: String,
    /// `sha256:` and 64 hex digits: the one image that this deployment runs.
    #[schemars(extend("format" = "image-digest"))]
    pub digest: Option<String>,
    /// Where to ask, if the reference doesn't say or a mirror is to be used.
    #[schemars(extend("format" = "web-url"))]
    pub registry: Option<Url>,
    pub username: Option<String>,
    pub password: Option<Secret>,
}

impl Images {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.username.is_some() != self.password.is_some() {
            notes.refuse(at, "username and password go together: give both or neither");
        }
    }
}
