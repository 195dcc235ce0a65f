//! The cluster that Ampora runs in: images that run, what cert-manager knows of a certificate, and Secrets that hold a key. Nothing is ever
//! changed in it but what people have agreed to (a Secret, where Ampora's database is, the manifests that bring it up), and namespaces of
//! drills that Muster itself makes and deletes.

mod ampora_manifests;
mod cert_manager;
mod error;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
mod images;
mod in_use;
mod installation;
mod issuer;
mod keeper;
mod manifests;
mod overlay;
mod pods;
mod rehearsal;
mod secret;

use std::path::PathBuf;
use std::time::Duration;

use domain::time::Timestamp;
use http_body_util::Limited;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config, client::ClientBuilder};
use tokio::time::timeout;
use tower::util::MapResponseLayer;
use url::Url;

pub use ampora_manifests::{AmporaManifests, AmporaManifestsError, Compared, Origin, Rendered, Workload};
pub use cert_manager::{CertManagerReading, CertManagerSettings};
pub use error::KubernetesError;
pub use images::RunningImage;
pub use in_use::{InUseError, InUseSecret};
pub use installation::{Installation, InstallationError, Installed, Rollout};
pub use issuer::{IssuerReading, SavedIssuer};
pub use keeper::Keeper;
pub use overlay::{Overlay, OverlayError};
pub use rehearsal::{Leftover, Openings, Rehearsal, SECRET, address, leftovers};
pub use secret::KubernetesSecret;

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
    if let Some(config) = own_cluster(settings) {
        return Ok(config);
    }
    let options = KubeConfigOptions {
        context: settings.context.clone(),
        ..KubeConfigOptions::default()
    };
    let kubeconfig = kubeconfig(settings)?;
    // The proxy in `HTTPS_PROXY` is for what lies outside, which a cluster seldom does, and the client would go through it whatever
    // `NO_PROXY` says.
    let cluster = chosen_cluster(&kubeconfig, settings);
    let proxy = cluster.and_then(|cluster| cluster.proxy_url.as_ref());
    let names_proxy = proxy.is_some_and(|proxy| !proxy.is_empty());
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .map_err(unusable)?;
    if !names_proxy {
        config.proxy_url = None;
    }
    Ok(config)
}

/// The cluster whose pod Muster runs in, unless another is configured.
fn own_cluster(settings: &KubernetesSettings) -> Option<Config> {
    let configured = settings.kubeconfig.is_some() || settings.context.is_some();
    Config::incluster().ok().filter(|_| !configured)
}

fn kubeconfig(settings: &KubernetesSettings) -> Result<Kubeconfig, KubernetesError> {
    let read = match &settings.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    read.map_err(unusable)
}

fn unusable(error: KubeconfigError) -> KubernetesError {
    KubernetesError::Config(error.to_string())
}

/// What the kubeconfig says of the cluster that will be asked.
fn chosen_cluster<'a>(kubeconfig: &'a Kubeconfig, settings: &KubernetesSettings) -> Option<&'a kube::config::Cluster> {
    let chosen = settings.context.as_deref().or(kubeconfig.current_context.as_deref());
    let context = kubeconfig
        .contexts
        .iter()
        .find(|context| Some(context.name.as_str()) == chosen);
    let name = &context?.context.as_ref()?.cluster;
    let cluster = kubeconfig.clusters.iter().find(|cluster| cluster.name == *name);
    cluster?.cluster.as_ref()
}

/// The address of the API server that will be asked, in one form. The same cluster may have several: within itself it has another.
fn server(settings: &KubernetesSettings) -> Option<String> {
    let address = match own_cluster(settings) {
        Some(config) => config.cluster_url.to_string(),
        None => chosen_cluster(&kubeconfig(settings).ok()?, settings)?.server.clone()?,
    };
    let address = Url::parse(&address).ok()?;
    Some(address.as_str().trim_end_matches('/').to_owned())
}

fn moment(time: &Time) -> Option<Timestamp> {
    Timestamp::from_timestamp_micros(time.0.as_microsecond())
}
