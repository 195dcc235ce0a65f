//! What a restore costs, for either kind: the loss and the resurrections, from the live database and from what is remembered of it, and
//! how long restores like it took.

use adapters::ampora::{AmporaDb, Since};
use domain::loss::{self, Moment, Readings};
use domain::plan::{DataLoss, MeasuredIn, PhaseTime, Resurrection, Revived};
use domain::revival::{Evidence, revived};
use domain::run::StepState;
use domain::time::Timestamp;
use domain::traces::Traces;
use domain::vitals::{Hour, Vitals};
use store::Store;
use store::drills::DrillFilter;
use store::runs::Run;

use super::Planner;
use crate::collect;
use crate::keys::Memory;
use crate::runs::in_use_since;

/// Restores and drills that a duration is taken from.
const HISTORY: i64 = 5;
/// Drills that are looked through for those of one source.
const DRILLS: i64 = 50;

/// The moment that something goes back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Back {
    pub at: Timestamp,
    /// What was committed at exactly that moment is undone too.
    pub exclusive: bool,
    /// Whether everything up to it surely comes back.
    pub sure: bool,
    /// A commit before it that is known from elsewhere than the live database.
    pub known: Option<Timestamp>,
    /// Whether the whole cluster goes back, its roles included.
    pub cluster: bool,
}

impl Back {
    /// A dump shows one moment, soon after it was begun; what was written in between is counted as lost.
    pub(super) const fn of_dump(begun: Timestamp) -> Self {
        Self {
            at: begun,
            exclusive: false,
            sure: true,
            known: None,
            cluster: false,
        }
    }
}

/// What is lost and what comes back to life.
pub(crate) struct Cost {
    pub loss: Option<DataLoss>,
    pub revived: Vec<Resurrection>,
}

impl Cost {
    pub(super) fn unknown(kinds: &[Revived], why: &str) -> Self {
        Self {
            loss: None,
            revived: kinds.iter().map(|kind| Resurrection::unlisted(*kind, why)).collect(),
        }
    }
}

/// How long restores like it took.
#[derive(Default)]
pub(super) struct History {
    /// Seconds of each as a whole.
    pub whole: Vec<u32>,
    pub phases: Vec<PhaseTime>,
}

/// What earlier looks at the live database left behind. Nothing, where there is no memory.
#[derive(Default)]
struct Remembered {
    before: Option<Vitals>,
    first: Option<Vitals>,
    last: Option<Vitals>,
    traces: Option<Traces>,
}

impl Planner<'_> {
    /// `database` is the connection that the caller has, if it has one.
    pub(crate) async fn cost(&self, database: Option<&AmporaDb>, back: &Back, now: Timestamp) -> Cost {
        let remembered = self.earlier_looks(back.at).await;
        let own = match (database, &self.deployment.database) {
            (None, Some(live)) => Some(AmporaDb::new(live.options.clone(), live.schema.clone())),
            _ => None,
        };
        let since = Since {
            at: back.at,
            inclusive: back.exclusive,
        };
        let live = match database.or(own.as_ref()) {
            Some(database) => database.beyond(since).await.ok(),
            None => None,
        };
        if let Some(own) = own {
            own.close().await;
        }
        let hours = remembered.traces.as_ref().map(Traces::most).unwrap_or_default();
        let versions = self.deployment.schema().configurations.versions;
        let readings = remembered.readings(&hours, &versions);
        let moment = Moment {
            at: back.at,
            sure: back.sure,
            known: back.known,
        };
        let loss = match &live {
            Some((beyond, _)) => loss::counted(beyond, moment, readings, now),
            None => loss::bounded(moment, readings, now),
        };
        let revived = revived(&Evidence {
            at: back.at,
            now,
            live: live.as_ref().map(|(_, withdrawn)| withdrawn),
            traces: remembered.traces.as_ref(),
            readings: [readings.before, readings.first, readings.last],
            cluster: back.cluster,
        });
        Cost {
            loss: Some(loss),
            revived,
        }
    }

    async fn earlier_looks(&self, at: Timestamp) -> Remembered {
        let Memory::Store(store) = self.memory else {
            return Remembered::default();
        };
        let read = async {
            let around = store.vitals_around_time(&self.deployment.name, at, 1).await?;
            let observed = collect::cached(store, self.deployment).await?;
            Ok::<_, store::StoreError>(Remembered {
                before: around.before.into_iter().next(),
                first: around.after.into_iter().next(),
                last: store.vitals_latest(&self.deployment.name).await?,
                traces: observed.traces.last_good.map(|(traces, _)| traces),
            })
        };
        read.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "earlier readings are not at hand; losses may be unknown");
            Remembered::default()
        })
    }

    /// Of earlier runs of this kind; where there were none, of drills that passed on backups of this source.
    pub(super) async fn took(&self, kind: &str, source: &str) -> History {
        let Memory::Store(store) = self.memory else {
            return History::default();
        };
        match self.measured(store, kind, source).await {
            Ok(history) => history,
            Err(error) => {
                tracing::warn!(%error, "how long earlier restores took isn’t known");
                History::default()
            }
        }
    }

    async fn measured(&self, store: &Store, kind: &str, source: &str) -> Result<History, store::StoreError> {
        let name = &self.deployment.name;
        let runs = store.runs_succeeded(name, kind, HISTORY).await?;
        if !runs.is_empty() {
            let steps = runs
                .iter()
                .flat_map(|run| &run.steps)
                .filter_map(|(step, state)| match state {
                    StepState::Done { since, at, .. } => Some((step.name.clone(), whole_seconds(*at - *since)?)),
                    _ => None,
                });
            return Ok(History {
                whole: runs.iter().filter_map(until_in_use).collect(),
                phases: PhaseTime::of(steps, MeasuredIn::Runs),
            });
        }
        let passed = DrillFilter {
            deployment: Some(name.clone()),
            verdict: Some(domain::drill::Verdict::Passed),
            ..DrillFilter::default()
        };
        let drills = store.drills(&passed, None, DRILLS).await?;
        let of_source = |drill: &&domain::drill::Drill| {
            let backup = drill.backup.as_ref();
            backup.is_some_and(|backup| backup.source == source)
        };
        let drills = drills.iter().map(|stored| &stored.drill).filter(of_source);
        let drills: Vec<_> = drills.take(usize::try_from(HISTORY).unwrap_or_default()).collect();
        let phases = drills.iter().flat_map(|drill| drill.durations());
        let phases = phases.filter_map(|(name, seconds)| Some((name.word().to_owned(), u32::try_from(seconds).ok()?)));
        Ok(History {
            whole: drills.iter().filter_map(|drill| domain::drill::rto(drill)).collect(),
            phases: PhaseTime::of(phases, MeasuredIn::Drills),
        })
    }
}

/// Seconds until the deployment was in use again, from the first claim of a run that succeeded: what follows keeps nobody waiting.
pub(super) fn until_in_use(run: &Run) -> Option<u32> {
    whole_seconds(in_use_since(run).or(run.finished_at)? - run.started_at?)
}

impl Remembered {
    fn readings<'a>(&'a self, hours: &'a [Hour], versions: &'a str) -> Readings<'a> {
        Readings {
            before: self.before.as_ref(),
            first: self.first.as_ref(),
            last: self.last.as_ref(),
            hours,
            versions,
        }
    }
}

fn whole_seconds(took: chrono::TimeDelta) -> Option<u32> {
    u32::try_from(took.num_seconds()).ok()
}
