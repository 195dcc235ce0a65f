//! One drill in the hands of one worker: phase after phase is written down before and after, and whatever happens, the sandbox goes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use adapters::kubernetes::Rehearsal;
use adapters::process::{Line, Stream};
use domain::audit::Outcome;
use domain::drill::{Check, Drill, Failure, Phase, PhaseName, PhaseStatus, Verdict, judge};
use domain::ids::DrillId;
use domain::role::Actor;
use store::drills::{ClaimedDrill, DrillLine, DrillState, drill_finish, drill_save};
use store::runs::LogStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::stage::{self, Held};
use super::{clearing, instance, measure, receipt};
use crate::audit::Act;
use crate::settings::Deployment;
use crate::{Error, Services, notify};

/// Lines are written to the database in groups, at most this long after they came.
const FLUSH: Duration = Duration::from_millis(300);
const GROUP: usize = 200;
const AHEAD: usize = 1024;

/// A claimed drill with what its phases need.
pub struct Execution {
    pub services: Services,
    pub deployment: Deployment,
    pub actor: Actor,
    /// Fires when everything the drill started has to end.
    pub end: CancellationToken,
    /// Fires when Muster itself ends.
    pub stopping: CancellationToken,
    drill: Mutex<Drill>,
    fence: i64,
    cancelled: AtomicBool,
    /// Why it was ended, where it took more than it may.
    ended_for: OnceLock<Failure>,
    /// What still writes to the log.
    writers: TaskTracker,
    /// What it made in a cluster.
    rehearsal: Mutex<Option<Rehearsal>>,
}

/// Why the phases didn't go on. What it was stands in the phase.
#[derive(Debug)]
pub enum Stop {
    Broken,
    /// Stopped from outside.
    Stopped,
    /// Muster itself can't go on (its database, the lease).
    Muster(Error),
}

impl From<store::StoreError> for Stop {
    fn from(error: store::StoreError) -> Self {
        Self::Muster(error.into())
    }
}

impl Execution {
    pub fn new(services: Services, deployment: Deployment, claimed: ClaimedDrill, stopping: CancellationToken) -> Self {
        Self {
            services,
            deployment,
            actor: Actor::job("drill"),
            end: stopping.child_token(),
            stopping,
            drill: Mutex::new(claimed.drill),
            fence: claimed.fence,
            cancelled: AtomicBool::new(claimed.cancel_wanted),
            ended_for: OnceLock::new(),
            writers: TaskTracker::new(),
            rehearsal: Mutex::new(None),
        }
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.is_cancelled()
    }

    /// Notes what has to be cleared from a cluster, whatever happens. To be called before it is made.
    pub fn clears(&self, rehearsal: Rehearsal) {
        *self.rehearsal.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(rehearsal);
    }

    pub fn id(&self) -> DrillId {
        self.with(|drill| drill.id)
    }

    /// Reads or changes the drill as it stands.
    pub fn with<T>(&self, work: impl FnOnce(&mut Drill) -> T) -> T {
        work(&mut self.drill.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    pub fn drill(&self) -> Drill {
        self.with(|drill| drill.clone())
    }

    /// Somebody wants it to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
        self.end.cancel();
    }

    /// It took more than it may.
    pub fn end_for(&self, reason: Failure) {
        // The first reason counts.
        let _ = self.ended_for.set(reason);
        self.end.cancel();
    }

    /// Keeps the claim. `false`: it is lost.
    pub async fn renew(&self, lease: Duration) -> Result<bool, Error> {
        let renewed = self.services.store.drill_renew(self.id(), self.fence, lease).await?;
        if renewed == Some(true) {
            self.cancel();
        }
        Ok(renewed.is_some())
    }

    /// Carries the drill out to its verdict.
    ///
    /// # Errors
    /// If the database doesn't take what has to be written down.
    pub async fn run(&self) -> Result<(), Error> {
        let (now, drill) = (self.services.clock.now(), self.drill());
        let act = Act::new(&self.actor, "drill.run", drill.choice.words()).deployment(&drill.deployment);
        let act = act.detail("drill", drill.id);
        let intent = act.clone().intent(&self.services.store, now).await?;
        self.with(|drill| drill.started_at = Some(now));
        let mut held = Held::default();
        let done = match self.cancelled.load(Ordering::Relaxed) {
            true => Err(Stop::Stopped),
            false => Box::pin(stage::phases(self, &mut held)).await,
        };
        let torn = self.tear_down(held).await;
        self.writers.close();
        self.writers.wait().await;
        match done {
            Err(Stop::Muster(error)) => return Err(error),
            Ok(()) | Err(Stop::Broken | Stop::Stopped) => {}
        }
        if let Err(Stop::Muster(error)) = torn {
            return Err(error);
        }
        let outcome = self.conclude(matches!(done, Err(Stop::Stopped))).await?;
        let drill = self.drill();
        let words = drill.verdict.map_or("cancelled", Verdict::word);
        let act = act
            .detail("verdict", words)
            .detail("why", drill.failure.map_or(String::new(), |why| why.code));
        act.outcome(&self.services.store, intent, outcome, self.services.clock.now())
            .await?;
        Ok(())
    }

    /// Closes a drill whose worker was lost: nobody knows what it would have shown.
    ///
    /// # Errors
    /// If the database doesn't take it.
    pub async fn close_abandoned(&self) -> Result<(), Error> {
        clearing::clear_abandoned(&self.deployment, self.id()).await;
        instance::clear_abandoned(&self.deployment, &self.drill()).await;
        let now = self.services.clock.now();
        self.with(|drill| {
            for phase in drill
                .phases
                .iter_mut()
                .filter(|phase| phase.status == PhaseStatus::Running)
            {
                phase.status = PhaseStatus::Stopped;
                phase.finished_at = Some(now);
                phase.failure = Some(Failure::of_environment(
                    "interrupted",
                    "the Muster that ran the drill was stopped or lost",
                    "start the drill again",
                ));
            }
        });
        self.conclude(false).await.map(drop)
    }

    async fn conclude(&self, stopped: bool) -> Result<Outcome, Error> {
        let now = self.services.clock.now();
        let cancelled = stopped && self.cancelled.load(Ordering::Relaxed);
        self.with(|drill| {
            drill.finished_at = Some(now);
            if cancelled {
                drill.failure = None;
                return;
            }
            let (verdict, failure) = judge(drill);
            (drill.verdict, drill.failure) = (Some(verdict), failure);
            drill.figures.rto_seconds = measure::rto(drill);
        });
        let drill = self.drill();
        let state = if cancelled {
            DrillState::Cancelled
        } else {
            DrillState::Finished
        };
        let signed = receipt::sign(&self.services, &drill, cancelled).await?;
        let mut tx = self.services.store.begin().await?;
        drill_finish(&mut tx, self.fence, &drill, state, signed.as_deref()).await?;
        notify::tell(&mut tx, &self.services, |envelope| envelope.drill(&drill)).await?;
        tx.commit().await.map_err(store::StoreError::from)?;
        Ok(if drill.verdict == Some(Verdict::Passed) {
            Outcome::Ok
        } else {
            Outcome::Failed
        })
    }

    /// Does one phase: written down before and after.
    ///
    /// # Errors
    /// If it broke, or was stopped.
    pub async fn phase<T>(
        &self,
        name: PhaseName,
        work: impl Future<Output = Result<(T, String), Failure>>,
    ) -> Result<T, Stop> {
        let started_at = self.services.clock.now();
        self.with(|drill| {
            drill.phases.push(Phase {
                name,
                started_at,
                finished_at: None,
                status: PhaseStatus::Running,
                detail: String::new(),
                failure: None,
            });
        });
        self.save().await?;
        let done = tokio::select! {
            done = work => Some(done),
            // What the work started is ended with it.
            () = self.end.cancelled(), if name.may_be_cut() => None,
        };
        let stopped = self.end.is_cancelled() && name.may_be_cut() && !matches!(done, Some(Ok(_)));
        let (status, detail, failure, answer) = match (done, self.ended_for.get()) {
            (Some(Ok((value, detail))), _) => (PhaseStatus::Ok, detail, None, Ok(value)),
            (_, Some(reason)) if stopped => (
                PhaseStatus::Broken,
                reason.words.clone(),
                Some(reason.clone()),
                Err(Stop::Broken),
            ),
            _ if stopped => (PhaseStatus::Stopped, "stopped".into(), None, Err(Stop::Stopped)),
            (Some(Err(failure)), _) => (
                PhaseStatus::Broken,
                failure.words.clone(),
                Some(failure),
                Err(Stop::Broken),
            ),
            (None, _) => (PhaseStatus::Stopped, "stopped".into(), None, Err(Stop::Stopped)),
        };
        let finished_at = Some(self.services.clock.now());
        self.with(|drill| {
            if let Some(phase) = drill.phases.last_mut() {
                (phase.finished_at, phase.status, phase.detail, phase.failure) = (finished_at, status, detail, failure);
            }
        });
        self.save().await?;
        answer
    }

    /// Adds a check, with the time at which it was done.
    pub async fn checked(&self, mut check: Check) -> Result<(), Stop> {
        check.finished_at = Some(self.services.clock.now());
        self.with(|drill| drill.checks.push(check));
        self.save().await
    }

    async fn save(&self) -> Result<(), Stop> {
        let drill = self.drill();
        let mut tx = self.services.store.begin().await?;
        drill_save(&mut tx, self.fence, &drill).await?;
        tx.commit().await.map_err(store::StoreError::from)?;
        Ok(())
    }

    async fn tear_down(&self, held: Held) -> Result<(), Stop> {
        let keep = self.keep_until();
        let rehearsal = self
            .rehearsal
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        let gone = async {
            // All of it, whatever becomes of the others.
            let removed = held.remove(keep).await;
            let deleted = instance::remove(self).await;
            if let Some(rehearsal) = &rehearsal {
                clearing::clear(rehearsal).await?;
            }
            match deleted? {
                Some(words) => removed.map(|_| ((), words)),
                None => removed,
            }
        };
        self.phase(PhaseName::TearDown, gone).await?;
        self.with(|drill| drill.kept_until = keep);
        Ok(())
    }

    /// A failed drill may be looked at for a while, if the site wants that.
    fn keep_until(&self) -> Option<domain::time::Timestamp> {
        let keep = self.deployment.drills.sandbox.as_ref()?.keep_failed?;
        // An instance costs money and lies within reach of whoever reaches production.
        let failed = self.with(|drill| judge(drill).0 == Verdict::Failed && drill.instance.is_none());
        (failed && !self.end.is_cancelled()).then(|| self.services.clock.now() + keep)
    }

    /// Takes a tool's lines for the log of this phase, for as long as somebody sends them.
    pub fn log(&self, phase: PhaseName) -> mpsc::Sender<Line> {
        let (sender, lines) = mpsc::channel(AHEAD);
        let (services, id, fence) = (self.services.clone(), self.id(), self.fence);
        self.writers.spawn(async move {
            if let Err(error) = copy_log(&services, id, fence, phase, lines).await {
                tracing::warn!(%error, drill = %id, "the log of a drill could not be written");
            }
        });
        sender
    }
}

/// Writes the lines down as they come, in groups.
async fn copy_log(
    services: &Services,
    drill: DrillId,
    fence: i64,
    phase: PhaseName,
    mut lines: mpsc::Receiver<Line>,
) -> Result<(), store::StoreError> {
    let mut group = Vec::new();
    let mut deadline = Instant::now() + FLUSH;
    loop {
        let next = timeout_at(deadline, lines.recv()).await;
        let open = !matches!(next, Ok(None));
        if let Ok(Some(line)) = next {
            group.push(DrillLine {
                at: services.clock.now(),
                phase: phase.word().into(),
                stream: if line.stream == Stream::Stdout {
                    LogStream::Out
                } else {
                    LogStream::Err
                },
                text: line.text,
            });
        }
        if !group.is_empty() && (!open || group.len() >= GROUP || Instant::now() >= deadline) {
            services
                .store
                .drill_log_append(drill, fence, &std::mem::take(&mut group))
                .await?;
        }
        if !open {
            return Ok(());
        }
        if Instant::now() >= deadline {
            deadline = Instant::now() + FLUSH;
        }
    }
}
