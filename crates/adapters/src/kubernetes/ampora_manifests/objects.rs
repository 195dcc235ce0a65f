//! Objects of any kind, as they stand in manifests: what they are called, and where the cluster has them.

use kube::Api;
use kube::api::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::{Value, json};
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use crate::kubernetes::{Cluster, KubernetesError};
use crate::tls::plain;

pub(super) fn namespace(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } })
}

/// Kinds of a cluster, not of one of its namespaces, that manifests of an application bring along.
const OF_THE_CLUSTER: [&str; 10] = [
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterIssuer",
    "CustomResourceDefinition",
    "IngressClass",
    "PriorityClass",
    "StorageClass",
    "PersistentVolume",
    "ValidatingWebhookConfiguration",
];

/// Whether objects of its kind lie in a namespace.
pub(super) fn is_namespaced(object: &Value) -> bool {
    object["kind"]
        .as_str()
        .is_none_or(|kind| !OF_THE_CLUSTER.contains(&kind))
}

pub(super) fn own_name(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap_or_default().to_owned()
}

/// Such as `Service ampora/ampora-web`.
pub(super) fn name(object: &Value) -> String {
    let kind = object["kind"].as_str().unwrap_or("object");
    let namespace = object["metadata"]["namespace"].as_str();
    let namespace = namespace.map_or(String::new(), |namespace| format!("{namespace}/"));
    plain(&format!("{kind} {namespace}{}", own_name(object)))
}

/// Where the cluster has objects of its kind.
pub(super) fn api(cluster: &Cluster, object: &Value) -> Result<Api<DynamicObject>, KubernetesError> {
    let (version, kind) = (object["apiVersion"].as_str(), object["kind"].as_str());
    let (Some(version), Some(kind)) = (version, kind) else {
        return Err(KubernetesError::Unreadable {
            what: name(object),
            reason: "it names no kind".into(),
        });
    };
    let (group, version) = version.rsplit_once('/').unwrap_or(("", version));
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let client = cluster.client.clone();
    Ok(match object["metadata"]["namespace"].as_str() {
        Some(namespace) if is_namespaced(object) => Api::namespaced_with(client, namespace, &resource),
        _ => Api::all_with(client, &resource),
    })
}

/// The object as the cluster has it. `None`: it has none.
pub(super) async fn live(cluster: &Cluster, object: &Value) -> Result<Option<Value>, KubernetesError> {
    let api = api(cluster, object)?;
    let (own, what) = (own_name(object), name(object));
    let asked = cluster.ask(&what, api.get(&own));
    // The client would log an answer that it can't parse, and a Secret may be among them.
    match asked.with_subscriber(NoSubscriber::default()).await {
        Ok(found) => Ok(serde_json::to_value(&found).ok()),
        Err(KubernetesError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
