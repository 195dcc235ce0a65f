//! Ampora's own manifests: rendered from a kustomize overlay, compared with what the cluster has, and applied with the server's own merge, by
//! field (<https://kubernetes.io/docs/reference/using-api/server-side-apply/>). As they stand they would start Ampora at once, on whatever
//! database there is, and put the placeholder over the key; so nothing is applied but what [`Rendered::prepared`] makes of them.
//!
//! Rights that are needed: `get` and `patch` on each kind that the overlay renders.

#[cfg(test)]
mod any;
mod difference;
mod objects;
mod rendered;

use std::path::PathBuf;
use std::time::Duration;

use domain::plan::Change;
use kube::api::{DynamicObject, Patch, PatchParams};
use serde_json::Value;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::secret::FIELD_MANAGER;
use super::{Cluster, Keeper, KubernetesError, KubernetesSettings};
use crate::process::{ProcessError, Tool};
pub use rendered::{Origin, Rendered, Workload};

/// Rendering reads files; bases that are fetched from elsewhere take as long as the line does.
const RENDERING: Duration = Duration::from_secs(60);
/// A large installation renders to some hundred kilobytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// An overlay, and where it is applied.
#[derive(Clone, Debug)]
pub struct AmporaManifests {
    pub settings: KubernetesSettings,
    pub namespace: String,
    pub deployment: String,
    pub folder: PathBuf,
    pub kubectl: Tool,
}

/// Why manifests can't be rendered or applied.
#[derive(Debug, thiserror::Error)]
pub enum AmporaManifestsError {
    #[error("{folder} can’t be rendered: {source}")]
    Render { folder: String, source: ProcessError },
    #[error("what {folder} renders to can’t be read: {reason}")]
    Odd { folder: String, reason: String },
    #[error("{folder} renders no {missing}")]
    Lacks { folder: String, missing: String },
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
}

/// What the cluster has of it now.
pub struct Compared {
    pub changes: Vec<Change>,
    /// What would put it back, with the object that it looks after.
    pub keepers: Vec<(String, Keeper)>,
}

impl AmporaManifests {
    /// Address of the cluster's API.
    #[must_use]
    pub fn cluster(&self) -> String {
        super::server(&self.settings).unwrap_or_else(|| "the cluster".into())
    }

    /// Runs `kubectl kustomize`, which asks no cluster.
    ///
    /// # Errors
    /// With what the tool said.
    pub async fn render(&self) -> Result<Rendered, AmporaManifestsError> {
        let folder = self.folder.display().to_string();
        let call = self.kubectl.invoke(["kustomize"]).arg(self.folder.as_os_str());
        let output = call.time_limit(RENDERING).keep(LARGEST).output().await;
        let output = output.map_err(|source| AmporaManifestsError::Render {
            folder: folder.clone(),
            source,
        })?;
        Rendered::read(output.text().into_owned().into_bytes(), &self.namespace)
            .map_err(|reason| AmporaManifestsError::Odd { folder, reason })
    }

    /// The Deployment among what was rendered.
    ///
    /// # Errors
    /// If it isn't there, or is none.
    pub fn workload(&self, rendered: &Rendered) -> Result<Workload, AmporaManifestsError> {
        let folder = self.folder.display().to_string();
        match rendered.workload(&self.namespace, &self.deployment) {
            Ok(Some(workload)) => Ok(workload),
            Ok(None) => Err(AmporaManifestsError::Lacks {
                folder,
                missing: format!("Deployment {}/{}", self.namespace, self.deployment),
            }),
            Err(reason) => Err(AmporaManifestsError::Odd { folder, reason }),
        }
    }

    /// The rendered objects as they are to be applied: no pod, this image, no migration by itself.
    #[must_use]
    pub fn prepared(&self, rendered: &Rendered, image: &str) -> Vec<Value> {
        rendered.prepared(&self.namespace, &self.deployment, image)
    }

    /// Whether the namespace is there.
    ///
    /// # Errors
    /// If the cluster doesn't say.
    pub async fn has_namespace(&self) -> Result<bool, KubernetesError> {
        let cluster = Cluster::connect(&self.settings).await?;
        let object = objects::namespace(&self.namespace);
        Ok(objects::live(&cluster, &object).await?.is_some())
    }

    /// Compares the objects with the cluster's.
    ///
    /// # Errors
    /// If one can't be read.
    pub async fn compare(&self, objects: &[Value]) -> Result<Compared, AmporaManifestsError> {
        let cluster = Cluster::connect(&self.settings).await?;
        let mut compared = Compared {
            changes: Vec::new(),
            keepers: Vec::new(),
        };
        for object in objects {
            let live = objects::live(&cluster, object).await?;
            let name = objects::name(object);
            let keeper = Keeper::of_object(live.as_ref().unwrap_or(object));
            compared.keepers.extend(keeper.map(|keeper| (name.clone(), keeper)));
            compared.changes.push(Change {
                object: name,
                new: live.is_none(),
                lines: live.map_or_else(Vec::new, |live| difference::lines(object, &live)),
            });
        }
        Ok(compared)
    }

    /// Whether what reconciles an object was told to leave it alone.
    ///
    /// # Errors
    /// If nobody can tell.
    pub async fn rests(&self, keeper: &Keeper) -> Result<bool, KubernetesError> {
        Cluster::connect(&self.settings).await?.rests(keeper).await
    }

    /// Applies the objects one by one; a field that somebody else set otherwise is a conflict, and stays.
    ///
    /// # Errors
    /// With the object that was refused. Those before it are applied, and applying again changes nothing in them.
    pub async fn apply(&self, objects: &[Value]) -> Result<(), AmporaManifestsError> {
        let cluster = Cluster::connect(&self.settings).await?;
        for object in objects {
            let api = objects::api(&cluster, object)?;
            let (name, what) = (objects::own_name(object), objects::name(object));
            let (parameters, patch) = (PatchParams::apply(FIELD_MANAGER), Patch::Apply(object));
            let asked = cluster.ask(&what, api.patch(&name, &parameters, &patch));
            // The client would log an answer that it can't parse, and a Secret may be among them.
            let _: DynamicObject = asked.with_subscriber(NoSubscriber::default()).await?;
        }
        Ok(())
    }
}
