//! How a request stands, in the words of whoever reads the page: what waits for me isn't what waits for others.

use domain::approval::{Policy, Refusal, State};
use domain::plan::Confirmer;
use domain::role::Actor;
use domain::run::{RunState, StepState};
use domain::time::Timestamp;
use recovery::approvals::Stored;
use recovery::runs::Run;

use crate::components::Word;

/// Who reads, and by which rules.
#[derive(Clone, Debug)]
pub struct Reader {
    pub actor: Actor,
    pub policy: Policy,
    pub now: Timestamp,
}

/// The state of a request for one reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    pub word: Word,
    pub says: String,
}

impl Reader {
    #[must_use]
    pub fn owns(&self, stored: &Stored) -> bool {
        stored.request.requester == self.actor.person
    }

    /// # Errors
    /// With the rule that forbids it.
    pub fn may_decide(&self, stored: &Stored) -> Result<(), Refusal> {
        stored.request.may_decide(&self.actor, self.policy.roles, self.now)
    }

    /// Whether this person can start it now; of a key that a person gets, whether it can be handed to them.
    ///
    /// # Errors
    /// With the rule that forbids it.
    pub fn may_run(&self, stored: &Stored) -> Result<(), Refusal> {
        stored.request.may_run(&self.actor, self.policy.roles, self.now)?;
        if stored.plan.pinned.is_handed_over() && !self.owns(stored) {
            return Err(Refusal::NotYours);
        }
        Ok(())
    }

    /// Whether this person can end an approval that stands.
    #[must_use]
    pub fn may_revoke(&self, stored: &Stored) -> bool {
        let ended = stored.request.clone().revoke(&self.actor, self.now, self.policy.roles);
        stored.plan.pinned.standing().is_some() && ended.is_ok()
    }

    /// Whether something about it waits for this person.
    #[must_use]
    pub fn is_called(&self, stored: &Stored) -> bool {
        let runs = stored.plan.pinned.standing().is_none() && self.may_run(stored).is_ok();
        self.may_decide(stored).is_ok() || runs
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self, stored: &Stored, run: Option<&Run>) -> Standing {
        let (word, says) = match stored.request.state_at(self.now) {
            State::Pending { .. } if self.may_decide(stored).is_ok() => (Word::WaitsForYou, "Waits for you"),
            State::Pending { .. } if self.owns(stored) => (Word::Waiting, "Waits for another person"),
            State::Pending { .. } => (Word::Waiting, "Waits for others"),
            State::Approved { .. } if self.may_run(stored).is_ok() => (Word::WaitsForYou, "Approved, waits for you"),
            State::Approved { .. } => (Word::Waiting, "Approved, not run yet"),
            State::Rejected { .. } => (Word::Refused, "Rejected"),
            State::Withdrawn { .. } => (Word::Cancelled, "Withdrawn"),
            State::Expired { .. } => (Word::NotRun, "Expired"),
            State::Stale { .. } => (Word::Unknown, "Stale"),
            State::Consumed { .. } => return running(run),
        };
        Standing {
            word,
            says: says.into(),
        }
    }
}

/// What became of a request that was run.
fn running(run: Option<&Run>) -> Standing {
    let Some(run) = run else {
        return Standing {
            word: Word::Unknown,
            says: "Run, and its record is missing".into(),
        };
    };
    let says = match &run.state {
        RunState::Queued => "Waits for a worker".into(),
        RunState::Running => format!("Running, step {} of {}", step(run), run.steps.len()),
        RunState::Paused { .. } => match waits_for(run) {
            Some(who) => format!("Waits for {}", who.word()),
            None => "Waits for a decision".into(),
        },
        RunState::Succeeded { .. } => "Done".into(),
        RunState::Failed { .. } => "Failed".into(),
        RunState::Cancelled { .. } => "Cancelled".into(),
        RunState::Refused { .. } => "Refused by the runner".into(),
        RunState::NeedsHuman { .. } => "Needs you".into(),
    };
    Standing {
        word: Word::from(&run.state),
        says,
    }
}

/// Whose word a run waits for, where it does.
fn waits_for(run: &Run) -> Option<Confirmer> {
    let begun = |(_, state): &&(_, StepState)| matches!(state, StepState::Running { .. });
    run.steps.iter().find(begun)?.0.manual
}

/// The step a run is at, counted from 1.
#[must_use]
pub fn step(run: &Run) -> usize {
    let done = run
        .steps
        .iter()
        .take_while(|(_, state)| matches!(state, StepState::Done { .. }));
    (done.count() + 1).min(run.steps.len().max(1))
}
