//! The collector's rounds, and reading back what they stored.

use std::time::Duration;

use domain::inventory::Keys;
use domain::observation::Observation;
use domain::role::Actor;
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::{INTERVAL_S, KEYS, Observed, SOURCE, VITALS};
use crate::Services;
use crate::keys::{self, Memory};
use crate::settings::Deployment;

/// What the store knows of a deployment.
///
/// # Errors
/// If the store can't be read.
pub async fn cached(store: &Store, deployment: &Deployment) -> Result<Observed, StoreError> {
    let mut sources = Vec::new();
    for source in &deployment.sources {
        let observation = store.observation(&deployment.name, SOURCE, source.name()).await?;
        let observation = observation.unwrap_or_else(|| Observation::never(source.name(), INTERVAL_S));
        sources.push((source.kind().to_owned(), observation));
    }
    let vitals = store.observation(&deployment.name, VITALS, "database").await?;
    let keys = store.observation(&deployment.name, KEYS, "master key").await?;
    Ok(Observed {
        sources,
        vitals: vitals.unwrap_or_else(|| Observation::never("database", INTERVAL_S)),
        keys: keys.unwrap_or_else(|| Observation::never("master key", key_interval(deployment))),
    })
}

/// Looks at every deployment until it is stopped. A deployment that hangs holds up no other.
pub async fn run(services: Services, stop: CancellationToken) {
    let rounds = services
        .settings
        .deployments
        .iter()
        .map(|deployment| rounds(&services, deployment, &stop));
    futures::future::join_all(rounds).await;
}

async fn rounds(services: &Services, deployment: &Deployment, stop: &CancellationToken) {
    let every = Duration::from_secs(INTERVAL_S.into());
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => break,
            done = round(services, deployment) => {
                if let Err(error) = done {
                    tracing::warn!(%error, deployment = deployment.name, "observations could not be stored");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(every) => {}
        }
    }
}

async fn round(services: &Services, deployment: &Deployment) -> Result<(), StoreError> {
    let (store, clock, name) = (&services.store, &services.clock, deployment.name.as_str());
    let (actor, memory) = (Actor::job("collector"), Memory::Store(store.clone()));
    let vitals = super::vitals(deployment).await;
    if let Ok(vitals) = &vitals {
        store.vitals_append(name, vitals).await?;
    }
    put(store, deployment, VITALS, "database", INTERVAL_S, &vitals, clock.now()).await?;
    for source in &deployment.sources {
        let read = super::source(deployment, source, vitals.as_ref().ok(), &memory, &actor, clock.now()).await;
        put(store, deployment, SOURCE, source.name(), INTERVAL_S, &read, clock.now()).await?;
    }
    if keys_due(services, deployment).await? {
        prove(services, deployment, &actor).await?;
    }
    Ok(())
}

/// Proves the keys now and keeps the result.
///
/// # Errors
/// If the result can't be stored.
pub async fn prove(services: &Services, deployment: &Deployment, actor: &Actor) -> Result<Keys, StoreError> {
    let memory = Memory::Store(services.store.clone());
    let keys = keys::prove(deployment, &memory, actor, services.clock.now()).await;
    let read = Ok(keys.clone());
    put(
        &services.store,
        deployment,
        KEYS,
        "master key",
        key_interval(deployment),
        &read,
        services.clock.now(),
    )
    .await?;
    Ok(keys)
}

/// Values are read once per interval; sooner only after a proof that proved nothing.
async fn keys_due(services: &Services, deployment: &Deployment) -> Result<bool, StoreError> {
    let Some(settings) = &deployment.master_key else {
        return Ok(false);
    };
    let last: Option<Observation<Keys>> = services.store.observation(&deployment.name, KEYS, "master key").await?;
    let Some((keys, at)) = last.and_then(|observation| observation.last_good) else {
        return Ok(true);
    };
    let listed = keys.versions.len();
    let changed = match &settings.manager {
        crate::settings::Manager::Files(files) => files.versions().is_ok_and(|versions| {
            versions.len() != listed
                || versions
                    .iter()
                    .zip(&keys.versions)
                    .any(|(now, then)| now.current != then.current || now.created_at != then.created_at)
        }),
        crate::settings::Manager::Unsupported { .. } => false,
    };
    let unproven =
        keys.status == domain::status::Status::Unknown && services.clock.now() - at > chrono::Duration::minutes(5);
    Ok(changed || unproven || services.clock.now() - at >= settings.read_interval)
}

fn key_interval(deployment: &Deployment) -> u32 {
    let seconds = deployment
        .master_key
        .as_ref()
        .map_or(0, |key| key.read_interval.num_seconds());
    u32::try_from(seconds).unwrap_or(INTERVAL_S).max(INTERVAL_S)
}

async fn put<T: serde::Serialize>(
    store: &Store,
    deployment: &Deployment,
    kind: &str,
    source: &str,
    interval_s: u32,
    read: &Result<T, String>,
    at: domain::time::Timestamp,
) -> Result<(), StoreError> {
    let reading = read.as_ref().map_err(String::as_str);
    store
        .observation_put(&deployment.name, kind, source, interval_s, reading, at)
        .await
}
