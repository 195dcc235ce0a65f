//! How a run ended, for somebody at three in the morning: what happened, what is unharmed, what to do next.

use domain::plan::{Delivery, Pinned, RestoreDump};
use domain::run::{RunState, StepState};
use domain::time::span;
use leptos::prelude::*;
use recovery::plans::CREATE;
use recovery::runs::Run;

use crate::components::{Address, Banner, QuotedBlock, Word};
use crate::pages::overview::count;
use crate::pages::words::grouped;

mod disaster;
mod keys;
mod managed;
mod repoint;

/// The end of a run in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub word: Word,
    pub title: String,
    /// What the runner or a tool said.
    pub said: Option<String>,
    pub unharmed: String,
    pub next: String,
    /// A prefilled request for what comes next.
    pub onward: Option<(String, &'static str)>,
}

/// `None` while it goes on.
#[must_use]
pub fn outcome(run: &Run, pinned: &Pinned) -> Option<Outcome> {
    if !run.state.is_over() {
        return None;
    }
    Some(match pinned {
        // Nothing runs it.
        Pinned::DrillWithKey(_) | Pinned::DrillOnRds(_) => return None,
        Pinned::RestoreDump(plan) => restored(run, plan),
        Pinned::RetrieveKey(plan) => match &plan.delivery {
            Delivery::Placed(_) => keys::placed(run),
            Delivery::ShownOnce | Delivery::Sealed { .. } | Delivery::Split { .. } => keys::handed_over(run),
        },
        Pinned::RestorePitr(plan) => super::set_back::set_back(run, plan),
        Pinned::KeyCatchUp(plan) => keys::caught_up(run, plan),
        Pinned::Repoint(plan) => repoint::repointed(run, plan),
        Pinned::FullDisaster(plan) => disaster::brought_up(run, plan),
        Pinned::RestoreRds(plan) => managed::made(run, plan),
    })
}

fn restored(run: &Run, plan: &RestoreDump) -> Outcome {
    let database = &plan.target.database;
    let title = match &run.state {
        RunState::Succeeded { .. } => format!("Restored into {database}."),
        RunState::Failed { .. } => "It failed. The restore is not whole.".into(),
        RunState::Cancelled { .. } => "It was cancelled. The restore is not whole.".into(),
        RunState::Refused { .. } => "The runner refused it.".into(),
        RunState::NeedsHuman { .. } => "It stopped, and somebody has to look.".into(),
        RunState::Queued | RunState::Running | RunState::Paused { .. } => String::new(),
    };
    let (unharmed, next) = match &run.state {
        RunState::Succeeded { .. } => whole(run, plan),
        _ => broken_off(run, plan),
    };
    Outcome {
        word: Word::from(&run.state),
        title,
        said: run.state.reason().map(Into::into),
        unharmed,
        next,
        onward: matches!(run.state, RunState::Succeeded { .. }).then(|| (point_at(plan), "Point Ampora at it")),
    }
}

fn point_at(plan: &RestoreDump) -> String {
    let address = Address::new("/requests/new", leptos_router::params::ParamsMap::new());
    let address = address.with("kind", "repoint").with("deployment", &plan.deployment);
    address.with("database", plan.target.database.as_str()).to_string()
}

fn whole(run: &Run, plan: &RestoreDump) -> (String, String) {
    let rows = plan.rows.values().map(|rows| rows.0).sum();
    let took = run
        .started_at
        .zip(run.finished_at)
        .map(|(from, to)| span((to - from).num_seconds()));
    let took = took.map(|took| format!(", in {took}")).unwrap_or_default();
    let unharmed = format!(
        "{} with {} rows, as many as in the dump{took}. Nothing that existed was touched, and Muster doesn’t touch the copy any more.",
        count(plan.rows.len(), "table", "tables"),
        grouped(rows)
    );
    let next = format!(
        "Next: look at {} on {} before anything is pointed at it. It is yours to keep, to point Ampora at, or to drop.",
        plan.target.database, plan.target.server
    );
    (unharmed, next)
}

fn broken_off(run: &Run, plan: &RestoreDump) -> (String, String) {
    let unharmed = "Unharmed: the live database, the dump, the secret manager and every other database.";
    if !made(run) {
        let next = "No database was made. The approval is used up: put the cause right, then make a new request.";
        return (unharmed.into(), next.into());
    }
    let database = &plan.target.database;
    let next = format!(
        "Next: {database} may stand unfinished on {}, marked as this run’s. Look at it, then drop it. The approval is used up: to try \
         again, make a new request, with another name or after dropping it.",
        plan.target.server
    );
    (unharmed.into(), next)
}

/// Whether the step that makes the database has begun.
fn made(run: &Run) -> bool {
    state_of(run, CREATE).is_some_and(|state| *state != StepState::Waiting)
}

/// How far the step of this name came.
fn state_of<'r>(run: &'r Run, name: &str) -> Option<&'r StepState> {
    let named = run.steps.iter().find(|(step, _)| step.name == name);
    named.map(|(_, state)| state)
}

/// The end as a banner.
#[component]
pub fn OutcomeBanner(outcome: Outcome) -> impl IntoView {
    let Outcome {
        word,
        title,
        said,
        unharmed,
        next,
        onward,
    } = outcome;
    let onward = onward.map(|(href, label)| view! { " "<a href=href>{label}</a> });
    view! {
        <Banner word title>{unharmed}" "{next}{onward}</Banner>
        {said.map(|said| view! { <QuotedBlock text=said /> })}
    }
}
