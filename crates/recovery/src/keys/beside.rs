//! What rules about keys look at beside the deployment's own readings: keys that left by requests, and the keys of the site's other
//! deployments.

use std::collections::BTreeMap;

use domain::inventory::Keys;
use domain::key::Fingerprint;
use domain::observation::{Known, Observation};
use domain::policy::Fact;
use domain::rules::{Elsewhere, named};
use domain::time::Timestamp;
use store::{Store, StoreError};

use super::Handed;
use crate::settings::Deployment;

/// Empty where nobody remembers anything and there is one deployment.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// `None`: nobody remembers.
    pub handed: Option<Handed>,
    pub elsewhere: Vec<Elsewhere>,
}

impl Beside {
    /// What the store knows. `keys` are those of `deployment`; of the others only what they share is read.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn read(
        store: &Store,
        all: &[Deployment],
        deployment: &Deployment,
        keys: &Observation<Keys>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let handed = Some(Handed::read(store, &deployment.name).await?);
        let others: Vec<_> = others(all, deployment).map(|other| other.name.clone()).collect();
        if deployment.master_key.is_none() || others.is_empty() {
            return Ok(Self {
                handed,
                elsewhere: Vec::new(),
            });
        }
        let own = keys.last_good.as_ref().map(|(keys, _)| named(keys)).unwrap_or_default();
        let ids = own.iter().filter_map(|key| key.id.as_ref().map(|id| id.0.clone()));
        // A weak key has no fingerprint of its own, only an id.
        let fingerprints = own.iter().filter(|key| key.fingerprint != Fingerprint::Weak);
        let fingerprints: Vec<_> = fingerprints.map(|key| key.fingerprint.to_string()).collect();
        let read = store
            .proofs_of::<Keys>(&others, &fingerprints, &ids.collect::<Vec<_>>())
            .await?;
        let mut read: BTreeMap<_, _> = read.into_iter().collect();
        let elsewhere = others.into_iter().map(|deployment| {
            let keys = match read.remove(&deployment).as_ref().map(|proof| proof.known(now)) {
                None => Fact::unknown("not read yet"),
                Some(Known::Unknown { reason, .. }) => Fact::Unknown { reason },
                Some(Known::Fresh { value, at }) => Fact::Known {
                    value: value.as_ref().map(named).unwrap_or_default(),
                    at,
                },
            };
            Elsewhere { deployment, keys }
        });
        Ok(Self {
            handed,
            elsewhere: elsewhere.collect(),
        })
    }

    /// The same from proofs at hand, by deployment; what isn't among them wasn't looked at.
    pub fn compare(
        &mut self,
        all: &[Deployment],
        deployment: &Deployment,
        proofs: &BTreeMap<String, Observation<Keys>>,
        now: Timestamp,
    ) {
        let elsewhere = others(all, deployment).map(|other| Elsewhere {
            deployment: other.name.clone(),
            keys: match proofs.get(&other.name).map(|proof| proof.known(now)) {
                None => Fact::unknown("they weren’t looked at"),
                Some(Known::Unknown { reason, .. }) => Fact::Unknown { reason },
                Some(Known::Fresh { value, at }) => Fact::Known {
                    value: named(value),
                    at,
                },
            },
        });
        self.elsewhere = elsewhere.collect();
    }
}

/// The deployments whose keys could be the same.
fn others<'a>(all: &'a [Deployment], deployment: &'a Deployment) -> impl Iterator<Item = &'a Deployment> {
    all.iter()
        .filter(move |other| other.name != deployment.name && other.master_key.is_some())
}
