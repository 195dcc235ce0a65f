//! The value of a variable that a container is given, wherever it stands.

use k8s_openapi::api::core::v1::{ConfigMap, Container, Secret};
use kube::Api;
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;
use zeroize::Zeroizing;

use super::{Installation, InstallationError, environment};
use crate::kubernetes::{Cluster, KubernetesError};
use crate::tls::plain;

impl Installation {
    /// The value that a container is given for a variable, and where it stands. An entry of its own wins, and of several the last.
    pub(super) async fn given(
        &self,
        cluster: &Cluster,
        container: &Container,
        variable: &str,
    ) -> Result<Option<(Zeroizing<String>, String)>, InstallationError> {
        for source in environment::sources(container, variable) {
            if let Some(value) = self.resolve(cluster, &source).await? {
                return Ok(Some((value, plain(&source.words()))));
            }
        }
        Ok(None)
    }

    async fn resolve(
        &self,
        cluster: &Cluster,
        source: &environment::Source,
    ) -> Result<Option<Zeroizing<String>>, KubernetesError> {
        match source {
            environment::Source::Literal(value) => Ok(Some(value.clone())),
            environment::Source::Secret { name, key } => self.secret_value(cluster, name, key).await,
            environment::Source::ConfigMap { name, key } => self.map_value(cluster, name, key).await,
        }
    }

    async fn secret_value(
        &self,
        cluster: &Cluster,
        name: &str,
        key: &str,
    ) -> Result<Option<Zeroizing<String>>, KubernetesError> {
        let api: Api<Secret> = Api::namespaced(cluster.client.clone(), &self.namespace);
        let what = self.secret_name(name);
        let asked = cluster.ask(&what, api.get(name));
        let secret = match asked.with_subscriber(NoSubscriber::default()).await {
            Ok(mut secret) => crate::kubernetes::secret::fields(&mut secret),
            Err(KubernetesError::Missing(_)) => return Ok(None),
            Err(KubernetesError::Unreadable { what, .. }) => {
                let reason = "it isn’t a Secret as Kubernetes writes them".into();
                return Err(KubernetesError::Unreadable { what, reason });
            }
            Err(error) => return Err(error),
        };
        let text = secret
            .get(key)
            .map(|bytes| std::str::from_utf8(bytes).map(|text| Zeroizing::new(text.to_owned())));
        text.transpose().map_err(|_| KubernetesError::Unreadable {
            what,
            reason: format!("its key {key} isn’t UTF-8"),
        })
    }

    async fn map_value(
        &self,
        cluster: &Cluster,
        name: &str,
        key: &str,
    ) -> Result<Option<Zeroizing<String>>, KubernetesError> {
        let api: Api<ConfigMap> = Api::namespaced(cluster.client.clone(), &self.namespace);
        let what = format!("ConfigMap {}/{name}", self.namespace);
        let asked = cluster.ask(&what, api.get(name));
        match asked.with_subscriber(NoSubscriber::default()).await {
            Ok(map) => Ok(map.data.unwrap_or_default().remove(key).map(Zeroizing::new)),
            Err(KubernetesError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
