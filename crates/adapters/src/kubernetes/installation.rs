//! Ampora as a Deployment: how many of it run, which database they are led to, and the few changes that lead them to another one.
//!
//! Rights that are needed: `get` and `update` on the Deployment, `list` on pods, `get` and `create` on Secrets, `get` on ConfigMaps of the
//! namespace, and `get` or `list` on what reconciles the Deployment. The connection string goes into a Secret that Muster makes: in the
//! Deployment itself it would be readable in every old ReplicaSet.

mod environment;
mod given;

use k8s_openapi::ByteString;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Api;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;
use zeroize::Zeroizing;

use super::secret::writing;
pub(super) use environment::{Source, sources};

use super::{Cluster, Keeper, KubernetesError, KubernetesSettings, server};
use crate::npgsql::{BadConnectionString, CONNECTIONS, Connection, ConnectionString};

/// Says which run made a Secret.
const RUN: &str = "muster/run";
/// Tries of a change that others get in between of: a Deployment's status is written all the time.
const TRIES: u32 = 5;

/// A Deployment of a cluster.
#[derive(Clone, Debug)]
pub struct Installation {
    settings: KubernetesSettings,
    namespace: String,
    deployment: String,
}

/// How it is set up.
pub struct Installed {
    /// Address of the cluster's API.
    pub cluster: String,
    /// Names this very Deployment: one of the same name that was made anew has another.
    pub uid: String,
    pub replicas: u32,
    pub container: String,
    pub connections: Vec<Connection>,
    pub keeper: Option<Keeper>,
}

/// How far a change of the number of pods has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rollout {
    pub wanted: u32,
    pub ready: u32,
    /// Pods that haven't ended, whatever state they are in.
    pub pods: usize,
}

/// Why Ampora's set-up can't be read or changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InstallationError {
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
    #[error("{variable} ({place}) can’t be understood: {source}")]
    Connection {
        variable: String,
        place: String,
        source: BadConnectionString,
    },
    #[error("{0} has no {first} in its environment, so Muster doesn’t know how Ampora finds its database", first = CONNECTIONS[0])]
    NoConnection(String),
    #[error("{0} exists and isn’t this run’s: nothing was changed in it")]
    Taken(String),
}

impl Installation {
    #[must_use]
    pub fn new(settings: KubernetesSettings, namespace: &str, deployment: &str) -> Self {
        Self {
            settings,
            namespace: namespace.into(),
            deployment: deployment.into(),
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("Deployment {}/{}", self.namespace, self.deployment)
    }

    /// # Errors
    /// If the Deployment or what it refers to can't be read or understood.
    pub async fn read(&self) -> Result<Installed, InstallationError> {
        let cluster = Cluster::connect(&self.settings).await?;
        let found = self.get(&cluster).await?;
        let container = self.container(&found)?;
        let mut connections = Vec::new();
        for variable in CONNECTIONS {
            if let Some((text, place)) = self.given(&cluster, container, variable).await? {
                let value = ConnectionString::parse(&text).map_err(|source| InstallationError::Connection {
                    variable: variable.into(),
                    place: place.clone(),
                    source,
                })?;
                connections.push(Connection {
                    variable: variable.into(),
                    value,
                    place,
                });
            }
        }
        if connections.first().is_none_or(|first| first.variable != CONNECTIONS[0]) {
            return Err(InstallationError::NoConnection(self.name()));
        }
        let metadata = &found.metadata;
        let (labels, annotations) = (metadata.labels.clone(), metadata.annotations.clone());
        Ok(Installed {
            cluster: server(&self.settings).unwrap_or_else(|| "the cluster".into()),
            uid: metadata.uid.clone().unwrap_or_default(),
            replicas: wanted(&found),
            container: container.name.clone(),
            connections,
            keeper: Keeper::of(&labels.unwrap_or_default(), &annotations.unwrap_or_default()),
        })
    }

    /// How many pods are asked for, and the image of its container. `None`: there is no such Deployment.
    ///
    /// # Errors
    /// If the cluster doesn't say.
    pub async fn stands(&self) -> Result<Option<(u32, String)>, InstallationError> {
        let cluster = Cluster::connect(&self.settings).await?;
        match self.get(&cluster).await {
            Ok(found) => {
                let image = self.container(&found)?.image.clone();
                Ok(Some((wanted(&found), image.unwrap_or_default())))
            }
            Err(KubernetesError::Missing(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether what reconciles it was told to leave it alone.
    ///
    /// # Errors
    /// If nobody can tell.
    pub async fn rests(&self, keeper: &Keeper) -> Result<bool, KubernetesError> {
        Cluster::connect(&self.settings).await?.rests(keeper).await
    }

    /// Whether there is a Secret of this name.
    ///
    /// # Errors
    /// If the cluster doesn't say.
    pub async fn has_secret(&self, name: &str) -> Result<bool, KubernetesError> {
        let cluster = Cluster::connect(&self.settings).await?;
        Ok(self.owner(&cluster, name).await?.is_some())
    }

    /// Asks for this many pods.
    ///
    /// # Errors
    /// If the cluster refuses.
    pub async fn scale(&self, replicas: u32) -> Result<(), InstallationError> {
        let count = i32::try_from(replicas).unwrap_or(i32::MAX);
        self.change(|deployment| {
            if let Some(spec) = &mut deployment.spec {
                spec.replicas = Some(count);
            }
        })
        .await
    }

    /// # Errors
    /// If the Deployment or its pods can't be read.
    pub async fn rollout(&self) -> Result<Rollout, InstallationError> {
        let cluster = Cluster::connect(&self.settings).await?;
        let found = self.get(&cluster).await?;
        let pods = cluster.pods(&self.namespace, &self.deployment).await?.len();
        let status = found.status.as_ref();
        let current = status.and_then(|status| status.observed_generation) >= found.metadata.generation;
        // What the status says of an older generation says nothing of this one.
        let ready = status.and_then(|status| status.ready_replicas).filter(|_| current);
        Ok(Rollout {
            wanted: wanted(&found),
            ready: ready.and_then(|ready| u32::try_from(ready).ok()).unwrap_or_default(),
            pods,
        })
    }

    /// Puts the connection strings into a new Secret and has the container read them from there. What this run wrote before stays.
    ///
    /// # Errors
    /// If the Secret is somebody else's, or the cluster refuses.
    pub async fn lead(
        &self,
        secret: &str,
        run: &str,
        values: &[(String, Zeroizing<String>)],
    ) -> Result<(), InstallationError> {
        let cluster = Cluster::connect(&self.settings).await?;
        match self.owner(&cluster, secret).await? {
            Some(owner) if owner == run => {}
            Some(_) => return Err(InstallationError::Taken(self.secret_name(secret))),
            None => self.create(&cluster, secret, run, values).await?,
        }
        let variables: Vec<&str> = values.iter().map(|(variable, _)| variable.as_str()).collect();
        self.change(|deployment| {
            if let Some(container) = container_mut(deployment, &self.deployment) {
                environment::take_from(container, secret, &variables);
            }
        })
        .await
    }

    fn secret_name(&self, secret: &str) -> String {
        format!("Secret {}/{secret}", self.namespace)
    }

    async fn get(&self, cluster: &Cluster) -> Result<Deployment, KubernetesError> {
        let api: Api<Deployment> = Api::namespaced(cluster.client.clone(), &self.namespace);
        cluster.ask(&self.name(), api.get(&self.deployment)).await
    }

    /// The run that made the Secret, empty if none did. `None`: there is no such Secret.
    async fn owner(&self, cluster: &Cluster, secret: &str) -> Result<Option<String>, KubernetesError> {
        let api: Api<Secret> = Api::namespaced(cluster.client.clone(), &self.namespace);
        match cluster.ask(&self.secret_name(secret), api.get_metadata(secret)).await {
            Ok(found) => {
                let annotations = found.metadata.annotations.unwrap_or_default();
                Ok(Some(annotations.get(RUN).cloned().unwrap_or_default()))
            }
            Err(KubernetesError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn create(
        &self,
        cluster: &Cluster,
        secret: &str,
        run: &str,
        values: &[(String, Zeroizing<String>)],
    ) -> Result<(), KubernetesError> {
        let data = values
            .iter()
            .map(|(variable, value)| (variable.clone(), ByteString(value.as_bytes().to_vec())));
        let object = Secret {
            metadata: ObjectMeta {
                name: Some(secret.into()),
                namespace: Some(self.namespace.clone()),
                annotations: Some([(RUN.to_owned(), run.to_owned())].into()),
                ..ObjectMeta::default()
            },
            data: Some(data.collect()),
            type_: Some("Opaque".into()),
            ..Secret::default()
        };
        let api: Api<Secret> = Api::namespaced(cluster.client.clone(), &self.namespace);
        let writing = writing();
        let created = cluster.ask("the new Secret", api.create(&writing, &object));
        // The client would log an answer that it can't parse.
        created.with_subscriber(NoSubscriber::default()).await.map(|_| ())
    }

    async fn change(&self, change: impl Fn(&mut Deployment)) -> Result<(), InstallationError> {
        let cluster = Cluster::connect(&self.settings).await?;
        let api: Api<Deployment> = Api::namespaced(cluster.client.clone(), &self.namespace);
        for left in (0..TRIES).rev() {
            let found = self.get(&cluster).await?;
            let mut changed = found.clone();
            change(&mut changed);
            if changed == found {
                return Ok(());
            }
            // The resourceVersion that it came with is the precondition.
            match cluster
                .ask(&self.name(), api.replace(&self.deployment, &writing(), &changed))
                .await
            {
                Ok(_) => return Ok(()),
                Err(KubernetesError::Refused { code: 409, .. }) if left > 0 => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn container<'a>(&self, deployment: &'a Deployment) -> Result<&'a Container, InstallationError> {
        let spec = deployment.spec.as_ref().and_then(|spec| spec.template.spec.as_ref());
        let containers = spec.map_or(&[][..], |spec| &spec.containers);
        let named = containers.iter().find(|container| container.name == self.deployment);
        named.or_else(|| containers.first()).ok_or_else(|| {
            KubernetesError::Unreadable {
                what: self.name(),
                reason: "it has no container".into(),
            }
            .into()
        })
    }
}

fn container_mut<'a>(deployment: &'a mut Deployment, name: &str) -> Option<&'a mut Container> {
    let containers = &mut deployment.spec.as_mut()?.template.spec.as_mut()?.containers;
    let place = containers
        .iter()
        .position(|container| container.name == name)
        .unwrap_or(0);
    containers.get_mut(place)
}

/// One, where it doesn't say.
fn wanted(deployment: &Deployment) -> u32 {
    let replicas = deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    u32::try_from(replicas).unwrap_or_default()
}
