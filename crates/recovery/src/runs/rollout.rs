//! Waiting for pods: a Deployment is asked for a number of them, and looked at until it has come that far.

use std::time::Duration;

use adapters::kubernetes::{Installation, Rollout};
use tokio::time::{Instant, sleep};

use super::execution::{Execution, StepError};
use crate::plans::repoint::Site;

const LOOK: Duration = Duration::from_secs(1);

/// Looks until it is so, or time is up: then what was seen last.
pub(super) async fn wait(
    run: &Execution,
    installation: &Installation,
    within: Duration,
    so: impl Fn(&Rollout) -> bool,
) -> Result<Result<(), Rollout>, StepError> {
    let until = Instant::now() + within;
    loop {
        match installation.rollout().await {
            Ok(rollout) if so(&rollout) => return Ok(Ok(())),
            Ok(rollout) if Instant::now() >= until => return Ok(Err(rollout)),
            Err(error) if Instant::now() >= until => return Err(StepError::Failed(error.to_string())),
            // A cluster that doesn't answer for a moment may answer the next.
            Ok(_) | Err(_) => {}
        }
        tokio::select! {
            () = run.end.cancelled() => return Err(StepError::Failed("it was ended before that".into())),
            () = sleep(LOOK) => {}
        }
    }
}

/// Asks for this many pods and waits until they are ready.
pub(super) async fn started(
    run: &Execution,
    site: &Site<'_>,
    installation: &Installation,
    replicas: u32,
) -> Result<(), StepError> {
    let scaled = installation.scale(replicas).await;
    scaled.map_err(|error| StepError::Failed(error.to_string()))?;
    let within = site.restore.repoint.start_within;
    let ready = |rollout: &Rollout| rollout.wanted == replicas && rollout.ready >= replicas;
    match wait(run, installation, within, ready).await? {
        Ok(()) => Ok(()),
        Err(Rollout { ready, .. }) => Err(StepError::Failed(format!(
            "{ready} of {replicas} pods are ready after {} s: kubectl describe pod says why",
            within.as_secs()
        ))),
    }
}
