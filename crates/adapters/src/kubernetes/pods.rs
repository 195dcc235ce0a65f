//! The pods of a Deployment, and which of their containers is Ampora's.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod};
use kube::Api;
use kube::api::ListParams;
use kube::core::Selector;

use super::{Cluster, KubernetesError};

impl Cluster {
    /// The Deployment's pods, without those that have ended.
    pub(super) async fn pods(&self, namespace: &str, deployment: &str) -> Result<Vec<Pod>, KubernetesError> {
        let what = format!("Deployment {namespace}/{deployment}");
        let deployments: Api<Deployment> = Api::namespaced(self.client.clone(), namespace);
        let found = self.ask(&what, deployments.get(deployment)).await?;
        let unreadable = |reason: String| KubernetesError::Unreadable {
            what: what.clone(),
            reason,
        };
        let spec = found.spec.ok_or_else(|| unreadable("it has no spec".into()))?;
        let selector = Selector::try_from(spec.selector).map_err(|error| unreadable(error.to_string()))?;
        // An empty selector would mean every pod of the namespace.
        if selector.to_string().is_empty() {
            return Err(unreadable("its selector is empty".into()));
        }
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), namespace);
        let chosen = ListParams::default().labels_from(&selector);
        let pods = self.ask(&format!("the pods of {what}"), pods.list(&chosen)).await?;
        Ok(pods.items.into_iter().filter(|pod| !has_ended(pod)).collect())
    }
}

fn has_ended(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// The container with the Deployment's name, else the first.
pub(super) fn container<'a>(pod: &'a Pod, deployment: &str) -> Option<&'a Container> {
    let containers = &pod.spec.as_ref()?.containers;
    let named = containers.iter().find(|container| container.name == deployment);
    named.or_else(|| containers.first())
}

pub(super) fn status<'a>(pod: &'a Pod, container: &Container) -> Option<&'a ContainerStatus> {
    let mut statuses = pod.status.as_ref()?.container_statuses.as_ref()?.iter();
    statuses.find(|status| status.name == container.name)
}
