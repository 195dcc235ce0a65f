//! `[deployment.tls]`: the certificate that Ampora's address answers with, and the copy that would be restored.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{Endpoint, KeyPath, Notes};

/// What is probed and what is kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tls {
    /// `host:port` that answers with the certificate.
    pub endpoint: Option<Endpoint>,
    /// One PEM file with certificate, chain and private key.
    #[schemars(extend("format" = "path"))]
    pub bundle: Option<PathBuf>,
    /// PEM file with certificate and chain.
    #[schemars(extend("format" = "path"))]
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key of `certificate`.
    #[schemars(extend("format" = "path"))]
    pub private_key: Option<PathBuf>,
}

impl Tls {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.bundle.is_some() && self.certificate.is_some() {
            notes.refuse(at, "has both bundle and certificate: give one of them");
        }
        if self.private_key.is_some() && self.certificate.is_none() {
            notes.refuse(
                &at.key("private_key"),
                "belongs to certificate, which is missing; a bundle holds its own key",
            );
        }
    }
}
