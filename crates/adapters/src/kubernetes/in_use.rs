//! The Secret that the running Ampora was started with, and whether its pods really hold what the Secret holds now: a container's environment
//! is set when it starts, and a Secret that changes later changes nothing in it.

mod given;

use std::collections::BTreeMap;

use domain::key::{Decoded, Encoding, KeyError, MasterKey};
use domain::time::Timestamp;
use k8s_openapi::api::core::v1::{Container, Pod};
use zeroize::Zeroizing;

use super::pods::{container, status};
use super::secret::{changed_at, fields};
use super::{Cluster, KubernetesSecret, moment};
use crate::in_use::{KeysInUse, MASTER_KEY, PREVIOUS_KEY};
use crate::manager::ManagerError;
use crate::tls::plain;
use given::{Given, given};

/// How many pods are named in one doubt.
const NAMED: usize = 3;

/// Where the running Ampora has its key from.
#[derive(Clone, Debug)]
pub struct InUseSecret {
    pub secret: KubernetesSecret,
    /// Data key of the master key.
    pub key: String,
    /// Data key of the one from before a rotation.
    pub previous_key: String,
    /// The Deployment in the Secret's namespace whose pods are Ampora's; `None`: it isn't known which are.
    pub deployment: Option<String>,
}

/// Why the key in use isn't known. Names the place, never a value.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InUseError {
    #[error(transparent)]
    Manager(#[from] ManagerError),
    #[error("{place}: {source}")]
    Value { place: String, source: KeyError },
}

impl InUseSecret {
    /// With the previous key under the name that Ampora gives it.
    #[must_use]
    pub fn new(secret: KubernetesSecret, key: &str, deployment: Option<&str>) -> Self {
        Self {
            secret,
            key: key.into(),
            previous_key: PREVIOUS_KEY.into(),
            deployment: deployment.map(str::to_owned),
        }
    }

    /// What people call it: `Secret ampora/ampora-secrets, key KeyProtection__MasterKey`.
    #[must_use]
    pub fn name(&self) -> String {
        self.place(&self.key)
    }

    fn place(&self, key: &str) -> String {
        format!("Secret {}/{}, key {key}", self.secret.namespace(), self.secret.secret())
    }

    /// Reads the keys, and what speaks against the pods' holding them.
    ///
    /// # Errors
    /// If the Secret can't be read, or a value in it is no key.
    pub async fn read(&self) -> Result<KeysInUse, InUseError> {
        let cluster = self.secret.cluster().await?;
        let mut secret = self.secret.whole(&cluster).await?;
        let data = fields(&mut secret);
        Ok(KeysInUse {
            master: self.decoded(&data, &self.key)?,
            previous: self.decoded(&data, &self.previous_key)?,
            doubts: self.doubts(&cluster, changed_at(&secret.metadata)).await,
        })
    }

    fn decoded(&self, data: &BTreeMap<String, Zeroizing<Vec<u8>>>, key: &str) -> Result<Option<Decoded>, InUseError> {
        let Some(value) = data.get(key).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let decoded = MasterKey::decode(value, Encoding::Base64);
        decoded.map(Some).map_err(|source| InUseError::Value {
            place: self.place(key),
            source,
        })
    }

    async fn doubts(&self, cluster: &Cluster, changed_at: Option<Timestamp>) -> Vec<String> {
        let Some(deployment) = &self.deployment else {
            return vec!["no Deployment is configured, so it isn’t known whether Ampora’s pods hold this key".into()];
        };
        let pods = match cluster.pods(self.secret.namespace(), deployment).await {
            Ok(pods) => pods,
            Err(error) => return vec![format!("whether Ampora’s pods hold this key isn’t known: {error}")],
        };
        let mut doubts = Vec::new();
        if changed_at.is_none() {
            doubts.push(
                "the cluster doesn’t tell when the Secret was changed last, so pods may have been started with another key"
                    .into(),
            );
        }
        let mut running = 0;
        let mut by_reason: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pod in &pods {
            let Some((container, started_at)) = started(pod, deployment) else {
                continue;
            };
            running += 1;
            let reason = self.misgiven(container).or_else(|| older(started_at, changed_at));
            if let Some(reason) = reason {
                let name = pod.metadata.name.as_deref().unwrap_or("without a name");
                by_reason.entry(reason).or_default().push(name.into());
            }
        }
        if running == 0 {
            doubts.push(format!(
                "no pod of Deployment {deployment} runs, so nobody holds this key"
            ));
        }
        doubts.extend(
            by_reason
                .into_iter()
                .map(|(reason, pods)| format!("{}: {}", named(&pods), plain(&reason))),
        );
        doubts
    }

    /// Why a container wasn't started with this key.
    fn misgiven(&self, container: &Container) -> Option<String> {
        match given(container, self.secret.secret(), &self.key) {
            Given::Here => None,
            Given::Perhaps(others) => Some(format!(
                "{MASTER_KEY} comes from this Secret, unless {others}, which is read after it, has that name too"
            )),
            Given::Elsewhere(place) => Some(format!("{MASTER_KEY} comes from {place}, not from this Secret")),
            Given::Nowhere => Some(format!(
                "{MASTER_KEY} isn’t in the environment of container {}",
                container.name
            )),
        }
    }
}

/// The container that runs Ampora, and since when. `None`: it doesn't run.
fn started<'a>(pod: &'a Pod, deployment: &str) -> Option<(&'a Container, Option<Timestamp>)> {
    let container = container(pod, deployment)?;
    let state = status(pod, container)?.state.as_ref()?;
    let running = state.running.as_ref()?;
    Some((container, running.started_at.as_ref().and_then(moment)))
}

/// Times are whole seconds, so a container that started in the second of the change may be older than it.
fn older(started_at: Option<Timestamp>, changed_at: Option<Timestamp>) -> Option<String> {
    let changed_at = changed_at?;
    let changed = changed_at.format("%Y-%m-%d %H:%M:%S UTC");
    match started_at {
        Some(started_at) if started_at > changed_at => None,
        Some(_) => Some(format!(
            "started before the Secret was changed at {changed}, and may hold the key from before"
        )),
        None => Some(format!(
            "it isn’t told whether it started before the Secret was changed at {changed}"
        )),
    }
}

fn named(pods: &[String]) -> String {
    let first = pods
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let more = pods.len().saturating_sub(NAMED);
    let word = if pods.len() == 1 { "pod" } else { "pods" };
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{word} {first}{rest}")
}
