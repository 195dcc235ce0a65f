//! `[deployment.tls]`: the certificate that Ampora's address answers with, and the copy that would be restored.

use std::path::PathBuf;

use rustls::pki_types::ServerName;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{Endpoint, KeyPath, Notes};

/// What is probed and what is kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Tls {
    /// `host:port` that answers with the certificate.
    pub endpoint: Option<Endpoint>,
    /// The name to ask the endpoint for, where it isn't its host: behind a load balancer, say.
    #[schemars(extend("format" = "not-empty"))]
    pub server_name: Option<String>,
    /// Further names that clients connect to; the certificate must cover them.
    pub names: Vec<String>,
    /// PEM file with the roots that vouch for the endpoint, beside those of the system. For a certificate of a corporate authority.
    #[schemars(extend("format" = "path"))]
    pub roots: Option<PathBuf>,
    /// One PEM file with certificate, chain and private key.
    #[schemars(extend("format" = "path"))]
    pub bundle: Option<PathBuf>,
    /// PEM file with certificate and chain.
    #[schemars(extend("format" = "path"))]
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key of `certificate`.
    #[schemars(extend("format" = "path"))]
    pub private_key: Option<PathBuf>,
    /// Where cert-manager issues the certificate, so that its issuer is what must be saved.
    pub cert_manager: Option<CertManager>,
}

/// A Certificate in the cluster of `[deployment.kubernetes]`.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CertManager {
    /// Name of the Certificate.
    #[schemars(extend("format" = "argument"))]
    pub certificate: String,
    /// Left out: the namespace of `[deployment.kubernetes]`.
    #[schemars(extend("format" = "argument"))]
    pub namespace: Option<String>,
    /// Manifest of its Issuer or ClusterIssuer, or a folder of manifests with it, as they are saved.
    #[schemars(extend("format" = "path"))]
    pub saved_issuer: Option<PathBuf>,
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
        self.inspect_names(at, notes);
        if self.endpoint.is_none() {
            let asked = [
                ("server_name", self.server_name.is_some()),
                ("names", !self.names.is_empty()),
                ("roots", self.roots.is_some()),
            ];
            for (key, _) in asked.into_iter().filter(|(_, given)| *given) {
                notes.refuse(
                    &at.key(key),
                    "is for the certificate that endpoint serves, and endpoint is missing",
                );
            }
        }
    }

    fn inspect_names(&self, at: &KeyPath, notes: &mut Notes) {
        let advice =
            "needs the name or address of a server, such as ampora.example.org, without wildcard, port and scheme";
        let is_name = |name: &str| ServerName::try_from(name).is_ok();
        if self.server_name.as_deref().is_some_and(|name| !is_name(name)) {
            notes.refuse(&at.key("server_name"), advice);
        }
        let names = at.key("names");
        for (index, _) in self.names.iter().enumerate().filter(|(_, name)| !is_name(name)) {
            notes.refuse(&names.index(index), advice);
        }
    }
}
