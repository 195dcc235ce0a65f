//! How bringing Ampora up on a new cluster ended.

use domain::plan::FullDisaster;
use domain::run::{RunState, StepState};
use recovery::plans::CREATE;
use recovery::plans::full_disaster::{START_ONE, VERIFY};
use recovery::runs::{Run, UNVERIFIED};

use super::{Outcome, state_of};
use crate::components::Word;
use crate::pages::words::step_name;

/// What went on by somebody's word, which nothing that Muster sees bears out.
fn unverified(run: &Run) -> String {
    let taken = run.steps.iter().filter(|(_, state)| match state {
        StepState::Done { detail, .. } => detail.starts_with(UNVERIFIED),
        _ => false,
    });
    let taken: Vec<_> = taken.map(|(step, _)| step_name(&step.name)).collect();
    if taken.is_empty() {
        return String::new();
    }
    format!("Somebody’s word alone stands for: {}. ", taken.join(", "))
}

pub fn brought_up(run: &Run, plan: &FullDisaster) -> Outcome {
    let (ampora, database) = (&plan.cluster.name, &plan.database.target.database);
    let title = match &run.state {
        RunState::Succeeded { .. } => format!("{ampora} runs on {}.", plan.cluster.cluster),
        RunState::Refused { .. } => "The runner refused it. Nothing was made after that.".into(),
        RunState::NeedsHuman { .. } => "It stopped, and somebody has to look.".into(),
        RunState::Cancelled { .. } => "It was cancelled.".into(),
        _ => format!("It failed. {ampora} is not up."),
    };
    let began = |step| state_of(run, step).is_some_and(|state| *state != StepState::Waiting);
    let unharmed = "Unharmed: the dump and the secret manager.";
    let next = match &run.state {
        RunState::Succeeded { .. } => {
            format!(
                "{}Next: a full backup of the new database, escrow of the key where it is now, and a look at Diagnostics.",
                unverified(run)
            )
        }
        _ if began(START_ONE) => format!(
            "Next: look at the pods and their log. What Ampora wrote to {database} is lost if that database is thrown away."
        ),
        _ if began(CREATE) => {
            format!(
                "Ampora wasn’t started. Next: remove {database} and the Secrets of this run, then make a new request."
            )
        }
        _ if began(VERIFY) => "Nothing was made. Put the cause right, then make a new request.".into(),
        _ => "Nothing was touched.".into(),
    };
    Outcome {
        word: Word::from(&run.state),
        title,
        said: run.state.reason().map(Into::into),
        unharmed: unharmed.into(),
        next,
        onward: None,
    }
}
