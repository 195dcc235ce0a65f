//! Keys that left Muster: which, when, by whom, and whether they were rotated since. A key in somebody's hands is a key to be rotated.

use domain::custody::exposure::{Exposure, Left, Opening, rotated};
use domain::inventory::Keys;
use domain::observation::{Known, Observation};
use domain::run::StepState;
use domain::time::Timestamp;
use store::requests::{Retrieved, Taken};
use store::{Store, StoreError};

use crate::collect;
use crate::plans::key_catch_up::WRITE;
use crate::plans::retrieve_key::{DELIVER, SHOW};
use crate::{Error, Services};

/// Requests that are looked back on, newest first.
const MOST: i64 = 200;

/// What is remembered of keys that left, before a proof judges it.
#[derive(Clone, Debug)]
pub struct Handed {
    retrieved: Vec<Retrieved>,
    /// Every key that ever opened something live.
    openings: Vec<Opening>,
}

impl Handed {
    /// # Errors
    /// If the store doesn't answer, or a plan isn't the one with its digest.
    pub async fn read(store: &Store, deployment: &str) -> Result<Self, StoreError> {
        let retrieved = store.retrieved(deployment, &[SHOW, DELIVER, WRITE], MOST).await?;
        let openings = if retrieved.is_empty() {
            Vec::new()
        } else {
            store.openings(deployment).await?
        };
        Ok(Self { retrieved, openings })
    }

    /// What has become of each since, by the latest proof.
    #[must_use]
    pub fn judged(&self, proof: &Observation<Keys>, now: Timestamp) -> Vec<Exposure> {
        let proof = match proof.known(now) {
            Known::Fresh { value, at } => Ok((value, at)),
            Known::Unknown { reason, .. } => Err(reason),
        };
        let exposure = |one: &Retrieved| {
            let at = one.at()?;
            let (fingerprint, how) = match &one.taken {
                Taken::Retrieved(plan) => {
                    let how = Left::Retrieved {
                        version: plan.version.clone(),
                        delivery: plan.delivery.clone(),
                    };
                    (plan.fingerprint.clone(), how)
                }
                Taken::CaughtUp(plan) => {
                    let manager = plan.manager.clone();
                    (plan.fingerprint.clone(), Left::CaughtUp { manager })
                }
            };
            Some(Exposure {
                rotated: rotated(&fingerprint, at, &self.openings, proof.clone()),
                request: one.number,
                fingerprint,
                at,
                who: one.requester_name.clone(),
                how,
                certain: matches!(one.step, StepState::Done { .. }),
            })
        };
        self.retrieved.iter().filter_map(exposure).collect()
    }
}

/// What is known of keys that left, newest first.
///
/// # Errors
/// If the store doesn't answer, or there is no such deployment.
pub async fn exposures(services: &Services, deployment: &str) -> Result<Vec<Exposure>, Error> {
    let (store, now) = (&services.store, services.clock.now());
    let deployment = services.deployment(deployment)?;
    let handed = Handed::read(store, &deployment.name).await?;
    if handed.retrieved.is_empty() {
        return Ok(Vec::new());
    }
    Ok(handed.judged(&collect::proof(store, deployment).await?, now))
}
