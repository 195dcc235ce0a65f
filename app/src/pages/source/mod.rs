//! One source: what it said last, how often it is asked, and how it stood over the last thirty days.

use domain::time::{Timestamp, ago, span};
use leptos::prelude::*;
use recovery::Error;
use recovery::overview::{self, LOOKED_BACK, SourceView, Verified};

mod history;

use super::overview::{Links, count, plain};
use super::{Opened, Visit, open};
use crate::components::{
    Fact, Facts, Moment, PageHead, Place, QuotedBlock, Seen, Sheet, Show, StatusWord, Word, visible,
};

/// `/sources/{source}`
#[component]
pub fn SourcePage() -> impl IntoView {
    open(Place::Backups, async |visit: Visit| {
        let missing = || Error::NotFound("source of this name".into());
        let name = visit.params.get_str("source").map(str::to_owned).ok_or_else(missing)?;
        let page = OneSource {
            seen: overview::source(&visit.services, &visit.actor, visit.deployment(), &name).await?,
            links: visit.links.clone(),
        };
        Ok(Opened::new(plain(&name), view! { <SourceContent page /> }.into_any()))
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct OneSource {
    pub seen: SourceView,
    pub links: Links,
}

/// The content of the page.
#[component]
pub fn SourceContent(page: OneSource) -> impl IntoView {
    let OneSource { seen, links } = page;
    view! {
        <Head seen=seen.clone() links=links.clone() />
        <div class="split">
            <div><History seen=seen.clone() /></div>
            <div><Now seen /></div>
        </div>
    }
}

#[component]
fn Head(seen: SourceView, links: Links) -> impl IntoView {
    let SourceView { line, now, .. } = seen;
    let past = line.status == domain::status::Status::Unknown;
    let title = view! { <bdi class="label">{visible(&line.name)}</bdi> }.into_any();
    let lede = view! {
        <StatusWord word=line.status />" "{visible(&line.detail)}" "<Seen at=line.observed_at now source=line.kind.clone() past />
    }
    .into_any();
    let crumb = ("Backups", "/backups", plain(&line.name));
    let backups = links.to("/backups").with("source", line.name.clone());
    let actions = view! { <a class="button" href=format!("{backups}#all")>"Its backups"</a> }.into_any();
    view! { <PageHead title crumb lede actions /> }
}

/// How it is read, and what the last attempt said if that failed.
#[component]
fn Now(seen: SourceView) -> impl IntoView {
    let SourceView {
        now,
        line,
        every_s,
        limit_s,
        failure,
        verified,
        ..
    } = seen;
    let read = line.observed_at.map_or_else(|| "never".into(), |at| ago(at, now));
    let failure = failure.map(|(at, said)| {
        view! {
            <Fact name="Latest attempt">{format!("failed {}", ago(at, now))}</Fact>
            <Fact name="What it said"><QuotedBlock text=said /></Fact>
        }
    });
    view! {
        <Sheet id="now" title="How it is read">
            <Facts>
                <Fact name="Kind">{visible(&line.kind)}</Fact>
                <Fact name="Read last">{read}</Fact>
                <Fact name="Is asked">{format!("every {}", span(every_s.into()))}<span class="sub">"less often while it fails"</span></Fact>
                <Fact name="Is believed for">{span(limit_s)}<span class="sub">"older than that, it is unknown"</span></Fact>
                {failure}
                {verified.map(|verified| whole(&verified, now))}
            </Facts>
        </Sheet>
    }
}

/// What reading every byte has shown.
fn whole(verified: &Verified, now: Timestamp) -> AnyView {
    let at = verified.at.map(|at| view! { ", "<Moment at now show=Show::Ago /> });
    let (word, said) = (Word::from(verified.status), visible(&verified.said));
    view! { <Fact name="Every byte, weekly"><StatusWord word />{at}<span class="sub">{said}</span></Fact> }.into_any()
}

#[component]
fn History(seen: SourceView) -> impl IntoView {
    let days = LOOKED_BACK.num_days();
    let spans = count(seen.stretches.len(), "span", "spans");
    let note = format!("the last {days} days: {spans}");
    view! { <Sheet id="history" title="How it stood" note>{history::table(&seen)}</Sheet> }
}

#[cfg(test)]
mod tests;
