//! Everything that was observed of a deployment, and what of it may be believed.

mod covered;
mod restored;

use std::collections::BTreeMap;

use adapters::pgbackrest::Verification;
use adapters::tls::TlsReading;
use chrono::TimeDelta;
use domain::drill::{Drill, Rehearsals};
use domain::gap::Aftermath;
use domain::history::Seen;
use domain::inventory::Keys;
use domain::observation::{Known, Observation};
use domain::policy::{PassedDrill, Recovery};
use domain::rotation::Lane;
use domain::rules::Crl;
use domain::set_back::SetBack;
use domain::time::Timestamp;
use domain::traces::Traces;
use domain::upgrade::{Part, Upgrade, upgrades};
use domain::vitals::Vitals;
use domain::window::Window;
use store::{DumpReading, Readings, Store, StoreError};

use super::images::ImagesReading;
use super::reading::{BucketReading, Judged, Reading};
use super::subject::Subject;
use super::{Catalogue, SourceReading, look, standing};
use crate::drills::Proof;
use crate::keys::Beside;
use crate::settings::Deployment;

/// Restores that are looked back on.
const RECOVERIES: i64 = 5;

/// Everything that was observed of one deployment. What isn't configured isn't there; what was never read is, as not read yet.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Kind of each source with its observation.
    pub sources: Vec<(String, Observation<SourceReading>)>,
    pub vitals: Observation<Vitals>,
    /// What earlier looks saw that a rewind would lose or revive.
    pub traces: Observation<Traces>,
    pub keys: Observation<Keys>,
    pub tls: Option<Observation<TlsReading>>,
    pub images: Option<Observation<ImagesReading>>,
    /// Of repositories with something in escrow, by their names.
    pub escrows: Vec<Observation<Judged>>,
    /// By the names of the buckets.
    pub buckets: Vec<Observation<BucketReading>>,
    /// By the ids of the keys.
    pub kms: Vec<Observation<Judged>>,
    /// The revocation list, where its address is configured.
    pub crl: Option<Observation<Crl>>,
    /// By the names of the stanzas.
    pub verified: Vec<Observation<Verification>>,
    pub history: History,
    /// Restores that ran to their end, newest first.
    pub recoveries: Vec<Recovery>,
    /// How long the policy promises to keep a backup.
    pub kept_for: Option<TimeDelta>,
    /// The newest drill that passed.
    pub drill: Option<PassedDrill>,
    /// What drills have shown. `None`: nobody remembers.
    pub rehearsals: Option<Rehearsals>,
    /// What restores left to be done. `None`: nobody remembers.
    pub restored: Option<Vec<Aftermath>>,
    /// Clusters that Muster set back. `None`: nobody remembers.
    pub set_back: Option<Vec<SetBack>>,
    /// What drills have shown of the keys that backups need.
    pub drill_proofs: Vec<Proof>,
    /// Keys that left, and those of other deployments, for whoever judges findings.
    pub beside: Beside,
}

/// What is remembered of a deployment from earlier looks. Empty without a store.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// When Muster first looked at it.
    pub known_since: Option<Timestamp>,
    /// The latest run of each fact, by its name.
    pub latest: BTreeMap<String, Seen>,
    /// Migration heads of the live database, oldest first.
    pub heads: Vec<Seen>,
    /// Digests of the running image, oldest first.
    pub images: Vec<Seen>,
    /// What opened the envelopes of the live database, and what Ampora ran with, oldest first.
    pub envelopes: Vec<Seen>,
    pub in_use: Vec<Seen>,
}

impl History {
    async fn read(store: &Store, deployment: &str) -> Result<Self, StoreError> {
        let always = Timestamp::UNIX_EPOCH;
        Ok(Self {
            known_since: store.known_since(deployment).await?,
            latest: store.facts_now(deployment).await?.into_iter().collect(),
            heads: store.fact_runs(deployment, standing::MIGRATION_HEAD, always).await?,
            images: store.fact_runs(deployment, standing::IMAGE, always).await?,
            envelopes: store.fact_runs(deployment, Lane::Envelopes.fact(), always).await?,
            in_use: store.fact_runs(deployment, Lane::InUse.fact(), always).await?,
        })
    }

    /// Upgrades of Ampora, by what was seen to change, oldest first.
    #[must_use]
    pub fn upgrades(&self) -> Vec<Upgrade> {
        let mut found = upgrades(Part::MigrationHead, &self.heads);
        found.extend(upgrades(Part::Image, &self.images));
        found.sort_by_key(|upgrade| upgrade.first_new);
        found
    }

    /// Since when this fact has had this value. `None`: it is new, or nobody kept track.
    #[must_use]
    pub fn since(&self, fact: &str, value: &str) -> Option<Timestamp> {
        let run = self.latest.get(fact)?;
        (run.value == value).then_some(run.since)
    }
}

/// What the store knows of a deployment.
///
/// # Errors
/// If the store can't be read.
pub async fn cached(store: &Store, deployment: &Deployment) -> Result<Observed, StoreError> {
    let readings = store.observed(&deployment.name).await?;
    let mut observed = Observed::never(deployment);
    for subject in Subject::of(deployment) {
        observed.recall(&subject, &readings);
    }
    observed.history = History::read(store, &deployment.name).await?;
    observed.recoveries = recoveries(store, &deployment.name).await?;
    let rehearsals = store.drill_rehearsals(&deployment.name).await?;
    observed.drill = rehearsals.passed_at().map(|at| PassedDrill { at });
    observed.rehearsals = Some(rehearsals);
    // Plans are large: kept off the stack of whoever asks.
    observed.restored = Some(Box::pin(restored::read(store, &deployment.name)).await?);
    observed.set_back = Some(Box::pin(restored::set_back(store, &deployment.name)).await?);
    observed.drill_proofs = Proof::all(store, &deployment.name).await?;
    Ok(observed)
}

async fn recoveries(store: &Store, deployment: &str) -> Result<Vec<Recovery>, StoreError> {
    let runs = store.runs_history(deployment, "restore-dump", RECOVERIES).await?;
    let recovery = |(at, seconds)| Recovery {
        at,
        seconds,
        what: "restore of a dump".into(),
    };
    Ok(runs.into_iter().map(recovery).collect())
}

/// What the newest drill measured, whatever its verdict: a copy that came back too late or with a fault took as long.
fn rehearsed(drill: &Drill) -> Option<Recovery> {
    let backup = drill.backup.as_ref()?;
    Some(Recovery {
        at: drill.finished_at?,
        seconds: drill.figures.rto_seconds?,
        what: format!("drill of {}", backup.label),
    })
}

fn never<T>(subject: &Subject<'_>) -> Observation<T> {
    Observation::never(subject.stored_as().1, subject.interval_s())
}

const fn asked<T>(seen: &Observation<T>) -> bool {
    seen.failure.is_some() || seen.last_good.is_some()
}

fn joined(stored: Observation<(SourceReading, Catalogue)>) -> Observation<SourceReading> {
    let Observation {
        source,
        interval_s,
        last_good,
        failure,
    } = stored;
    Observation {
        source,
        interval_s,
        last_good: last_good.map(|((light, bulk), at)| (light.joined(bulk), at)),
        failure,
    }
}

/// Replaces the observation of the same source.
fn replace<T>(all: &mut [Observation<T>], by: Option<Observation<T>>) {
    if let Some(by) = by
        && let Some(place) = all.iter_mut().find(|one| one.source == by.source)
    {
        *place = by;
    }
}

/// Takes a reading into the observation of its source.
fn update<T>(all: &mut [Observation<T>], source: &str, read: Result<T, String>, at: Timestamp) {
    if let Some(place) = all.iter_mut().find(|one| one.source == source) {
        let before = std::mem::replace(place, Observation::never(source, 0));
        *place = before.updated(read, at);
    }
}

impl Observed {
    /// Recoveries whose time was measured: restores that were done, and the newest drill.
    #[must_use]
    pub fn measured(&self) -> Vec<Recovery> {
        let newest = self.rehearsals.as_ref().and_then(Rehearsals::newest);
        let drill = newest.and_then(rehearsed);
        self.recoveries.iter().cloned().chain(drill).collect()
    }

    /// Nothing was read yet.
    #[must_use]
    pub fn never(deployment: &Deployment) -> Self {
        let mut observed = Self {
            sources: Vec::new(),
            vitals: never(&Subject::Vitals),
            traces: never(&Subject::Traces),
            keys: Observation::never(Subject::Keys.stored_as().1, look::key_interval(deployment)),
            tls: None,
            images: None,
            escrows: Vec::new(),
            buckets: Vec::new(),
            kms: Vec::new(),
            crl: None,
            verified: Vec::new(),
            history: History::default(),
            recoveries: Vec::new(),
            kept_for: deployment.promises.full_retention,
            drill: None,
            rehearsals: None,
            restored: None,
            set_back: None,
            drill_proofs: Vec::new(),
            beside: Beside::default(),
        };
        for subject in Subject::of(deployment) {
            match subject {
                Subject::Vitals | Subject::Traces | Subject::Keys => {}
                Subject::Source(source) => observed.sources.push((source.kind().into(), never(&subject))),
                Subject::Tls(_) => observed.tls = Some(never(&subject)),
                Subject::Images(_) => observed.images = Some(never(&subject)),
                Subject::Escrow(_) => observed.escrows.push(never(&subject)),
                Subject::Bucket(_) => observed.buckets.push(never(&subject)),
                Subject::Kms(_) => observed.kms.push(never(&subject)),
                Subject::Crl(_) => observed.crl = Some(never(&subject)),
                Subject::Verified(_) => observed.verified.push(never(&subject)),
            }
        }
        observed
    }

    /// What the store has of a subject.
    fn recall(&mut self, subject: &Subject<'_>, readings: &Readings) {
        let (kind, source) = subject.stored_as();
        match subject {
            Subject::Vitals => self.vitals = readings.get(kind, &source).unwrap_or_else(|| never(subject)),
            Subject::Traces => self.traces = readings.get(kind, &source).unwrap_or_else(|| never(subject)),
            Subject::Crl(_) => self.crl = readings.get(kind, &source).or(self.crl.take()),
            Subject::Keys => {
                if let Some(keys) = readings.get(kind, &source) {
                    self.keys = keys;
                }
            }
            Subject::Source(_) => {
                let read = readings
                    .get_split::<SourceReading, Catalogue>(kind, &source)
                    .map(joined);
                let place = self.sources.iter_mut().find(|(_, one)| one.source == source);
                if let (Some((_, place)), Some(read)) = (place, read) {
                    *place = read;
                }
            }
            Subject::Tls(_) => self.tls = readings.get(kind, &source).or(self.tls.take()),
            Subject::Images(_) => self.images = readings.get(kind, &source).or(self.images.take()),
            Subject::Escrow(_) => replace(&mut self.escrows, readings.get(kind, &source)),
            Subject::Bucket(_) => replace(&mut self.buckets, readings.get(kind, &source)),
            Subject::Kms(_) => replace(&mut self.kms, readings.get(kind, &source)),
            Subject::Verified(_) => replace(&mut self.verified, readings.get(kind, &source)),
        }
    }

    /// Takes in what a look at a subject brought.
    pub(super) fn take(&mut self, subject: &Subject<'_>, reading: Reading, at: Timestamp) {
        let (_, source) = subject.stored_as();
        match reading {
            Reading::Vitals(read) => self.vitals = self.vitals.clone().updated(*read, at),
            Reading::Keys(keys) => self.keys = self.keys.clone().updated(Ok(*keys), at),
            Reading::Source(read) => {
                if let Some((_, place)) = self.sources.iter_mut().find(|(_, one)| one.source == source) {
                    *place = place.clone().updated(read, at);
                }
            }
            Reading::Tls(read) => self.tls = self.tls.take().map(|seen| seen.updated(*read, at)),
            Reading::Images(read) => self.images = self.images.take().map(|seen| seen.updated(read, at)),
            Reading::Escrow(read) => update(&mut self.escrows, &source, read, at),
            Reading::Bucket(read) => update(&mut self.buckets, &source, read, at),
            Reading::Kms(read) => update(&mut self.kms, &source, read, at),
            Reading::Traces(look) => {
                let before = self
                    .traces
                    .last_good
                    .take()
                    .map(|(traces, _)| traces)
                    .unwrap_or_default();
                let traces = look.map(|look| before.after(&look));
                self.traces = self.traces.clone().updated(traces, at);
            }
            Reading::Crl(read) => self.crl = self.crl.take().map(|seen| seen.updated(read, at)),
            Reading::Verified(read) => update(&mut self.verified, &source, read, at),
        }
    }

    /// Everything that is quickly answered was asked once, whatever it answered.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.sources.iter().all(|(_, source)| asked(source))
            && asked(&self.vitals)
            && asked(&self.keys)
            && self.tls.iter().all(asked)
            && self.images.iter().all(asked)
            && self.escrows.iter().all(asked)
    }

    /// The readings that may be believed now.
    pub fn fresh(&self, now: Timestamp) -> impl Iterator<Item = &SourceReading> {
        self.sources
            .iter()
            .filter_map(move |(_, source)| source.known(now).fresh())
    }

    /// The window that reaches furthest.
    #[must_use]
    pub fn best_window(&self, now: Timestamp) -> Option<&Window> {
        self.fresh(now)
            .flat_map(|reading| &reading.windows)
            .max_by_key(|window| window.to)
    }

    /// The windows of sources that may not be believed now, as they were last read.
    #[must_use]
    pub fn past_windows(&self, now: Timestamp) -> Vec<Window> {
        let past = self.sources.iter().filter_map(|(_, source)| match source.known(now) {
            Known::Unknown { last, .. } => last,
            Known::Fresh { .. } => None,
        });
        past.flat_map(|(reading, _)| reading.windows.iter().cloned()).collect()
    }

    /// What reading this dump has shown, as of the last good reading of its source.
    #[must_use]
    pub fn dump(&self, source: &str, label: &str) -> Option<&DumpReading> {
        let (_, observed) = self.sources.iter().find(|(_, observed)| observed.source == source)?;
        let (reading, _) = observed.last_good.as_ref()?;
        let dump = reading.dumps.iter().find(|(name, _)| name == label);
        dump.map(|(_, reading)| reading)
    }
}
