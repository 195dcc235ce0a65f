//! The same steps while they run: how far they came, how long they took, and where a person has to look.

use domain::plan::Step;
use domain::run::StepState;
use domain::time::{Timestamp, span};
use leptos::prelude::*;

use super::mark::StatusMark;
use super::moment::{Moment, Show};
use super::quoted::visible;
use super::status::Word;

/// A step with its state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunStep {
    pub step: Step,
    pub state: StepState,
}

/// The steps of a run. `needs_you` is what was seen where a step ended in a way that only a person can judge.
#[component]
pub fn RunSteps(
    steps: Vec<RunStep>,
    now: Timestamp,
    #[prop(optional_no_strip)] needs_you: Option<String>,
) -> impl IntoView {
    let unclear = steps
        .iter()
        .position(|step| matches!(step.state, StepState::Running { .. }));
    let rows: Vec<_> = steps
        .into_iter()
        .enumerate()
        .map(|(index, step)| row(step, now, needs_you.clone().filter(|_| unclear == Some(index))))
        .collect();
    view! { <ol class="steps run">{rows}</ol> }
}

fn row(RunStep { step, state }: RunStep, now: Timestamp, needs_you: Option<String>) -> impl IntoView {
    let word = if needs_you.is_some() {
        Word::NeedsYou
    } else {
        Word::from(&state)
    };
    let name = if needs_you.is_some() {
        "needs-human"
    } else {
        state.word()
    };
    view! {
        <li class=step.destructive.then_some("destructive") data-state=name>
            <span class="state" data-tone=word.tone()><StatusMark mark=word.mark() /></span>
            <b>{step.name}<span class="visually-hidden">": "{word.text()}</span></b>
            {took(&state, now)}
            {told(&state, &step.detail)}
            {needs_you.map(|seen| view! {
                <p class="why"><b data-tone="call">"Needs you: the outcome of this step is not known. "</b>{visible(&seen)}</p>
            })}
        </li>
    }
}

fn took(state: &StepState, now: Timestamp) -> AnyView {
    match state {
        StepState::Waiting => ().into_any(),
        StepState::Running { since } => {
            view! { <span class="took">"began "<Moment at=*since now show=Show::Ago /></span> }.into_any()
        }
        StepState::Done { since, at, .. } | StepState::Failed { since, at, .. } => {
            view! { <span class="took">{span((*at - *since).num_seconds())}</span> }.into_any()
        }
    }
}

/// What came of the step; before its end, what it does.
fn told(state: &StepState, does: &str) -> AnyView {
    match state {
        StepState::Waiting => ().into_any(),
        StepState::Running { .. } => view! { <p class="why">{does.to_string()}</p> }.into_any(),
        StepState::Done { detail, .. } => view! { <p class="why">{visible(detail)}</p> }.into_any(),
        StepState::Failed { detail, .. } => {
            view! { <p class="why" data-tone="broken">{visible(detail)}</p> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).expect("in range")
    }

    #[test]
    fn the_person_is_called_to_the_step_that_was_under_way() {
        let step = |state| RunStep {
            step: Step::new("Create the database", "Empty, from template0."),
            state,
        };
        let steps = vec![step(StepState::Running { since: at(0) }), step(StepState::Waiting)];
        let needs_you = Some("the worker was lost".to_string());
        let html = view! { <RunSteps steps now=at(60) needs_you /> }.to_html();
        assert_eq!(html.matches("data-state=\"needs-human\"").count(), 1, "{html}");
        assert_eq!(html.matches("data-state=\"waiting\"").count(), 1, "{html}");
        assert!(html.contains("the worker was lost"), "{html}");
    }
}
