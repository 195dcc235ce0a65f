//! The heartbeat of each deployment that wants one: a row in Ampora's cluster that is renewed at short intervals. Several processes may do it at
//! once, since each only writes the present time. While a restore is under way nothing is written.

use adapters::ampora::HeartbeatError;
use domain::time::Timestamp;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::settings::{Deployment, Heartbeat};
use crate::{Error, Services};

/// What came of one beat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beat {
    /// Written, with this time of the database's clock.
    At(Timestamp),
    /// A restore of this deployment is under way.
    Held,
}

/// Why there was none.
#[derive(Debug, thiserror::Error)]
pub enum Missed {
    /// Muster's own database can't be asked whether a restore is under way, so nothing is written.
    #[error(transparent)]
    Muster(#[from] Error),
    #[error(transparent)]
    Ampora(#[from] HeartbeatError),
}

/// Writes until it is stopped.
pub async fn run(services: Services, stop: CancellationToken) {
    let mut hearts = JoinSet::new();
    for deployment in &services.settings.deployments {
        if let Some(heartbeat) = deployment.heartbeat.clone() {
            hearts.spawn(keep(services.clone(), deployment.clone(), heartbeat, stop.clone()));
        }
    }
    while let Some(ended) = hearts.join_next().await {
        if let Err(panicked) = ended {
            std::panic::resume_unwind(panicked.into_panic());
        }
    }
    stop.cancelled().await;
}

async fn keep(services: Services, deployment: Deployment, heartbeat: Heartbeat, stop: CancellationToken) {
    let mut trouble: Option<String> = None;
    while !stop.is_cancelled() {
        let missed = beat(&services, &deployment.name, &heartbeat).await.err();
        let now = missed.map(|missed| missed.to_string());
        // Said once, and not each minute of a night.
        if now != trouble {
            match &now {
                Some(reason) => tracing::warn!(deployment = deployment.name, %reason, "no heartbeat"),
                None => tracing::info!(deployment = deployment.name, "the heartbeat is written again"),
            }
        }
        trouble = now;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(heartbeat.every) => {}
        }
    }
}

/// Writes one, unless a restore is under way.
///
/// # Errors
/// If that can't be found out, or the database doesn't take it.
pub async fn beat(services: &Services, deployment: &str, heartbeat: &Heartbeat) -> Result<Beat, Missed> {
    let underway = services.store.restores_underway(deployment).await;
    if underway.map_err(Error::from)? {
        return Ok(Beat::Held);
    }
    Ok(Beat::At(heartbeat.writer.beat().await?))
}
