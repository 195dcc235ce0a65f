//! `/runbook/{deployment}`: the runbook with the facts of this minute, and how old the copy is that would be left without Muster.

use chrono::TimeDelta;
use domain::role::Action;
use domain::runbook::{Runbook, Section};
use domain::time::{Timestamp, ago};
use leptos::prelude::*;
use recovery::Error;
use recovery::runbook::{self as book, Copy};

use crate::components::{PageHead, Place, Sheet, StatusWord, Word, visible};
use crate::pages::{Opened, Visit, open};
use crate::runbook::{BlockView, Unknown};

/// A copy that is older than this was missed: one is written each day.
const OVERDUE: TimeDelta = TimeDelta::hours(50);

#[component]
pub fn RunbookPage() -> impl IntoView {
    open(Place::Overview, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let named = visit.params.get("deployment").unwrap_or_default();
    visit.actor.may(Action::Read, visit.services.settings.approvals.roles)?;
    let runbook = book::cached(&visit.services, &named).await?;
    let copy = book::newest(&visit.services.store, &named).await?;
    let body = view! { <RunbookContent runbook copy now=visit.now /> }.into_any();
    Ok(Opened::new(format!("Runbook of {named}"), body).about(named))
}

/// The content of the page.
#[component]
pub fn RunbookContent(runbook: Runbook, copy: Copy, now: Timestamp) -> impl IntoView {
    let name = runbook.deployment.clone();
    let download = format!("/runbook/{name}/runbook.html");
    let lede = view! {
        "The documented full-disaster procedure with the facts of now and the exact commands, for a restore without Muster. It holds no secret."
    }
    .into_any();
    let actions = view! { <a class="button" href=download download>"Download"</a> }.into_any();
    let chapters: Vec<_> = runbook.sections.iter().cloned().map(chapter).collect();
    view! {
        <PageHead title=view! { "Runbook of "{visible(&name)} }.into_any() lede actions />
        <Sheet id="copy" title="The copy outside" note="written each day">
            {written(&copy, now)}
            <Unknown runbook=runbook.clone() />
        </Sheet>
        {chapters}
    }
}

fn written(copy: &Copy, now: Timestamp) -> AnyView {
    let failed = copy.failed.as_ref().map(|(why, at)| {
        view! { <p><StatusWord word=Word::Broken text="not written" />" "{ago(*at, now)}": "{visible(why)}</p> }
    });
    let newest = match &copy.written {
        None => view! { <p><StatusWord word=Word::Unknown text="none yet" />" A worker writes the first one within minutes of its start."</p> }.into_any(),
        Some((lies, at)) => {
            let (word, text) = if now - *at > OVERDUE { (Word::Broken, "overdue") } else { (Word::Ok, "written") };
            view! { <p><StatusWord word text=text />" "{ago(*at, now)}": "<code class="label">{visible(lies)}</code></p> }.into_any()
        }
    };
    view! { {newest}{failed} }.into_any()
}

fn chapter(section: Section) -> impl IntoView {
    let blocks: Vec<_> = section
        .blocks
        .into_iter()
        .map(|block| view! { <BlockView block /> })
        .collect();
    view! { <Sheet id=section.id title=section.title><div class="runbook">{blocks}</div></Sheet> }
}
