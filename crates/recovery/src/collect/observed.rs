//! Everything that was observed of a deployment, and what of it may be believed.

use std::collections::BTreeMap;

use domain::history::Seen;
use domain::inventory::Keys;
use domain::observation::{Known, Observation};
use domain::policy::Recovery;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::window::Window;
use store::{DumpReading, Store, StoreError};

use super::subject::Subject;
use super::{Catalogue, KEYS, SourceReading, VITALS, look, standing};
use crate::keys::coverage;
use crate::settings::Deployment;

/// Restores that are looked back on.
const RECOVERIES: i64 = 5;

/// Everything that was observed of one deployment.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Kind of each source with its observation.
    pub sources: Vec<(String, Observation<SourceReading>)>,
    pub vitals: Observation<Vitals>,
    pub keys: Observation<Keys>,
    pub history: History,
    /// Restores that ran to their end, newest first.
    pub recoveries: Vec<Recovery>,
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
}

impl History {
    async fn read(store: &Store, deployment: &str) -> Result<Self, StoreError> {
        let always = Timestamp::UNIX_EPOCH;
        Ok(Self {
            known_since: store.known_since(deployment).await?,
            latest: store.facts_now(deployment).await?.into_iter().collect(),
            heads: store.fact_runs(deployment, standing::MIGRATION_HEAD, always).await?,
            images: store.fact_runs(deployment, standing::IMAGE, always).await?,
        })
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
    let sources = deployment.sources.iter().map(|source| {
        let (kind, name) = (super::SOURCE, source.name());
        let read = readings.get_split::<SourceReading, Catalogue>(kind, name).map(joined);
        let never = || Observation::never(name, Subject::Source(source).interval_s());
        (source.kind().to_owned(), read.unwrap_or_else(never))
    });
    let never = || Observation::never(super::DATABASE, Subject::Vitals.interval_s());
    let never_proven = || Observation::never(super::MASTER_KEY, look::key_interval(deployment));
    Ok(Observed {
        sources: sources.collect(),
        vitals: readings.get(VITALS, super::DATABASE).unwrap_or_else(never),
        keys: readings.get(KEYS, super::MASTER_KEY).unwrap_or_else(never_proven),
        history: History::read(store, &deployment.name).await?,
        recoveries: recoveries(store, &deployment.name).await?,
    })
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

impl Observed {
    /// Everything was asked once, whatever it answered.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let asked = |failed: bool, read: bool| failed || read;
        let sources = self
            .sources
            .iter()
            .all(|(_, source)| asked(source.failure.is_some(), source.last_good.is_some()));
        sources
            && asked(self.vitals.failure.is_some(), self.vitals.last_good.is_some())
            && asked(self.keys.failure.is_some(), self.keys.last_good.is_some())
    }

    /// The readings that may be believed now.
    pub fn fresh(&self, now: Timestamp) -> impl Iterator<Item = &SourceReading> {
        self.sources
            .iter()
            .filter_map(move |(_, source)| source.known(now).fresh())
    }

    /// The proof of the keys with the coverage of the backups, if it may be believed.
    #[must_use]
    pub fn keys_with_coverage(&self, now: Timestamp) -> Option<Keys> {
        let keys = self.keys.known(now).fresh()?.clone();
        let cells = self
            .fresh(now)
            .flat_map(|reading| coverage(&reading.backups, &reading.dumps, &keys))
            .collect();
        Some(Keys {
            coverage: cells,
            ..keys
        })
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
