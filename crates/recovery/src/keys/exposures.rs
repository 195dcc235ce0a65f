//! Keys that left Muster: which, when, by whom, and whether they were rotated since. A key in somebody's hands is a key to be rotated.

use domain::custody::exposure::{Rotated, rotated};
use domain::key::Fingerprint;
use domain::observation::Known;
use domain::plan::Delivery;
use domain::run::StepState;
use domain::time::Timestamp;

use crate::collect;
use crate::plans::retrieve_key::{DELIVER, SHOW};
use crate::{Error, Services};

/// Retrievals that are looked back on, newest first.
const MOST: i64 = 200;

/// One key in somebody's hands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exposure {
    /// Number of the request.
    pub request: i64,
    pub fingerprint: Fingerprint,
    /// What the manager called it.
    pub version: String,
    pub at: Timestamp,
    /// Who asked for it.
    pub who: String,
    pub how: Delivery,
    /// False: it may have left, and nobody knows.
    pub certain: bool,
    pub rotated: Rotated,
}

/// What is known of keys that left, newest first.
///
/// # Errors
/// If the store doesn't answer, or there is no such deployment.
pub async fn exposures(services: &Services, deployment: &str) -> Result<Vec<Exposure>, Error> {
    let (store, now) = (&services.store, services.clock.now());
    let deployment = services.deployment(deployment)?;
    let retrieved = store.retrieved(&deployment.name, &[SHOW, DELIVER], MOST).await?;
    if retrieved.is_empty() {
        return Ok(Vec::new());
    }
    let openings = store.openings(&deployment.name).await?;
    let observed = collect::proof(store, deployment).await?;
    let proof = match observed.known(now) {
        Known::Fresh { value, at } => Ok((value, at)),
        Known::Unknown { reason, .. } => Err(reason),
    };
    let exposure = |one: store::requests::Retrieved| {
        let at = one.at()?;
        let fingerprint = one.plan.fingerprint;
        Some(Exposure {
            rotated: rotated(&fingerprint, at, &openings, proof.clone()),
            request: one.number,
            fingerprint,
            version: one.plan.version,
            at,
            who: one.requester_name,
            how: one.plan.delivery,
            certain: matches!(one.step, StepState::Done { .. }),
        })
    };
    Ok(retrieved.into_iter().filter_map(exposure).collect())
}
