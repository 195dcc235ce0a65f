//! How a run ends, or waits: written down with the evidence it used, in the audit log, and told to people, all at once.

use std::sync::atomic::Ordering;

use domain::approval::Request;
use domain::audit::Outcome;
use domain::plan::{Pinned, Plan};
use domain::run::{RunState, StepState};
use store::StoreError;
use store::requests::Stored;

use super::{Execution, StepError};
use crate::audit::Act;
use crate::runs::{full_disaster, repoint, restore_pitr};
use crate::{Error, approvals, notify};

impl Execution {
    pub(super) async fn stopped(
        &self,
        request: &Request,
        plan: &Plan,
        index: usize,
        error: StepError,
    ) -> Result<(), Error> {
        let at = self.services.clock.now();
        let state = match error {
            StepError::Paused(seen) => return self.pause(request, plan, &seen).await,
            StepError::GivenUp(_) => RunState::Cancelled { at },
            StepError::Stale(moved) => RunState::Refused {
                at,
                reason: format!("stale: {}", moved.join("; ")),
            },
            StepError::NeedsHuman(seen) => RunState::NeedsHuman {
                at,
                seen: format!("step {}: {seen}", index + 1),
            },
            _ if self.cancelled.load(Ordering::Relaxed) => RunState::Cancelled { at },
            StepError::Failed(reason) => RunState::Failed {
                at,
                reason: format!("step {}: {reason}", index + 1),
            },
            StepError::Muster(error) => return Err(error),
        };
        let state = self.tidied(plan, index, state).await;
        let outcome = if matches!(state, RunState::Refused { .. }) {
            Outcome::Refused
        } else {
            Outcome::Failed
        };
        self.closed((request, plan), state, outcome).await
    }

    /// Lets the run wait for a second decision.
    async fn pause(&self, request: &Request, plan: &Plan, seen: &str) -> Result<(), Error> {
        let now = self.services.clock.now();
        let act = Act::new(&self.actor, "run.pause", format!("request {}", request.number)).request(request);
        let mut tx = self.services.store.begin().await?;
        store::runs::pause(&mut tx, self.run(), self.claimed.fence, now, seen).await?;
        let state = RunState::Paused {
            since: now,
            seen: seen.into(),
        };
        notify::tell(&mut tx, &self.services, |envelope| envelope.run(request, plan, &state)).await?;
        let act = act.detail("run", self.run()).detail("seen", seen);
        act.fact(&mut tx, Outcome::Ok, now).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    /// What a run that ends before its time leaves elsewhere is put in order; what can't be is for a person to see.
    pub(super) async fn tidied(&self, plan: &Plan, index: usize, state: RunState) -> RunState {
        match &plan.pinned {
            Pinned::RestorePitr(approved) => restore_pitr::tidied(self, approved, index, state).await,
            Pinned::Repoint(approved) => repoint::tidied(self, approved, state),
            Pinned::FullDisaster(approved) => full_disaster::tidied(self, approved, state),
            Pinned::RestoreDump(_)
            | Pinned::RestoreRds(_)
            | Pinned::RetrieveKey(_)
            | Pinned::KeyCatchUp(_)
            | Pinned::DrillWithKey(_)
            | Pinned::DrillOnRds(_) => state,
        }
    }

    /// Closes a run whose worker was lost in a destructive step, with what can be seen of it.
    pub async fn close_unknown(&self, step: usize) -> Result<(), Error> {
        let at = self.services.clock.now();
        let mut seen = format!(
            "step {} had begun when its worker was lost, and nobody knows how it ended",
            step + 1
        );
        if let Some(stored) = self.stored().await?
            && let Pinned::RestorePitr(approved) = &stored.plan.pinned
        {
            seen = format!("{seen}. {}", restore_pitr::seen(self, approved).await);
        }
        self.close(RunState::NeedsHuman { at, seen }).await
    }

    /// Closes a run that nobody is known to have agreed to. What a worker before this one made stays: putting it back would be to act on a
    /// plan that isn't proven.
    pub(super) async fn refuse(&self, of: (&Request, &Plan), why: &str) -> Result<(), Error> {
        self.note(None, why).await?;
        let at = self.services.clock.now();
        let begun: Vec<_> = self
            .claimed
            .steps
            .iter()
            .filter(|(_, state)| !matches!(state, StepState::Waiting))
            .collect();
        let state = match begun.as_slice() {
            // The first step of every plan only reads.
            [] | [_] => RunState::Refused { at, reason: why.into() },
            [_, others @ ..] => {
                let others: Vec<_> = others.iter().map(|(step, _)| step.name.as_str()).collect();
                let seen = format!(
                    "refused: {why}. Had begun before: {}. What they made or stopped is as they left it, and nothing was put back: their log \
                     and their lines in the plan say where to look",
                    others.join(", ")
                );
                RunState::NeedsHuman { at, seen }
            }
        };
        self.closed(of, state, Outcome::Refused).await
    }

    /// Closes the run, seals the evidence it used, and says so in the audit log, all at once.
    pub(super) async fn closed(
        &self,
        (request, plan): (&Request, &Plan),
        state: RunState,
        outcome: Outcome,
    ) -> Result<(), Error> {
        let store = &self.services.store;
        let mut act = Act::new(&self.actor, "run.end", format!("request {}", request.number)).request(request);
        act = act.detail("run", self.run()).detail("state", state.word());
        if let Some(reason) = state.reason() {
            act = act.detail("why", reason);
        }
        let now = self.services.clock.now();
        let proven = approvals::verify(&self.services, request, now)
            .await
            .unwrap_or_default();
        let mut tx = store.begin().await?;
        store::runs::finish(&mut tx, self.run(), self.claimed.fence, &state).await?;
        for evidence in proven {
            store::decisions::seal(&mut tx, evidence.challenge, &evidence.claims).await?;
        }
        act.fact(&mut tx, outcome, now).await?;
        notify::tell(&mut tx, &self.services, |envelope| envelope.run(request, plan, &state)).await?;
        tx.commit().await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Closes a run whose request isn't needed any more.
    pub async fn close(&self, state: RunState) -> Result<(), Error> {
        let Some(Stored { request, plan, .. }) = self.stored().await? else {
            return Ok(());
        };
        let state = match state {
            state @ RunState::Failed { .. } => {
                let failed = |(_, state): &(_, StepState)| matches!(state, StepState::Failed { .. });
                let index = self.claimed.steps.iter().position(failed).unwrap_or_default();
                self.tidied(&plan, index, state).await
            }
            other => other,
        };
        let outcome = if matches!(state, RunState::Succeeded { .. }) {
            Outcome::Ok
        } else {
            Outcome::Failed
        };
        self.closed((&request, &plan), state, outcome).await
    }
}
