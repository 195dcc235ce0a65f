//! How a run about a key ended.

use domain::plan::KeyCatchUp;
use domain::run::{RunState, StepState};
use recovery::plans::key_catch_up::WRITE;
use recovery::plans::retrieve_key::DELIVER;
use recovery::runs::Run;

use super::{Outcome, state_of};
use crate::components::Word;

const USED_UP: &str = "The approval is used up: put the cause right, then make a new request.";

/// A key that its requester got, or should have.
pub fn handed_over(run: &Run) -> Outcome {
    let unharmed = match &run.state {
        RunState::Succeeded { .. } => "The secret manager, Ampora and its database are as before.",
        _ => "Unharmed: the secret manager, Ampora and its database.",
    };
    let (title, next) = match &run.state {
        RunState::Succeeded { .. } => (
            "The key was handed over.",
            "It can’t be shown again: a second look takes a second request. If it may have reached anybody else, rotate it.",
        ),
        RunState::NeedsHuman { .. } => (
            "Nobody knows whether the key was handed over.",
            "Next: take it as seen. If it didn’t reach the requester, make a new request; if it may have reached anybody else, rotate it.",
        ),
        RunState::Refused { .. } => ("The runner refused it. No key was handed over.", USED_UP),
        _ => ("It failed. No key was handed over.", USED_UP),
    };
    outcome(run, title, unharmed, next)
}

/// A key that was put into a new place, or should have been.
pub fn placed(run: &Run) -> Outcome {
    let unharmed = "Unharmed: the secret manager, its replicas, Ampora and its database. Nothing was written over.";
    let in_doubt = "Next: look at the new place. Whether the approved key is there is for a person to judge; Muster doesn’t touch it any more.";
    let (title, next) = match (&run.state, state_of(run, DELIVER)) {
        (RunState::Succeeded { .. }, _) => (
            "The key is in its new place, and was read back.",
            "Next: point what needs it there. Whoever can read that place has the key; Muster doesn’t watch it.",
        ),
        (RunState::NeedsHuman { .. }, _) => ("It stopped, and somebody has to look.", in_doubt),
        (_, Some(StepState::Done { .. })) => ("The key was put into its new place; the run wasn’t finished.", in_doubt),
        (RunState::Refused { .. }, _) => ("The runner refused it. No key was delivered.", USED_UP),
        (RunState::Cancelled { .. }, _) => ("It was cancelled. No key was delivered.", USED_UP),
        _ => ("It failed. No key was delivered.", USED_UP),
    };
    outcome(run, title, unharmed, next)
}

/// A manager that was behind, and should not be any more.
pub fn caught_up(run: &Run, plan: &KeyCatchUp) -> Outcome {
    let unharmed = "Unharmed: Ampora, its key and its database, and every older version in the manager.";
    let key = plan.fingerprint.short();
    let in_doubt = "Next: look at the manager’s versions. Muster writes nothing there by itself; “Prove now” on the Keys page says how they stand.";
    let (title, next) = match (&run.state, state_of(run, WRITE)) {
        (RunState::Succeeded { .. }, _) => (
            format!("Key {key} is the manager’s current version, and proven again."),
            "Next: plan a rotation, since nobody knows who set this key; below stands whether it was done. Replicas that the manager doesn’t keep in \
             step by itself need the new version, too: the Keys page compares them.",
        ),
        (RunState::NeedsHuman { .. }, _) => ("It stopped, and somebody has to look.".into(), in_doubt),
        (_, Some(StepState::Done { .. })) => (format!("Key {key} was written; the run wasn’t finished."), in_doubt),
        (RunState::Refused { .. }, _) => ("The runner refused it. Nothing was written.".into(), USED_UP),
        (RunState::Cancelled { .. }, _) => ("It was cancelled. Nothing was written.".into(), USED_UP),
        _ => ("It failed. Nothing was written.".into(), USED_UP),
    };
    outcome(run, title, unharmed, next)
}

fn outcome(run: &Run, title: impl Into<String>, unharmed: &str, next: impl Into<String>) -> Outcome {
    Outcome {
        word: Word::from(&run.state),
        title: title.into(),
        said: run.state.reason().map(Into::into),
        unharmed: unharmed.into(),
        next: next.into(),
        onward: None,
    }
}
