//! One look at one subject: it is read, and what came of it is stored, a failure beside the last good value.

use domain::inventory::Keys;
use domain::observation::Observation;
use domain::role::Actor;
use domain::status::Status;
use domain::time::Timestamp;
use serde::Serialize;
use store::{Store, StoreError};

use super::gone::gone;
use super::subject::Subject;
use super::{Catalogue, SourceReading};
use crate::Services;
use crate::keys::{self, Memory};
use crate::settings::{Deployment, Manager};

/// Answers whether the subject could be read.
pub async fn look(
    services: &Services,
    deployment: &Deployment,
    subject: &Subject<'_>,
    memory: &Memory,
    actor: &Actor,
) -> Result<bool, StoreError> {
    let (store, now) = (&services.store, || services.clock.now());
    match subject {
        Subject::Vitals => {
            let read = super::vitals(deployment).await;
            if let Ok(vitals) = &read {
                store.vitals_append(&deployment.name, vitals).await?;
            }
            put(store, deployment, subject, &read, now()).await
        }
        Subject::Keys if keys_due(services, deployment).await? => {
            prove(services, deployment, actor).await?;
            Ok(true)
        }
        Subject::Keys => Ok(true),
        Subject::Source(source) => {
            let vitals = store.vitals_latest(&deployment.name).await?;
            let mut read = super::source(deployment, source, vitals.as_ref(), memory, actor, now()).await;
            if let Ok(reading) = &mut read {
                remember_gone(store, deployment, subject, reading, now()).await?;
            }
            put_source(store, deployment, subject, read, now()).await
        }
    }
}

/// Compares with the reading before.
async fn remember_gone(
    store: &Store,
    deployment: &Deployment,
    subject: &Subject<'_>,
    reading: &mut SourceReading,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (kind, source) = subject.stored_as();
    let readings = store.observed(&deployment.name).await?;
    let before = readings.get_split::<SourceReading, Catalogue>(kind, source);
    if let Some(((light, bulk), _)) = before.and_then(|observation| observation.last_good) {
        reading.vanished = gone(&light.joined(bulk), reading, at);
    }
    Ok(())
}

/// Keeps a look that came to nothing.
pub async fn failed(
    services: &Services,
    deployment: &Deployment,
    subject: &Subject<'_>,
    why: &str,
) -> Result<bool, StoreError> {
    let read: Result<(), _> = Err(why.to_owned());
    put(&services.store, deployment, subject, &read, services.clock.now()).await
}

async fn put<T: Serialize>(
    store: &Store,
    deployment: &Deployment,
    subject: &Subject<'_>,
    read: &Result<T, String>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let reading = read.as_ref().map_err(String::as_str);
    let subject_row = row(deployment, subject);
    store
        .observation_put(subject_row, subject.interval_s(), reading, at)
        .await?;
    Ok(read.is_ok())
}

/// The list of backups is stored apart: it is large and seldom changes.
async fn put_source(
    store: &Store,
    deployment: &Deployment,
    subject: &Subject<'_>,
    read: Result<SourceReading, String>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let split: Result<(SourceReading, Catalogue), String> = read.map(SourceReading::split);
    let reading = split
        .as_ref()
        .map(|(light, bulk)| (light, bulk))
        .map_err(String::as_str);
    let subject_row = row(deployment, subject);
    store
        .observation_put_split(subject_row, subject.interval_s(), reading, at)
        .await?;
    Ok(split.is_ok())
}

fn row<'a>(deployment: &'a Deployment, subject: &'a Subject<'_>) -> store::Subject<'a> {
    let (kind, source) = subject.stored_as();
    store::Subject {
        deployment: &deployment.name,
        kind,
        source,
    }
}

/// Proves the keys now and keeps the result.
///
/// # Errors
/// If the result can't be stored.
pub async fn prove(services: &Services, deployment: &Deployment, actor: &Actor) -> Result<Keys, StoreError> {
    let memory = Memory::Store(services.store.clone());
    let keys = keys::prove(deployment, &memory, actor, services.clock.now()).await;
    let (interval_s, at) = (key_interval(deployment), services.clock.now());
    let subject = row(deployment, &Subject::Keys);
    services
        .store
        .observation_put(subject, interval_s, Ok(&keys), at)
        .await?;
    Ok(keys)
}

/// Values are read once per interval; sooner only after a proof that proved nothing.
async fn keys_due(services: &Services, deployment: &Deployment) -> Result<bool, StoreError> {
    let Some(settings) = &deployment.master_key else {
        return Ok(false);
    };
    let last: Option<Observation<Keys>> = services.store.observation(row(deployment, &Subject::Keys)).await?;
    let Some((keys, at)) = last.and_then(|observation| observation.last_good) else {
        return Ok(true);
    };
    let listed = keys.versions.len();
    let changed = match &settings.manager {
        Manager::Files(files) => files.versions().is_ok_and(|versions| {
            versions.len() != listed
                || versions
                    .iter()
                    .zip(&keys.versions)
                    .any(|(now, then)| now.current != then.current || now.created_at != then.created_at)
        }),
        Manager::Unsupported { .. } => false,
    };
    let age = services.clock.now() - at;
    let unproven = keys.status == Status::Unknown && age > chrono::Duration::minutes(5);
    Ok(changed || unproven || age >= settings.read_interval)
}

/// Seconds for which a proof stands.
pub fn key_interval(deployment: &Deployment) -> u32 {
    let seconds = deployment
        .master_key
        .as_ref()
        .map_or(0, |key| key.read_interval.num_seconds());
    u32::try_from(seconds).unwrap_or(0).max(Subject::Keys.interval_s())
}
