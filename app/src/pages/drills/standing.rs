//! How well rehearsed each deployment is, and when it begins by itself.

use domain::drill::{Drill, Freshness};
use domain::time::{Timestamp, span};
use leptos::prelude::*;
use recovery::drills::{Planned, Standing};

use super::words::{href, untested, verdict};
use crate::components::{Moment, Sheet, Show, StatusWord, Word, visible};
use crate::pages::overview::count;

/// Deployments that are listed; a site may have hundreds.
const LISTED: usize = 60;

/// One row a deployment.
#[component]
pub fn Standings(standings: Vec<Standing>, now: Timestamp) -> impl IntoView {
    let note = count(standings.len(), "deployment", "deployments");
    let more = standings.len().saturating_sub(LISTED);
    let more = (more > 0).then(
        || view! { <p class="note">{format!("{more} more, none of them worse. Filter by deployment to see one.")}</p> },
    );
    let rows: Vec<_> = standings
        .iter()
        .take(LISTED)
        .map(|standing| row(standing, now))
        .collect();
    view! {
        <Sheet id="rehearsed" title="Rehearsed" note>
            <section class="scroll-x" tabindex="0" aria-label="How well rehearsed each deployment is">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Deployment"</th>
                            <th scope="col">"Standing"</th>
                            <th scope="col" class="c3">"Last that passed"</th>
                            <th scope="col">"Planned"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
            {more}
        </Sheet>
    }
}

fn row(standing: &Standing, now: Timestamp) -> AnyView {
    let (word, says) = words(standing);
    let status = matches!(word.status(), "broken" | "unknown").then(|| word.status());
    let passed = standing.rehearsals.passed.as_ref();
    let address = format!("/drills?deployment={}#history", encoded(&standing.deployment));
    view! {
        <tr data-status=status>
            <th scope="row">
                <a href=address><bdi>{visible(&standing.deployment)}</bdi></a>
                <span class="sub when-narrow">{last(passed, now)}</span>
            </th>
            <td><StatusWord word text=says />{detail(standing, now)}</td>
            <td class="c3">{last(passed, now)}</td>
            <td>{planned(standing.schedule.as_ref())}</td>
        </tr>
    }
    .into_any()
}

fn encoded(name: &str) -> String {
    let mut params = leptos_router::params::ParamsMap::new();
    params.insert("deployment", name.to_owned());
    let query = params.to_query_string();
    query.trim_start_matches("?deployment=").to_owned()
}

/// The worst of what can be said of it.
fn words(standing: &Standing) -> (Word, &'static str) {
    if standing.rehearsals.standing_failure().is_some() {
        return (Word::Failed, "the last drill failed");
    }
    match standing.freshness {
        Freshness::Overdue { .. } => (Word::Broken, "overdue"),
        Freshness::NeverRun => (Word::Unknown, "never run"),
        Freshness::NeverPassed => (Word::Unknown, "none has passed"),
        Freshness::Due { .. } => (Word::Warning, "due"),
        Freshness::Undeclared { .. } => (Word::Unset, "no limit declared"),
        Freshness::Fresh { .. } if standing.rehearsals.standing_environment().is_some() => {
            (Word::EnvironmentBroken, "environment broken since")
        }
        Freshness::Fresh { .. } => (Word::Ok, "rehearsed"),
    }
}

fn detail(standing: &Standing, now: Timestamp) -> AnyView {
    let every = standing
        .every
        .map(|every| format!(", every {} by the policy", span(every.num_seconds())));
    let by = match standing.freshness {
        Freshness::Fresh { by } | Freshness::Due { by } => {
            view! { "the next has to pass by "<Moment at=by now />{every} }.into_any()
        }
        Freshness::Overdue { by } => view! { "had to pass by "<Moment at=by now />{every} }.into_any(),
        Freshness::NeverRun => "a backup that was never restored is a hope".into_any(),
        Freshness::NeverPassed => ().into_any(),
        Freshness::Undeclared { .. } => "set drill_every under [deployment.policy]".into_any(),
    };
    let trouble = standing
        .rehearsals
        .standing_failure()
        .or_else(|| standing.rehearsals.standing_environment());
    let trouble = trouble.map(|drill| {
        let why = drill
            .failure
            .as_ref()
            .map(|failure| failure.words.clone())
            .unwrap_or_default();
        let said = drill.verdict.map_or("no verdict", |found| verdict(found).1);
        view! { <span class="sub"><a href=href(drill.id)>{said}</a>": "{visible(&why)}</span> }
    });
    view! { {trouble}<span class="sub">{by}</span> }.into_any()
}

fn last(passed: Option<&Drill>, now: Timestamp) -> AnyView {
    let Some((drill, at)) = passed.and_then(|drill| Some((drill, drill.finished_at?))) else {
        return "none yet".into_any();
    };
    let rto = drill
        .figures
        .rto_seconds
        .map(|seconds| format!("back in {}", span(seconds.into())));
    let untested = untested(drill).map(|names| format!("not tested: {names}"));
    let said: Vec<_> = rto.into_iter().chain(untested).collect();
    view! {
        <a href=href(drill.id)><Moment at now show=Show::Ago /></a>
        <span class="sub">{said.join("; ")}</span>
    }
    .into_any()
}

fn planned(schedule: Option<&Planned>) -> AnyView {
    let Some(schedule) = schedule else {
        return view! { <StatusWord word=Word::Off text="no schedule" /><span class="sub">"drills begin only when somebody starts one"</span> }
            .into_any();
    };
    let next = match &schedule.next {
        Ok(next) => next,
        Err(why) => {
            return view! { <StatusWord word=Word::Broken /><span class="sub">{visible(why)}</span> }.into_any();
        }
    };
    let mut runs = next.iter().map(|run| run.local.clone());
    let first = runs.next().unwrap_or_else(|| "never".into());
    let later: Vec<_> = runs.map(|run| view! { <li>{run}</li> }).collect();
    let about = format!("{}, {}", schedule.choice, schedule.zone);
    view! {
        {first}
        <span class="sub">{about}</span>
        <details>
            <summary>"Then"</summary>
            <ol class="sub">{later}</ol>
            <p class="sub">"cron "<code>{visible(&schedule.cron)}</code></p>
        </details>
    }
    .into_any()
}
