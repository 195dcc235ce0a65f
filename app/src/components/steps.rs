//! The steps of a plan: what will be done, in words and as commands. What can't be repeated or undone stands out before anybody agrees.

use domain::plan::Step;
use leptos::prelude::*;

use super::command::Command;
use super::mark::{Mark, StatusMark};

/// The numbered steps. Commands of destructive steps are unfolded.
#[component]
pub fn PlanSteps(steps: Vec<Step>) -> impl IntoView {
    let rows: Vec<_> = steps.into_iter().map(row).collect();
    view! { <ol class="steps">{rows}</ol> }
}

fn row(step: Step) -> impl IntoView {
    view! {
        <li class=step.destructive.then_some("destructive")>
            <b>{step.name}</b>
            {step.destructive.then(|| view! { <NoReturn /> })}
            <p class="why">{step.detail}</p>
            {step.manual.map(|who| view! { <p class="note">{format!("Where Muster can’t see it done, {} confirms it with a note.", who.word())}</p> })}
            {(!step.argv.is_empty()).then(|| view! { <Command argv=step.argv open=step.destructive /> })}
        </li>
    }
}

/// The mark of a destructive step, in words.
#[component]
pub fn NoReturn() -> impl IntoView {
    view! {
        <span class="status no-return" data-tone="broken">
            <StatusMark mark=Mark::NoReturn />
            <span>"Destructive: once begun it is never repeated by itself"</span>
        </span>
    }
}
