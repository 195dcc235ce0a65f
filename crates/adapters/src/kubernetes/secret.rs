//! A Secret of the cluster as a secret manager. It holds one value and no history: each change takes the place of what was there, and its
//! resourceVersion names what is.
//!
//! Rights that are needed: `get` on the Secret, since no role can allow its metadata alone, though no more is asked for to describe it;
//! `create` on Secrets of the namespace to create, `update` on the Secret to append. Values are in memory that is wiped; the answer they
//! came in, and the request that writes them, aren't.

mod description;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::custody;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Api;
use kube::api::PostParams;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;
use zeroize::Zeroizing;

use super::{Cluster, KubernetesError, KubernetesSettings, server};
use crate::manager::{ManagerError, SecretManager, Value};
pub(super) use description::changed_at;
use description::description;

/// Who Muster says it is when it writes.
pub(super) const FIELD_MANAGER: &str = "muster";

/// One Secret.
#[derive(Clone, Debug)]
pub struct KubernetesSecret {
    settings: KubernetesSettings,
    namespace: String,
    secret: String,
    /// `None`: no configuration says it, so nothing can be asked either.
    server: Option<String>,
}

impl KubernetesSecret {
    /// Reads the address of the cluster from its configuration. Asks nothing yet.
    #[must_use]
    pub fn new(settings: KubernetesSettings, namespace: &str, secret: &str) -> Self {
        Self {
            server: server(&settings),
            settings,
            namespace: namespace.into(),
            secret: secret.into(),
        }
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    fn what(&self) -> String {
        format!("Secret {}/{}", self.namespace, self.secret)
    }

    pub(super) async fn cluster(&self) -> Result<Cluster, ManagerError> {
        let connected = Cluster::connect(&self.settings).await;
        connected.map_err(|error| self.refused(error))
    }

    /// The whole Secret, values included.
    pub(super) async fn whole(&self, cluster: &Cluster) -> Result<Secret, ManagerError> {
        let found = self
            .ask(cluster, |api| async move { api.get(&self.secret).await })
            .await;
        found.map_err(|error| self.refused(error))
    }

    async fn metadata(&self, cluster: &Cluster) -> Result<ObjectMeta, ManagerError> {
        let found = self.ask(cluster, |api| async move { api.get_metadata(&self.secret).await });
        let found = found.await.map_err(|error| self.refused(error))?;
        Ok(found.metadata)
    }

    /// Asks for this Secret without leaving anything of it in a log: the client logs answers that it can't parse.
    async fn ask<T, F>(&self, cluster: &Cluster, asking: impl FnOnce(Api<Secret>) -> F) -> Result<T, KubernetesError>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let api = Api::namespaced(cluster.client.clone(), &self.namespace);
        let what = self.what();
        let answer = cluster.ask(&what, asking(api));
        match answer.with_subscriber(NoSubscriber::default()).await {
            // What the parser says quotes what it stumbled over.
            Err(KubernetesError::Unreadable { what, .. }) => Err(KubernetesError::Unreadable {
                what,
                reason: "it isn’t a Secret as Kubernetes writes them".into(),
            }),
            answer => answer,
        }
    }

    fn refused(&self, error: KubernetesError) -> ManagerError {
        let name = self.name();
        match error {
            KubernetesError::Unreachable(why) => ManagerError::Unreachable(name, why),
            KubernetesError::Silent => ManagerError::Unreachable(name, error.to_string()),
            KubernetesError::Unauthorized => ManagerError::Denied(name, error.to_string()),
            KubernetesError::Forbidden { said, .. } => ManagerError::Denied(name, said),
            KubernetesError::Missing(what) => ManagerError::Absent(self.cluster_name(), what),
            KubernetesError::Refused { code: 429 | 500.., .. } => ManagerError::Unreachable(name, error.to_string()),
            KubernetesError::Config(_)
            | KubernetesError::NoSuchKind(_)
            | KubernetesError::Unreadable { .. }
            | KubernetesError::NotOurs(_)
            | KubernetesError::Lingers(_)
            | KubernetesError::Refused { .. } => ManagerError::Odd(name, error.to_string()),
        }
    }

    fn cluster_name(&self) -> String {
        match &self.server {
            Some(server) => format!("the cluster at {server}"),
            None => "the cluster".into(),
        }
    }

    fn state(&self, secret: Secret) -> Result<String, ManagerError> {
        let version = secret.metadata.resource_version.filter(|version| !version.is_empty());
        version.ok_or_else(|| ManagerError::Odd(self.name(), "it has no resourceVersion".into()))
    }

    fn unsupported(&self, why: &str) -> ManagerError {
        ManagerError::Unsupported(self.name(), why.into())
    }
}

#[async_trait]
impl SecretManager for KubernetesSecret {
    fn kind(&self) -> &'static str {
        "kubernetes"
    }

    fn name(&self) -> String {
        let at = self
            .server
            .as_deref()
            .map_or(String::new(), |server| format!(" at {server}"));
        format!("kubernetes {}/{}{at}", self.namespace, self.secret)
    }

    /// Address, namespace and name. A cluster that is reached by several addresses has as many identities.
    fn identity(&self) -> String {
        let server = self.server.as_deref().unwrap_or("that is not configured");
        format!("kubernetes {server}/{}/{}", self.namespace, self.secret)
    }

    async fn describe(&self) -> Result<custody::Secret, ManagerError> {
        let metadata = self.metadata(&self.cluster().await?).await?;
        let described = description(&metadata);
        described.ok_or_else(|| ManagerError::Odd(self.name(), "it has no resourceVersion".into()))
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        let mut secret = self.whole(&self.cluster().await?).await?;
        let fields = fields(&mut secret);
        let is = self.state(secret)?;
        if is == version {
            return Ok(Value::Fields(fields));
        }
        let gone = format!("version {version:?} any more: it was changed, and is version {is:?} now");
        Err(ManagerError::Absent(self.name(), gone))
    }

    async fn create(&self, value: &Value) -> Result<String, ManagerError> {
        let secret = Secret {
            metadata: ObjectMeta {
                name: Some(self.secret.clone()),
                namespace: Some(self.namespace.clone()),
                ..ObjectMeta::default()
            },
            data: Some(self.data(value)?),
            type_: Some("Opaque".into()),
            ..Secret::default()
        };
        let cluster = self.cluster().await?;
        let asking = |api: Api<Secret>| async move { api.create(&writing(), &secret).await };
        match self.ask(&cluster, asking).await {
            Ok(made) => self.state(made),
            Err(KubernetesError::Refused { code: 409, .. }) => Err(ManagerError::Exists(self.name())),
            Err(error) => Err(self.refused(error)),
        }
    }

    /// Other data keys, labels and annotations stay.
    async fn append(&self, value: &Value, expected: &str) -> Result<String, ManagerError> {
        let data = self.data(value)?;
        let cluster = self.cluster().await?;
        let mut secret = self.whole(&cluster).await?;
        let is = secret.metadata.resource_version.clone().unwrap_or_default();
        if is != expected {
            return Err(ManagerError::Moved(self.name(), is));
        }
        if secret.immutable == Some(true) {
            return Err(self.unsupported("it is immutable; nothing was written"));
        }
        if secret.metadata.deletion_timestamp.is_some() {
            return Err(self.unsupported("it is being deleted; nothing was written"));
        }
        secret.data.get_or_insert_default().extend(data);
        // The resourceVersion that it came with makes this the precondition too.
        let asking = |api: Api<Secret>| async move { api.replace(&self.secret, &writing(), &secret).await };
        match self.ask(&cluster, asking).await {
            Ok(changed) => self.state(changed),
            Err(KubernetesError::Refused { code: 409, .. }) => {
                let now = self.metadata(&cluster).await?.resource_version;
                Err(ManagerError::Moved(self.name(), now.unwrap_or_default()))
            }
            Err(error) => Err(self.refused(error)),
        }
    }
}

impl KubernetesSecret {
    fn data(&self, value: &Value) -> Result<BTreeMap<String, ByteString>, ManagerError> {
        match value {
            Value::Fields(fields) => {
                let data = fields
                    .iter()
                    .map(|(name, bytes)| (name.clone(), ByteString(bytes.to_vec())));
                Ok(data.collect())
            }
            Value::Whole(_) => {
                Err(self.unsupported("a Secret holds its values under data keys; say in `field` which one"))
            }
        }
    }
}

pub(super) fn writing() -> PostParams {
    PostParams {
        field_manager: Some(FIELD_MANAGER.into()),
        ..PostParams::default()
    }
}

/// Takes the values over, without a copy.
pub(super) fn fields(secret: &mut Secret) -> BTreeMap<String, Zeroizing<Vec<u8>>> {
    let data = secret.data.take().unwrap_or_default().into_iter();
    data.map(|(name, ByteString(bytes))| (name, Zeroizing::new(bytes)))
        .collect()
}
