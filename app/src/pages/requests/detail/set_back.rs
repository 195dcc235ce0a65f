//! How the restore of a whole cluster ended: what happened, what is unharmed, what to do next.

use domain::plan::RestorePitr;
use domain::run::{RunState, StepState};
use recovery::plans::pitr_steps::SWAP;
use recovery::runs::Run;

use super::outcome::Outcome;
use crate::components::Word;

/// The end in words.
pub fn set_back(run: &Run, plan: &RestorePitr) -> Outcome {
    let pgdata = &plan.server.pgdata;
    let before = RestorePitr::of_run(&plan.before(), run.id);
    let title = match &run.state {
        RunState::Succeeded { .. } => format!("{pgdata} was set back."),
        RunState::Cancelled { .. } => "It was given up. The cluster is as it was.".into(),
        RunState::Refused { .. } => "The runner refused it. The cluster is as it was.".into(),
        RunState::NeedsHuman { .. } => "It stopped, and somebody has to look.".into(),
        _ => "It failed. The cluster is as it was.".into(),
    };
    let (unharmed, next) = match &run.state {
        RunState::Succeeded { .. } => (
            format!("The cluster as it was is kept whole in {before}."),
            "Next: do what the log lists under Afterwards, first of all a full backup on the new timeline. Remove the old directory when nobody needs it."
                .into(),
        ),
        RunState::NeedsHuman { .. } if swapped(run) => (
            format!("The cluster as it was is kept whole, in {pgdata} or in {before}."),
            "Next: look at the host, finish by hand or put the old directory back, then remove the link that keeps other runs away.".into(),
        ),
        RunState::NeedsHuman { .. } => (
            format!("Unharmed: the cluster in {pgdata}; it was not touched."),
            "Next: make sure on the host that nothing of the run goes on, then remove its copy and the link that keeps other runs away.".into(),
        ),
        _ => (
            format!("Unharmed: the cluster in {pgdata}, its backups and its WAL."),
            "The approval is used up: put the cause right, then make a new request.".into(),
        ),
    };
    Outcome {
        word: Word::from(&run.state),
        title,
        said: run.state.reason().map(Into::into),
        unharmed,
        next,
        onward: None,
    }
}

/// Whether the step that moves directories has begun.
fn swapped(run: &Run) -> bool {
    let begun = |(step, state): &(domain::plan::Step, StepState)| step.name == SWAP && *state != StepState::Waiting;
    run.steps.iter().any(begun)
}
