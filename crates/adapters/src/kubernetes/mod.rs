//! The cluster that Ampora runs in. Only ever asked, never changed: images that run, and what cert-manager knows of a certificate.

mod cert_manager;
mod error;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod images;
mod issuer;
mod manifests;

use std::path::PathBuf;
use std::time::Duration;

use http_body_util::Limited;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, client::ClientBuilder};
use tokio::time::timeout;
use tower::util::MapResponseLayer;

pub use cert_manager::{CertManagerReading, CertManagerSettings};
pub use error::KubernetesError;
pub use images::RunningImage;
pub use issuer::{IssuerReading, SavedIssuer};

/// A thousand pods are some megabytes.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
const CONNECTING: Duration = Duration::from_secs(10);
/// For one answer, whole.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the cluster is reached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KubernetesSettings {
    /// `None`: the service account of the pod that Muster runs in, else kubectl's own default.
    pub kubeconfig: Option<PathBuf>,
    /// A context of the kubeconfig; `None`: its current one.
    pub context: Option<String>,
}

/// A connection to its API server.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
}

impl Cluster {
    /// Reads the configuration. Nothing is asked yet, so that this works while the cluster is down.
    ///
    /// # Errors
    /// If there is no configuration, or it can't be used.
    pub async fn connect(settings: &KubernetesSettings) -> Result<Self, KubernetesError> {
        let mut config = configuration(settings).await?;
        config.connect_timeout = Some(CONNECTING);
        config.read_timeout = Some(PATIENCE);
        // Collection has its own pace.
        config.default_retry = false;
        let bounded =
            MapResponseLayer::new(|answer: http::Response<_>| answer.map(|body| Limited::new(body, LARGEST_ANSWER)));
        let builder = ClientBuilder::try_from(config).map_err(|error| KubernetesError::Config(error.to_string()))?;
        let client = builder.with_layer(&bounded).build();
        Ok(Self { client })
    }

    /// One answer, within its time.
    async fn ask<T>(&self, what: &str, asking: impl Future<Output = kube::Result<T>>) -> Result<T, KubernetesError> {
        match timeout(PATIENCE, asking).await {
            Ok(answer) => answer.map_err(|error| KubernetesError::of(error, what)),
            Err(_) => Err(KubernetesError::Silent),
        }
    }
}

async fn configuration(settings: &KubernetesSettings) -> Result<Config, KubernetesError> {
    if settings.kubeconfig.is_none()
        && settings.context.is_none()
        && let Ok(config) = Config::incluster()
    {
        return Ok(config);
    }
    let options = KubeConfigOptions {
        context: settings.context.clone(),
        ..KubeConfigOptions::default()
    };
    let read = match &settings.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let unusable = |error: kube::config::KubeconfigError| KubernetesError::Config(error.to_string());
    let kubeconfig = read.map_err(unusable)?;
    let names_proxy = names_proxy(&kubeconfig, settings.context.as_deref());
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .map_err(unusable)?;
    if !names_proxy {
        config.proxy_url = None;
    }
    Ok(config)
}

/// Whether the kubeconfig itself asks for a proxy. The one in `HTTPS_PROXY` is for what lies outside, which a cluster seldom does, and the
/// client would go through it whatever `NO_PROXY` says.
fn names_proxy(kubeconfig: &Kubeconfig, context: Option<&str>) -> bool {
    let chosen = context.or(kubeconfig.current_context.as_deref());
    let context = kubeconfig
        .contexts
        .iter()
        .find(|context| Some(context.name.as_str()) == chosen);
    let name = context
        .and_then(|context| context.context.as_ref())
        .map(|context| &context.cluster);
    let cluster = kubeconfig.clusters.iter().find(|cluster| Some(&cluster.name) == name);
    let proxy = cluster.and_then(|cluster| cluster.cluster.as_ref()?.proxy_url.as_ref());
    proxy.is_some_and(|proxy| !proxy.is_empty())
}
