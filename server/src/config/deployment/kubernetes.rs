//! `[deployment.kubernetes]`: the cluster that Ampora runs in.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// The namespace of Ampora's own manifests.
pub const NAMESPACE: &str = "ampora";

/// Which cluster, namespace and Deployment.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Kubernetes {
    /// Left out: the service account of the pod that Muster runs in, else kubectl's own default.
    #[schemars(extend("format" = "path"))]
    pub kubeconfig: Option<PathBuf>,
    pub context: Option<String>,
    #[schemars(extend("format" = "argument"))]
    pub namespace: String,
    #[schemars(extend("format" = "argument"))]
    pub deployment: String,
    /// The kustomize overlay of Ampora's manifests, for bringing it up on a new cluster: a folder with a kustomization.yaml.
    #[schemars(extend("format" = "path"))]
    pub overlay: Option<PathBuf>,
}

impl Default for Kubernetes {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            context: None,
            namespace: NAMESPACE.into(),
            deployment: "ampora-web".into(),
            overlay: None,
        }
    }
}
