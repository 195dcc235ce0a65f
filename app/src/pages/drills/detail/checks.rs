//! What was looked at in the copy: what is broken first, then what was not run, then the rest.

use domain::drill::{Check, CheckStatus, Drill, mandatory};
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::components::{Blank, Moment, Sheet, StatusWord, visible};
use crate::pages::drills::words::{check as called, counts, status};

#[component]
pub fn Checks(drill: Drill, over: bool, now: Timestamp) -> impl IntoView {
    if drill.checks.is_empty() {
        let text = if over {
            "The drill ended before anything could be looked at."
        } else {
            "They begin once the server of the sandbox runs."
        };
        return view! { <Sheet id="checks" title="Checks"><Blank title="Nothing was looked at yet">{text}</Blank></Sheet> }
            .into_any();
    }
    let mut checks = drill.checks.clone();
    checks.sort_by_key(|check| match (check.status, mandatory(&check.name)) {
        (CheckStatus::Broken, true) => 0,
        (CheckStatus::Broken, false) => 1,
        (CheckStatus::NotRun, true) => 2,
        (CheckStatus::NotRun, false) => 3,
        (CheckStatus::Ok, _) => 4,
    });
    let rows: Vec<_> = checks.iter().map(|check| row(check, now)).collect();
    view! {
        <Sheet id="checks" title="Checks" note=counts(&drill.checks)>
            <section class="scroll-x" tabindex="0" aria-label="Checks as a table">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Check"</th>
                            <th scope="col">"Result"</th>
                            <th scope="col" class="c2">"What was seen"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        </Sheet>
    }
    .into_any()
}

fn row(check: &Check, now: Timestamp) -> AnyView {
    let word = status(check.status);
    let marked = (check.status != CheckStatus::Ok).then(|| word.status());
    let needed = mandatory(&check.name).then_some(", must pass");
    view! {
        <tr id=format!("check-{}", slug(&check.name)) data-status=marked>
            <th scope="row">
                {visible(&called(&check.name))}
                <span class="sub"><code>{visible(&check.name)}</code>{needed}</span>
                <div class="sub when-phone">{seen(check, now)}</div>
            </th>
            <td class="nowrap"><StatusWord word /></td>
            <td class="c2">{seen(check, now)}</td>
        </tr>
    }
    .into_any()
}

/// Detail, remedy and evidence.
fn seen(check: &Check, now: Timestamp) -> AnyView {
    let remedy = check
        .remedy
        .clone()
        .map(|remedy| view! { <span class="sub">"What to do: "{visible(&remedy)}</span> });
    let evidence: Vec<_> = check
        .evidence
        .iter()
        .map(|one| view! { <li>{visible(&one.fact)}": "<bdi class="label">{visible(&one.value)}</bdi></li> })
        .collect();
    let at = check
        .finished_at
        .map(|at| view! { <li>"looked at "<Moment at now /></li> });
    let evidence = (!evidence.is_empty()).then(|| {
        view! { <details><summary>"Evidence"</summary><ul class="sub">{evidence}{at}</ul></details> }
    });
    view! { {visible(&check.detail)}{remedy}{evidence} }.into_any()
}

/// A name as part of an id.
fn slug(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(kept).collect()
}
