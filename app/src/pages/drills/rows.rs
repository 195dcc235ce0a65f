//! The rows of the history, and those of what waits or runs now.

use domain::drill::{Drill, Verdict};
use domain::time::{Timestamp, span};
use leptos::prelude::*;
use recovery::drills::{DrillState, StoredDrill};

use super::words::{href, phase, standing, untested};
use crate::components::{Blank, Moment, Show, StatusWord, visible};

/// The drills that fit, or why there are none.
#[component]
pub fn Rows(drills: Vec<StoredDrill>, narrow: bool, several: bool, now: Timestamp) -> impl IntoView {
    if drills.is_empty() {
        return empty(narrow);
    }
    let rows: Vec<_> = drills.iter().map(|stored| row(stored, several, now)).collect();
    view! {
        <section class="scroll-x" tabindex="0" aria-label="Drills">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Drill"</th>
                        <th scope="col">"Verdict"</th>
                        <th scope="col" class="c3">"Backup"</th>
                        <th scope="col" class="num c2">"RTO"</th>
                        <th scope="col" class="num c2">"RPO"</th>
                        <th scope="col" class="c4">"Started by"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn empty(narrow: bool) -> AnyView {
    if narrow {
        let all = view! { <a class="button" href="/drills">"Show all"</a> }.into_any();
        return view! { <Blank title="No drill fits" action=all>"None in the history has all of this."</Blank> }
            .into_any();
    }
    view! {
        <Blank title="No drill has run yet">
            "Until one has passed, nobody knows whether the backups come back, how long that takes, and whether the key opens them."
        </Blank>
    }
    .into_any()
}

fn row(stored: &StoredDrill, several: bool, now: Timestamp) -> AnyView {
    let drill = &stored.drill;
    let (word, says) = standing(stored);
    let status =
        (stored.state == DrillState::Finished && drill.verdict != Some(Verdict::Passed)).then(|| word.status());
    let of = several.then(|| view! { <span class="sub"><bdi>{visible(&drill.deployment)}</bdi></span> });
    let at = drill.finished_at.or(drill.started_at).unwrap_or(drill.queued_at);
    view! {
        <tr id=format!("drill-{}", drill.id) data-status=status>
            <th scope="row">
                <a href=href(drill.id)><Moment at now /></a>
                {of}
                <span class="sub when-phone">{figures(drill)}</span>
            </th>
            <td><StatusWord word text=says />{why(drill)}</td>
            <td class="c3">{backup(drill)}</td>
            <td class="num c2">{seconds(drill.figures.rto_seconds)}</td>
            <td class="num c2">{seconds(drill.figures.rpo_seconds)}</td>
            <td class="c4"><bdi>{visible(&drill.by_name)}</bdi><span class="sub">{drill.trigger.word()}</span></td>
        </tr>
    }
    .into_any()
}

/// The reason of a verdict that isn't `passed`; of one that is, what it didn't test.
fn why(drill: &Drill) -> Option<AnyView> {
    let text = match &drill.failure {
        Some(failure) => failure.words.clone(),
        None if drill.verdict == Some(Verdict::Passed) => format!("not tested: {}", untested(drill)?),
        None => return None,
    };
    Some(view! { <span class="sub">{visible(&text)}</span> }.into_any())
}

fn backup(drill: &Drill) -> AnyView {
    match &drill.backup {
        Some(backup) => view! {
            <bdi class="label">{visible(&backup.label)}</bdi>
            <span class="sub"><bdi>{visible(&backup.source)}</bdi>", asked for "{drill.choice.words()}</span>
        }
        .into_any(),
        None => view! { {visible(&drill.choice.words())} }.into_any(),
    }
}

fn figures(drill: &Drill) -> String {
    format!(
        "RTO {}, RPO {}",
        seconds(drill.figures.rto_seconds),
        seconds(drill.figures.rpo_seconds)
    )
}

/// A figure, or that there is none.
pub fn seconds(seconds: Option<u32>) -> String {
    seconds.map_or_else(|| "–".to_owned(), |seconds| span(seconds.into()))
}

/// One that isn't over.
pub fn now_row(stored: &StoredDrill, now: Timestamp) -> AnyView {
    let drill = &stored.drill;
    let (word, says) = standing(stored);
    let since = drill.started_at.unwrap_or(drill.queued_at);
    let at_phase = drill.phases.last().map(|last| format!(", at “{}”", phase(last.name)));
    view! {
        <li id=format!("open-{}", drill.id)>
            <p>
                <StatusWord word text=says />" "
                <a href=href(drill.id)><bdi>{visible(&drill.deployment)}</bdi>", "{visible(&drill.choice.words())}</a>
                {at_phase}", since "<Moment at=since now show=Show::Ago />
            </p>
        </li>
    }
    .into_any()
}
