//! How the restore of a whole cluster ended: what happened, what is unharmed, what to do next.

use domain::plan::{Pinned, Plan, RestorePitr};
use domain::run::{RunState, StepState};
use leptos::prelude::*;
use recovery::plans::pitr_steps::DECIDE;
use recovery::runs::{Run, in_use_since};

use super::outcome::Outcome;
use crate::components::{Fact, Facts, Sheet, Word, visible};

/// The end in words.
pub fn set_back(run: &Run, plan: &RestorePitr) -> Outcome {
    let pgdata = &plan.server.pgdata;
    let before = RestorePitr::of_run(&plan.before(), run.id);
    let title = match &run.state {
        RunState::Succeeded { .. } => format!("{pgdata} was set back."),
        RunState::Cancelled { .. } if given_up(run) => "It was given up. The cluster is as it was.".into(),
        RunState::Cancelled { .. } => "It was cancelled. The cluster is as it was.".into(),
        RunState::Refused { .. } => "The runner refused it. The cluster is as it was.".into(),
        RunState::NeedsHuman { .. } if in_use(run) => format!("{pgdata} was set back. What follows is left to you."),
        RunState::NeedsHuman { .. } => "It stopped, and somebody has to look.".into(),
        _ => "It failed. The cluster is as it was.".into(),
    };
    let (unharmed, next) = match &run.state {
        RunState::NeedsHuman { .. } if in_use(run) => (
            format!("Unharmed: the restored cluster, which is in use, and what is kept of the old one in {before}."),
            "Next: do what is quoted here, on the host of the database, then what stands under Afterwards. Nothing of the restore has to be done again."
                .into(),
        ),
        RunState::Succeeded { .. } if let Some(kept) = plan.in_place => (
            format!("Of the cluster as it was {} is in {before}.", kept.word()),
            "There is a full backup of the new timeline. Next: do what stands under Afterwards.".into(),
        ),
        RunState::NeedsHuman { .. } if let Some(kept) = plan.in_place && replaced(run, plan) => (
            format!("Its files may be replaced in part. Of the cluster as it was {} is in {before}.", kept.word()),
            "Next: look at the host, go back to what was copied aside or finish by hand, then remove the link that keeps other runs away.".into(),
        ),
        RunState::Succeeded { .. } => (
            format!("The cluster as it was is kept whole in {before}."),
            "There is a full backup of the new timeline. Next: do what stands under Afterwards.".into(),
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

/// Whether clients were let in: the restore is done, whatever became of what follows it.
fn in_use(run: &Run) -> bool {
    in_use_since(run).is_some()
}

/// What is left for people, once clients are in.
#[must_use]
pub fn afterwards(run: Option<&Run>, plan: &Plan) -> Option<AnyView> {
    let (run, Pinned::RestorePitr(plan)) = (run?, &plan.pinned) else {
        return None;
    };
    if !in_use(run) {
        return None;
    }
    let left = plan.afterwards().map(|(what, how)| {
        let how = RestorePitr::of_run(&how, run.id);
        view! { <Fact name=what>{visible(&how)}</Fact> }
    });
    let note = "Muster reaches none of these: they are yours to do.";
    Some(
        view! { <Sheet id="afterwards" title="Afterwards" note><Facts>{left.collect_view()}</Facts></Sheet> }
            .into_any(),
    )
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
