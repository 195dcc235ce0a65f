//! What a launcher's overlay asks of the cluster, rendered once and looked at before anything of it is applied. Kinds are allowed by name:
//! what isn't known to stay inside a namespace that is cut off isn't applied. The same bytes that were looked at are the ones that people
//! agreed to, by their SHA-256. Format: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>

mod judge;

use std::path::Path;
use std::time::Duration;

use domain::ids::Sha256;
use serde_json::Value;

use super::manifests::Manifests;
use crate::process::{ProcessError, Tool};

const PATIENCE: Duration = Duration::from_secs(60);

/// A kind that is applied: its `apiVersion`, the kind, and what its paths call it.
struct Kind {
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
}

/// In the order in which they are applied: what runs comes last.
const KINDS: [Kind; 9] = [
    kind("v1", "ServiceAccount", "serviceaccounts"),
    kind("v1", "ConfigMap", "configmaps"),
    kind("v1", "Secret", "secrets"),
    kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    kind("v1", "Service", "services"),
    kind("batch/v1", "Job", "jobs"),
    kind("apps/v1", "StatefulSet", "statefulsets"),
    kind("apps/v1", "Deployment", "deployments"),
    kind("v1", "Pod", "pods"),
];

const fn kind(version: &'static str, kind: &'static str, plural: &'static str) -> Kind {
    Kind { version, kind, plural }
}

/// Objects that may be applied to a namespace of their own.
#[derive(Clone, Debug)]
pub struct Overlay {
    objects: Vec<Value>,
    /// Of the rendered text.
    pub sha256: Sha256,
}

/// Why an overlay isn't applied.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    #[error("the overlay can’t be rendered: {0}")]
    Render(#[from] ProcessError),
    #[error("what `kubectl kustomize` printed can’t be read: {0}")]
    Unreadable(String),
    #[error("the overlay is not applied: {}", .0.join("; "))]
    Refused(Vec<String>),
}

impl Overlay {
    /// Has `kubectl` render the folder, and looks at every object. `namespace` is the only one that may stand in them.
    ///
    /// # Errors
    /// If it can't be rendered, or holds something that doesn't belong into a sandbox: every reason is told.
    pub async fn render(folder: &Path, namespace: &str) -> Result<Self, OverlayError> {
        let call = Tool::new("kubectl").invoke(["kustomize"]).arg(folder);
        let rendered = call.time_limit(PATIENCE).output().await?;
        Self::read(rendered.stdout, folder, namespace)
    }

    fn read(text: Vec<u8>, folder: &Path, namespace: &str) -> Result<Self, OverlayError> {
        let sha256 = Sha256::of(&[&text]);
        let mut found = Manifests::default();
        found.add_text(folder, text);
        if !found.unread.is_empty() {
            return Err(OverlayError::Unreadable(found.unread.join("; ")));
        }
        let objects: Vec<_> = found.objects.into_iter().filter(|object| !object.is_null()).collect();
        let reasons = judge::reasons(&objects, namespace);
        if reasons.is_empty() {
            Ok(Self { objects, sha256 })
        } else {
            Err(OverlayError::Refused(reasons))
        }
    }

    /// Each object as it goes into this namespace, with the path of its collection, in the order of their application.
    pub(super) fn placed(&self, namespace: &str) -> Vec<(String, Value)> {
        let of = |kind: &Kind| {
            let group = if kind.version == "v1" { "api" } else { "apis" };
            let path = format!("/{group}/{}/namespaces/{namespace}/{}", kind.version, kind.plural);
            let of_kind = self.objects.iter().filter(|object| object["kind"] == kind.kind);
            let placed = of_kind.map(|object| {
                let mut object = object.clone();
                object["metadata"]["namespace"] = namespace.into();
                (path.clone(), object)
            });
            placed.collect::<Vec<_>>()
        };
        KINDS.iter().flat_map(of).collect()
    }
}

/// What is applied under this name, if anything is.
fn known(object: &Value) -> Option<&'static Kind> {
    KINDS
        .iter()
        .find(|kind| object["kind"] == kind.kind && object["apiVersion"] == kind.version)
}

#[cfg(test)]
mod tests;
