//! TLS as a thing to recover: the certificate that Ampora's address answers with now, against the copy that would be restored, or against
//! cert-manager and the saved configuration of its issuer. Reads only; no data is sent to the endpoint.

mod bundle;
mod certificate;
mod chain;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod names;
mod pem;
mod probe;
mod reading;
mod recorder;
mod roots;
mod saved;
mod verdict;

use std::path::PathBuf;

use domain::time::Timestamp;

use crate::kubernetes::{CertManagerReading, CertManagerSettings, Cluster};

pub use bundle::{SavedFiles, SavedKey};
pub use certificate::CertFacts;
pub(crate) use certificate::plain;
pub use chain::FirstToEnd;
pub use names::Names;
pub use probe::{Endpoint, Patience, ProbeError};
pub(crate) use reading::together;
pub use reading::{Served, TlsReading};
pub use saved::{Sameness, SavedVerdict};
pub use verdict::ChainVerdict;

/// What is probed, and what it is compared with.
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    pub endpoint: Option<Endpoint>,
    /// The name to ask for, where it isn't the endpoint's host: behind a load balancer, say.
    pub server_name: Option<String>,
    /// Further names that clients connect to.
    pub names: Vec<String>,
    /// PEM file of the authorities that vouch for the endpoint, beside the system's.
    pub roots: Option<PathBuf>,
    pub saved: Option<SavedFiles>,
    pub cert_manager: Option<CertManagerSettings>,
    pub patience: Patience,
}

impl TlsSettings {
    /// The name that the endpoint is asked for.
    fn server_name(&self) -> Option<&str> {
        let host = self.endpoint.as_ref().map(|endpoint| endpoint.host.as_str());
        self.server_name.as_deref().or(host)
    }

    /// Every name that the certificate must cover.
    fn names_asked(&self) -> Vec<String> {
        let mut asked: Vec<String> = self.server_name().map(str::to_owned).into_iter().collect();
        for name in &self.names {
            if !asked.contains(name) {
                asked.push(name.clone());
            }
        }
        asked
    }
}

/// Reads all of it at once. `cluster` is the one that runs cert-manager.
///
/// # Errors
/// In words, if the endpoint shows no certificate. What is then known is the last reading.
pub async fn read(settings: &TlsSettings, cluster: Option<&Cluster>, now: Timestamp) -> Result<TlsReading, String> {
    let probing = async {
        match (&settings.endpoint, settings.server_name()) {
            (Some(endpoint), Some(name)) => {
                let shown = probe::probe(endpoint, name, settings.patience).await;
                shown.map(Some).map_err(|error| format!("{endpoint} {error}"))
            }
            _ => Ok(None),
        }
    };
    let asking = async {
        match &settings.cert_manager {
            Some(certificate) => Some(CertManagerReading::read(cluster, certificate).await),
            None => None,
        }
    };
    let (shown, cert_manager) = tokio::join!(probing, asking);
    let (settings, shown) = (settings.clone(), shown?);
    let judging = tokio::task::spawn_blocking(move || TlsReading::judge(&settings, shown.as_ref(), cert_manager, now));
    judging
        .await
        .map_err(|error| format!("the certificates could not be judged: {error}"))?
}

#[cfg(test)]
mod tests;
