//! How the restore of a whole cluster ended: what happened, what is unharmed, what to do next.

use domain::plan::RestorePitr;
use domain::run::{RunState, StepState};
use recovery::plans::pitr_steps::DECIDE;
use recovery::runs::Run;

use super::outcome::Outcome;
use crate::components::Word;

/// The end in words.
pub fn set_back(run: &Run, plan: &RestorePitr) -> Outcome {
    let pgdata = &plan.server.pgdata;
    let before = RestorePitr::of_run(&plan.before(), run.id);
    let title = match &run.state {
        RunState::Succeeded { .. } => format!("{pgdata} was set back."),
        RunState::Cancelled { .. } if given_up(run) => "It was given up. The cluster is as it was.".into(),
        RunState::Cancelled { .. } => "It was cancelled. The cluster is as it was.".into(),
        RunState::Refused { .. } => "The runner refused it. The cluster is as it was.".into(),
        RunState::NeedsHuman { .. } => "It stopped, and somebody has to look.".into(),
        _ => "It failed. The cluster is as it was.".into(),
    };
    let (unharmed, next) = match &run.state {
        RunState::Succeeded { .. } if let Some(kept) = plan.in_place => (
            format!("Of the cluster as it was {} is in {before}.", kept.word()),
            "Next: do what the log lists under Afterwards, first of all a full backup on the new timeline.".into(),
        ),
        RunState::NeedsHuman { .. } if let Some(kept) = plan.in_place && replaced(run, plan) => (
            format!("Its files may be replaced in part. Of the cluster as it was {} is in {before}.", kept.word()),
            "Next: look at the host, go back to what was copied aside or finish by hand, then remove the link that keeps other runs away.".into(),
        ),
        RunState::Succeeded { .. } => (
            format!("The cluster as it was is kept whole in {before}."),
            "Next: do what the log lists under Afterwards, first of all a full backup on the new timeline. Remove the old directory when nobody needs it."
                .into(),
        ),
        RunState::NeedsHuman { .. } if replaced(run, plan) => (
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

/// Whether the step that replaces the cluster has begun.
fn replaced(run: &Run, plan: &RestorePitr) -> bool {
    let step = plan.turn().and_then(|turn| run.steps.get(turn));
    step.is_some_and(|(_, state)| *state != StepState::Waiting)
}

/// Whether somebody said so at the pause.
fn given_up(run: &Run) -> bool {
    let step = run.steps.iter().find(|(step, _)| step.name == DECIDE);
    step.is_some_and(|(_, state)| matches!(state, StepState::Failed { .. }))
}
