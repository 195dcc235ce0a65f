//! One look by the collector: the subject is read, and what came of it is stored, a failure beside the last good value.

use domain::inventory::Keys;
use domain::observation::Observation;
use domain::role::Actor;
use domain::status::Status;
use domain::time::Timestamp;
use domain::traces::{Look, Traces};
use domain::vitals::{Sign, Vitals};
use serde::Serialize;
use store::{Store, StoreError};

use super::gone::gone;
use super::reading::{Looking, Reading};
use super::subject::Subject;
use super::{Catalogue, SourceReading};
use crate::Services;
use crate::keys::Memory;
use crate::settings::Deployment;

/// Between two proofs, whatever happens.
const SOONEST: chrono::Duration = chrono::Duration::minutes(5);

/// Whether a look is due that isn't made on each round: keys and whole repositories are read as seldom as can be.
///
/// # Errors
/// If the store can't be read.
pub async fn due(services: &Services, deployment: &Deployment, subject: &Subject<'_>) -> Result<bool, StoreError> {
    match subject {
        Subject::Keys => keys_due(services, deployment).await,
        Subject::Verified(_) => {
            // Whoever is started again doesn't read everything again.
            let place = Place::of(deployment, subject);
            let last: Option<Observation<serde_json::Value>> = services.store.observation(place.row()).await?;
            let read = last.and_then(|observation| observation.last_good);
            let week = chrono::Duration::seconds(subject.interval_s().into());
            Ok(read.is_none_or(|(_, at)| services.clock.now() - at >= week))
        }
        _ => Ok(true),
    }
}

/// Looks once.
pub async fn look(services: &Services, deployment: &Deployment, subject: &Subject<'_>) -> Result<Reading, StoreError> {
    let vitals = services.store.vitals_latest(&deployment.name).await?;
    let looking = Looking {
        deployment,
        vitals: vitals.as_ref(),
        memory: &Memory::Store(services.store.clone()),
        actor: &Actor::job("collector"),
        now: services.clock.now(),
    };
    Ok(looking.at(subject).await)
}

/// Keeps a reading. Answers whether the subject could be read.
///
/// # Errors
/// If the store doesn't take it.
pub async fn keep(
    services: &Services,
    deployment: &Deployment,
    subject: &Subject<'_>,
    reading: Reading,
) -> Result<bool, StoreError> {
    let place = Place::of(deployment, subject);
    let (store, now) = (&services.store, services.clock.now());
    match reading {
        Reading::Vitals(read) => {
            if let Ok(vitals) = read.as_ref() {
                store.vitals_append(&deployment.name, vitals).await?;
            }
            place.put(store, &read, now).await
        }
        Reading::Keys(keys) => {
            let interval_s = key_interval(deployment);
            store
                .observation_put(place.row(), interval_s, Ok(keys.as_ref()), now)
                .await?;
            Ok(true)
        }
        Reading::Source(read) => place.put_source(store, read, now).await,
        Reading::Tls(read) => place.put(store, &read, now).await,
        Reading::Images(read) => place.put(store, &read, now).await,
        Reading::Escrow(read) => place.put(store, &read, now).await,
        Reading::Bucket(read) => place.put(store, &read, now).await,
        Reading::Kms(read) => place.put(store, &read, now).await,
        Reading::Traces(read) => place.put_traces(store, *read, now).await,
        Reading::Crl(read) => place.put(store, &read, now).await,
        Reading::Verified(read) => place.put(store, &read, now).await,
    }
}

/// Where the readings of a subject are stored.
struct Place<'a> {
    deployment: &'a str,
    kind: &'static str,
    source: String,
    interval_s: u32,
}

impl<'a> Place<'a> {
    fn of(deployment: &'a Deployment, subject: &Subject<'_>) -> Self {
        let (kind, source) = subject.stored_as();
        Self {
            deployment: &deployment.name,
            kind,
            source,
            interval_s: subject.interval_s(),
        }
    }

    fn row(&self) -> store::Subject<'_> {
        store::Subject {
            deployment: self.deployment,
            kind: self.kind,
            source: &self.source,
        }
    }

    async fn put<T: Serialize>(
        &self,
        store: &Store,
        read: &Result<T, String>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let reading = read.as_ref().map_err(String::as_str);
        store.observation_put(self.row(), self.interval_s, reading, at).await?;
        Ok(read.is_ok())
    }

    /// The list of backups is stored apart: it is large and seldom changes.
    async fn put_source(
        &self,
        store: &Store,
        mut read: Result<SourceReading, String>,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        if let Ok(reading) = &mut read {
            self.remember_gone(store, reading, at).await?;
        }
        let split: Result<(SourceReading, Catalogue), String> = read.map(SourceReading::split);
        let reading = split
            .as_ref()
            .map(|(light, bulk)| (light, bulk))
            .map_err(String::as_str);
        store
            .observation_put_split(self.row(), self.interval_s, reading, at)
            .await?;
        Ok(split.is_ok())
    }

    /// Takes a look into what earlier looks saw.
    async fn put_traces(&self, store: &Store, look: Result<Look, String>, at: Timestamp) -> Result<bool, StoreError> {
        let before: Option<Observation<Traces>> = store.observation(self.row()).await?;
        let before = before.and_then(|seen| Some(seen.last_good?.0)).unwrap_or_default();
        let traces = look.map(|look| before.after(&look));
        self.put(store, &traces, at).await
    }

    /// Compares with the reading before.
    async fn remember_gone(&self, store: &Store, reading: &mut SourceReading, at: Timestamp) -> Result<(), StoreError> {
        let readings = store.observed(self.deployment).await?;
        let before = readings.get_split::<SourceReading, Catalogue>(self.kind, &self.source);
        if let Some(((light, bulk), _)) = before.and_then(|observation| observation.last_good) {
            reading.vanished = gone(&light.joined(bulk), reading, at);
        }
        Ok(())
    }
}

/// Proves the keys now and keeps the result.
///
/// # Errors
/// If the result can't be stored.
pub async fn prove(services: &Services, deployment: &Deployment, actor: &Actor) -> Result<Keys, StoreError> {
    let memory = Memory::Store(services.store.clone());
    let keys = crate::keys::prove(deployment, &memory, actor, services.clock.now()).await;
    keep(
        services,
        deployment,
        &Subject::Keys,
        Reading::Keys(Box::new(keys.clone())),
    )
    .await?;
    Ok(keys)
}

/// The latest proof that was kept.
///
/// # Errors
/// If the store doesn't answer.
pub async fn proof(store: &Store, deployment: &Deployment) -> Result<Observation<Keys>, StoreError> {
    let place = Place::of(deployment, &Subject::Keys);
    let kept = store.observation(place.row()).await?;
    Ok(kept.unwrap_or_else(|| Observation::never(place.source.clone(), key_interval(deployment))))
}

/// Values are read once per interval; sooner only after a proof that proved nothing.
async fn keys_due(services: &Services, deployment: &Deployment) -> Result<bool, StoreError> {
    let Some(settings) = &deployment.master_key else {
        return Ok(false);
    };
    let place = Place::of(deployment, &Subject::Keys);
    let last: Option<Observation<Keys>> = services.store.observation(place.row()).await?;
    let Some((keys, at)) = last.and_then(|observation| observation.last_good) else {
        return Ok(true);
    };
    let vitals = services.store.vitals_latest(&deployment.name).await?;
    // Versions don't change, so only what is new needs to be read before its time. A manager that doesn't tell is found out by the proof.
    let described = settings.place.manager.describe().await.ok();
    let changed = described.is_some_and(|now| keys.secret.as_ref().is_none_or(|then| then.versions != now.versions));
    let age = services.clock.now() - at;
    let puzzled =
        keys.status == Status::Unknown || vitals.is_some_and(|vitals| wraps_under_new_key(&vitals, &keys, at));
    Ok(changed || puzzled && age > SOONEST || age >= settings.read_interval)
}

/// Whether values carry the id of a key that the last proof hasn't seen.
fn wraps_under_new_key(vitals: &Vitals, keys: &Keys, proven_at: Timestamp) -> bool {
    let seen = |id: &String| {
        let known = keys.envelopes.key_ids.iter().filter_map(|count| count.key_id.as_ref());
        known.into_iter().any(|known| known.0 == *id)
    };
    match &vitals.signs.key_ids {
        Sign::Known(ids) => vitals.read_at > proven_at && ids.keys().any(|id| !id.is_empty() && !seen(id)),
        Sign::Unknown { .. } => false,
    }
}

/// Seconds for which a proof stands.
pub fn key_interval(deployment: &Deployment) -> u32 {
    let seconds = deployment
        .master_key
        .as_ref()
        .map_or(0, |key| key.read_interval.num_seconds());
    u32::try_from(seconds).unwrap_or(0).max(Subject::Keys.interval_s())
}
