//! How pointing Ampora at another database ended.

use domain::plan::Repoint;
use domain::run::{RunState, StepState};
use recovery::plans::repoint::{FENCE, START, START_ONE, STOP};
use recovery::runs::Run;

use super::{Outcome, state_of};
use crate::components::Word;

pub fn repointed(run: &Run, plan: &Repoint) -> Outcome {
    let (ampora, to) = (&plan.ampora.name, &plan.to.database);
    let title = match &run.state {
        RunState::Succeeded { .. } => format!("{ampora} runs on {to}."),
        RunState::Refused { .. } => "The runner refused it. Ampora goes on as it did.".into(),
        RunState::NeedsHuman { .. } => "It stopped, and somebody has to look.".into(),
        RunState::Cancelled { .. } => "It was cancelled.".into(),
        _ => format!("It failed. {ampora} is not on {to}."),
    };
    let began = |step| state_of(run, step).is_some_and(|state| *state != StepState::Waiting);
    let (unharmed, next) = match &run.state {
        RunState::Succeeded { .. } => (
            format!("The old database {} is closed and whole.", plan.from.database),
            "Next: let the agents come back in batches, take a full backup of the new database, and look at Diagnostics for what was revived.",
        ),
        _ if began(START_ONE) || began(START) => (
            format!("The old database {} is closed and whole.", plan.from.database),
            "Next: look at why it doesn’t run. What Ampora may have written to the new database is lost if you go back.",
        ),
        _ if began(FENCE) => (
            "Both databases are whole. Ampora is stopped.".into(),
            "Next: make a new request to go on, or put all back as it is said above.",
        ),
        _ if began(STOP) => (
            "Both databases are as before. Ampora may be stopped.".into(),
            "Next: start it again, or make a new request.",
        ),
        _ => (
            "Nothing was changed.".into(),
            "Put the cause right, then make a new request.",
        ),
    };
    Outcome {
        word: Word::from(&run.state),
        title,
        said: run.state.reason().map(Into::into),
        unharmed,
        next: next.into(),
        onward: None,
    }
}
