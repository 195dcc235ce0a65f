//! What is wrong with the keys: the findings of the rules about them, as Diagnostics has them, each one link away from its evidence.

use domain::finding::{NotJudged, State, by_reason};
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::findings::Told;

use crate::components::{Moment, Sheet, StatusWord, Word, visible};
use crate::pages::diagnostics::{address, word};
use crate::pages::overview::count;

/// What was found, the worst first, and what could not be judged.
#[component]
pub fn Findings(told: Vec<Told>, silent: Vec<NotJudged>, deployment: String, now: Timestamp) -> impl IntoView {
    let rows: Vec<_> = told.iter().map(|told| row(told, &deployment, now)).collect();
    let note = count(rows.len(), "finding", "findings");
    let body = if rows.is_empty() {
        view! { <p class="note">"No rule about keys found anything."</p> }.into_any()
    } else {
        view! { <ul class="findings">{rows}</ul> }.into_any()
    };
    let silent = not_judged(&silent, &deployment);
    view! { <Sheet id="findings" title="Findings" note>{body}{silent}</Sheet> }
}

fn row(told: &Told, deployment: &str, now: Timestamp) -> AnyView {
    let Told {
        code,
        found,
        state,
        since,
    } = told;
    let word = word(*state, found.severity);
    let says = match state {
        State::Unknown => "can’t be told now",
        _ => found.severity.word(),
    };
    let since = since.map(|at| view! { ", since "<Moment at now /> });
    let href = address(deployment, code);
    let steps: Vec<_> = found
        .steps
        .iter()
        .map(|step| view! { <li>{visible(&step.text)}</li> })
        .collect();
    view! {
        <li data-tone=word.tone()>
            <p><StatusWord word text=says />" "<b><bdi>{visible(&found.title)}</bdi></b>" "<code class="label">{*code}</code>{since}</p>
            <p class="sub"><bdi>{visible(&found.cause)}</bdi></p>
            <details>
                <summary>"What to do"</summary>
                <ol class="note">{steps}</ol>
            </details>
            <p class="sub"><a href=href>"Evidence, commands, acknowledge"</a></p>
        </li>
    }
    .into_any()
}

/// Rules that can't be told, together where the reason is the same.
fn not_judged(silent: &[NotJudged], deployment: &str) -> Vec<AnyView> {
    let line = |(first, codes): (&NotJudged, Vec<&str>)| {
        let codes: Vec<_> = codes
            .into_iter()
            .map(|code| {
                let (href, code) = (address(deployment, code), code.to_owned());
                view! { <a href=href><code>{code}</code></a>" " }
            })
            .collect();
        let reason = visible(&first.reason);
        view! { <p class="note"><StatusWord word=Word::Unknown />" "{codes}<bdi>{reason}</bdi></p> }.into_any()
    };
    by_reason(silent).into_iter().map(line).collect()
}
