//! One run in the hands of one worker: the evidence is verified, then step after step is announced, done and written down.

mod ending;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use domain::approval::Request;
use domain::audit::Outcome;
use domain::ids::RunId;
use domain::plan::{Delivery, Pinned, Plan, Step};
use domain::role::Actor;
use domain::run::{RunState, StepState};
use store::StoreError;
use store::requests::Stored;
use store::runs::{Claimed, LogLine, LogStream};
use tokio_util::sync::CancellationToken;

use super::{full_disaster, key_catch_up, place_key, repoint, restore_dump, restore_pitr, restore_rds};
use crate::approvals;
use crate::audit::Act;
use crate::keys::Memory;
use crate::plans::Planner;
use crate::settings::Deployment;
use crate::{Error, Services};

/// A claimed run with what its steps need.
pub struct Execution {
    pub services: Services,
    claimed: Claimed,
    /// Fires when the run's tools have to end, for whatever reason.
    pub end: CancellationToken,
    cancelled: AtomicBool,
    /// How many steps have begun, first and last.
    begun: AtomicUsize,
    pub actor: Actor,
}

/// How a step ended badly.
#[derive(Debug)]
pub enum StepError {
    /// It failed; the reason is for the record.
    Failed(String),
    /// A fact isn't what was approved any more; nothing was done.
    Stale(Vec<String>),
    /// A person has to decide before it goes on; what is to be known for that.
    Paused(String),
    /// A person decided that it shall not go on.
    GivenUp(String),
    /// It ended in a way that only a person can judge; what was seen.
    NeedsHuman(String),
    /// Muster itself can't go on (its database, the lease): the run is left as it is.
    Muster(Error),
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Self::Muster(error.into())
    }
}

impl StepError {
    /// Why a plan that is made again isn't the approved one any more: reasons against it are facts that moved.
    pub fn unplanned(error: Error) -> Self {
        match error {
            Error::Stale(moved) | Error::Invalid(moved) => Self::Stale(moved),
            Error::Store(error) => error.into(),
            error => Self::Failed(error.to_string()),
        }
    }
}

impl Execution {
    pub fn new(services: Services, claimed: Claimed, end: CancellationToken) -> Self {
        let cancelled = AtomicBool::new(claimed.cancel_wanted);
        let waiting = |(_, state): &(_, StepState)| matches!(state, StepState::Waiting);
        let begun = claimed.steps.iter().position(waiting).unwrap_or(claimed.steps.len());
        Self {
            services,
            claimed,
            end,
            cancelled,
            begun: AtomicUsize::new(begun),
            actor: Actor::job("runner"),
        }
    }

    pub const fn run(&self) -> RunId {
        self.claimed.run
    }

    /// Whoever claims the run later has a greater one.
    pub const fn fence(&self) -> i64 {
        self.claimed.fence
    }

    /// Where the run writes down what it reads of keys.
    pub fn memory(&self) -> Memory {
        Memory::Store(self.services.store.clone())
    }

    /// Plans as the request was planned, to see whether what was approved is still so.
    pub fn planner<'a>(&'a self, deployment: &'a Deployment, memory: &'a Memory) -> Planner<'a> {
        Planner {
            deployment,
            settings: &self.services.settings,
            memory,
            actor: &self.actor,
            clock: &self.services.clock,
        }
    }

    /// Whether a worker before this one did this step.
    pub fn was_done_before(&self, name: &str) -> bool {
        let done = |(step, state): &(Step, StepState)| step.name == name && matches!(state, StepState::Done { .. });
        self.claimed.steps.iter().any(done)
    }

    /// Whether this step has begun, in the hands of this worker or of one before it.
    pub fn has_begun(&self, name: &str) -> bool {
        self.place_of(name)
            .is_some_and(|place| place < self.begun.load(Ordering::Relaxed))
    }

    /// The place of a step, counted from 0.
    pub fn place_of(&self, name: &str) -> Option<usize> {
        self.claimed.steps.iter().position(|(step, _)| step.name == name)
    }

    /// Goes through the steps from `first` on.
    pub async fn run_from(&self, first: usize) -> Result<(), Error> {
        let Some(Stored { request, plan, .. }) = self.stored().await? else {
            return Ok(());
        };
        // Written down again at each claim: a plan whose steps aren't the approved ones must not run.
        if self.claimed.steps.iter().map(|(step, _)| step).ne(plan.pinned.steps()) {
            return self
                .refuse((&request, &plan), "the run’s steps aren’t those of the approved plan")
                .await;
        }
        match approvals::verify(&self.services, &request, self.services.clock.now()).await {
            Ok(proven) => {
                self.note(
                    None,
                    &format!(
                        "{} of {} people proven to agree",
                        proven.len() + 1,
                        self.services.settings.approvals.quorum.people()
                    ),
                )
                .await?
            }
            Err(Error::Evidence(why)) => return self.refuse((&request, &plan), &why).await,
            Err(error) => return Err(error),
        }
        for index in first..plan.pinned.steps().len() {
            if self.cancelled.load(Ordering::Relaxed) {
                let at = self.services.clock.now();
                let state = self.tidied(&plan, index, RunState::Cancelled { at }).await;
                return self.closed((&request, &plan), state, Outcome::Failed).await;
            }
            match self.step(&request, &plan, index).await {
                Ok(()) => {}
                Err(StepError::Muster(error)) => return Err(error),
                Err(error) => return self.stopped(&request, &plan, index, error).await,
            }
        }
        self.closed(
            (&request, &plan),
            RunState::Succeeded {
                at: self.services.clock.now(),
            },
            Outcome::Ok,
        )
        .await
    }

    async fn step(&self, request: &Request, plan: &Plan, index: usize) -> Result<(), StepError> {
        let step = &plan.pinned.steps()[index];
        let since = self.services.clock.now();
        let resumed = matches!(self.claimed.steps[index].1, StepState::Running { .. });
        let object = format!("request {}, step {}", request.number, step.name);
        let act = Act::new(&self.actor, "run.step", object)
            .request(request)
            .detail("run", self.run());
        self.begun.fetch_max(index + 1, Ordering::Relaxed);
        self.save(index, &StepState::Running { since }).await?;
        let intent = act.clone().intent(&self.services.store, since).await?;
        let done = match &plan.pinned {
            Pinned::RestoreDump(approved) => restore_dump::step(self, approved, index, &step.name, resumed).await,
            Pinned::RetrieveKey(approved) => match &approved.delivery {
                Delivery::Placed(place) => {
                    place_key::step(self, request, (approved, place, None), &step.name, resumed).await
                }
                Delivery::ShownOnce | Delivery::Sealed { .. } | Delivery::Split { .. } => Err(StepError::Failed(
                    "a key is revealed to its requester, never run by a worker".into(),
                )),
            },
            Pinned::KeyCatchUp(approved) => key_catch_up::step(self, request, approved, &step.name, resumed).await,
            Pinned::DrillWithKey(_) | Pinned::DrillOnRds(_) => {
                Err(StepError::Failed("a standing approval has no steps to run".into()))
            }
            Pinned::FullDisaster(approved) => {
                // The largest of all: it carries out the steps of other plans, and would be too much for a worker's stack.
                Box::pin(full_disaster::step(self, request, approved, (index, step), resumed)).await
            }
            Pinned::RestoreRds(approved) => restore_rds::step(self, approved, &step.name).await,
            Pinned::Repoint(approved) => repoint::step(self, approved, &step.name).await,
            Pinned::RestorePitr(approved) => {
                // The deepest of them, kept off the stack of the worker.
                Box::pin(restore_pitr::step(self, request, approved, index, &step.name, resumed)).await
            }
        };
        let at = self.services.clock.now();
        let (outcome, words) = match &done {
            Ok(detail) => (Outcome::Ok, detail.clone()),
            Err(StepError::Failed(reason) | StepError::NeedsHuman(reason)) => (Outcome::Failed, reason.clone()),
            Err(StepError::Stale(moved)) => (Outcome::Refused, moved.join("; ")),
            Err(StepError::Paused(seen) | StepError::GivenUp(seen)) => (Outcome::Ok, seen.clone()),
            Err(StepError::Muster(error)) => (Outcome::Failed, error.to_string()),
        };
        if self.end.is_cancelled() && !self.cancelled.load(Ordering::Relaxed) && done.is_err() {
            // Shut down or fenced: the step's tool was ended on purpose, which says nothing about the step.
            return Err(StepError::Muster(Error::Unavailable("The worker was stopped.".into())));
        }
        act.clone()
            .detail("result", &words)
            .outcome(&self.services.store, intent, outcome, at)
            .await?;
        match done {
            Ok(detail) => Ok(self.save(index, &StepState::Done { since, at, detail }).await?),
            // It stays begun: nobody knows how it ended, and whoever comes after a crash looks again.
            Err(StepError::NeedsHuman(seen)) => {
                self.note(Some(index), &words).await?;
                Err(StepError::NeedsHuman(seen))
            }
            // The step goes on where it is, once somebody has decided.
            Err(error @ StepError::Paused(_)) => Err(error),
            Err(error) => {
                self.note(Some(index), &words).await?;
                self.save(
                    index,
                    &StepState::Failed {
                        since,
                        at,
                        detail: words,
                    },
                )
                .await?;
                Err(error)
            }
        }
    }

    /// The request of this run. `None`: its row contradicts itself, so the run was refused.
    async fn stored(&self) -> Result<Option<Stored>, Error> {
        let why = match self.services.store.request_by_id(self.claimed.request).await {
            Ok(Some(stored)) => return Ok(Some(stored)),
            Ok(None) => return Err(Error::NotFound("request of this run".into())),
            Err(error @ StoreError::Inconsistent { .. }) => error.to_string(),
            Err(error) => return Err(error.into()),
        };
        let now = self.services.clock.now();
        let mut tx = self.services.store.begin().await?;
        let state = RunState::Refused {
            at: now,
            reason: why.clone(),
        };
        store::runs::finish(&mut tx, self.run(), self.claimed.fence, &state).await?;
        let act = Act::new(&self.actor, "run.end", format!("run {}", self.run()));
        act.detail("why", why).fact(&mut tx, Outcome::Refused, now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(None)
    }

    async fn save(&self, index: usize, state: &StepState) -> Result<(), StoreError> {
        let mut tx = self.services.store.begin().await?;
        store::runs::step_save(&mut tx, self.run(), self.claimed.fence, index, state).await?;
        tx.commit().await.map_err(Into::into)
    }

    /// A line of Muster's own in the log; `None` for what belongs to no step.
    pub async fn note(&self, step: Option<usize>, text: &str) -> Result<(), StoreError> {
        self.lines(step, vec![(LogStream::Note, text.to_owned())])
            .await
            .map(drop)
    }

    /// Lines of a tool, redacted by whoever read them. Answers how many at their end were left out because the log is full.
    pub async fn lines(&self, step: Option<usize>, lines: Vec<(LogStream, String)>) -> Result<usize, StoreError> {
        let lines = self.dated(step, lines);
        self.services
            .store
            .run_log_append(self.run(), self.claimed.fence, &lines)
            .await
    }

    /// The last lines of a tool whose words were left out.
    pub async fn last_lines(&self, step: usize, lines: Vec<(LogStream, String)>) -> Result<(), StoreError> {
        let lines = self.dated(Some(step), lines);
        self.services
            .store
            .run_log_append_last(self.run(), self.claimed.fence, &lines)
            .await
    }

    fn dated(&self, step: Option<usize>, lines: Vec<(LogStream, String)>) -> Vec<LogLine> {
        let at = self.services.clock.now();
        let step = step.map_or(-1, |step| i32::try_from(step).unwrap_or(i32::MAX));
        let dated = |(stream, text)| LogLine { at, step, stream, text };
        lines.into_iter().map(dated).collect()
    }

    pub async fn renew(&self, lease: Duration) -> Result<bool, Error> {
        Ok(self
            .services
            .store
            .run_renew(self.run(), self.claimed.fence, lease)
            .await?)
    }

    /// Somebody pressed “Cancel run”: the tool is ended with its whole group.
    pub async fn look_for_cancel(&self) {
        if let Ok(true) = self.services.store.run_cancel_wanted(self.run()).await {
            self.cancelled.store(true, Ordering::Relaxed);
            self.end.cancel();
        }
    }
}
