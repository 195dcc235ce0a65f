//! Silence expires. The state is judged by time wherever it is read; this job writes it down and into the audit log.

use std::time::Duration;

use domain::approval::State;
use domain::audit::Outcome;
use domain::role::Actor;
use tokio_util::sync::CancellationToken;

use super::create::told;
use crate::audit::Act;
use crate::{Error, Services};

const EVERY: Duration = Duration::from_secs(10);

/// Runs until it is stopped.
pub async fn run(services: Services, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = sweep(&services).await {
            tracing::warn!(error = error.chain(), "expired requests could not be closed");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn sweep(services: &Services) -> Result<(), Error> {
    let actor = Actor::job("clock");
    let now = services.clock.now();
    for number in services.store.requests_to_expire(now).await? {
        let mut tx = services.store.begin().await?;
        let Some(mut stored) = store::requests::lock(&mut tx, number).await? else {
            continue;
        };
        let state = stored.request.state_at(now);
        if stored.request.state.is_over() || !matches!(state, State::Expired { .. }) {
            continue;
        }
        stored.request.state = state;
        store::requests::save(&mut tx, &stored.request).await?;
        let act = Act::new(&actor, "request.expire", format!("request {number}")).request(&stored.request);
        act.fact(&mut tx, Outcome::Ok, now).await?;
        told(&mut tx, services, &stored.request, &stored.plan).await?;
        tx.commit().await.map_err(store::StoreError::from)?;
    }
    Ok(())
}
