//! The log as a list, newest first.

use leptos::prelude::*;
use recovery::Error;
use recovery::audit::{self, Listed};

use super::filters::{Filters, Saved, filter, is_narrow};
use super::rows::rows;
use crate::components::{Address, Blank, PageHead, PageLink, Pager, Place, Sheet};
use crate::pages::overview::count;
use crate::pages::standing::Reader;
use crate::pages::words::grouped;
use crate::pages::{Opened, Visit, open};

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Log {
    pub listed: Listed,
    pub address: Address,
    pub reader: Reader,
}

/// `/audit`.
#[component]
pub fn Audit() -> impl IntoView {
    open(Place::Audit, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let listed = audit::list(&visit.services, &visit.actor, &filter(&visit.address)).await?;
    let log = Log {
        listed,
        address: visit.address.clone(),
        reader: visit.reader(),
    };
    Ok(Opened::new("Audit", view! { <LogContent log /> }.into_any()))
}

/// The content of the page.
#[component]
pub fn LogContent(log: Log) -> impl IntoView {
    let lede = "Who did what, when and with what outcome. Nothing here can be changed, only added.".into_any();
    let actions = view! {
        <form method="get" action="/audit/export"><button class="button" type="submit">"Export"</button></form>
    }
    .into_any();
    let size = u64::try_from(log.listed.size).unwrap_or_default();
    let note = format!("{} in the log", entries(size));
    view! {
        <PageHead title="Audit".into_any() lede actions />
        <Sheet id="entries" title="Entries" note hold=true>
            <Saved address=log.address.clone() />
            <Filters address=log.address.clone() />
            <Entries log />
        </Sheet>
    }
}

fn entries(number: u64) -> String {
    if number == 1 {
        "1 entry".into()
    } else {
        format!("{} entries", grouped(number))
    }
}

#[component]
fn Entries(log: Log) -> impl IntoView {
    let narrow = is_narrow(&filter(&log.address));
    if log.listed.entries.is_empty() {
        return empty(narrow);
    }
    let shown = count(log.listed.entries.len(), "entry", "entries");
    let shows = format!(
        "{shown} shown, newest first. What reaches outside Muster is written twice: the intent before, the outcome after."
    );
    let links = links(&log);
    let now = log.reader.now;
    view! {
        <section class="scroll-x" tabindex="0" aria-label="Entries of the log">
            <table class="entries">
                <thead>
                    <tr>
                        <th scope="col" class="num c3">"Entry"</th>
                        <th scope="col">"Time"</th>
                        <th scope="col" class="c3">"Who"</th>
                        <th scope="col">"Action"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col" class="c3">"What"</th>
                    </tr>
                </thead>
                <tbody>{rows(log.listed, now)}</tbody>
            </table>
        </section>
        <Pager shows links />
    }
    .into_any()
}

fn empty(narrow: bool) -> AnyView {
    if narrow {
        let all = view! { <a class="button" href="/audit">"Show all"</a> }.into_any();
        return view! { <Blank title="No entry fits" action=all>"Nothing in the log has all of this."</Blank> }
            .into_any();
    }
    view! { <Blank title="Nothing has been done yet">"The first sign-in will be the first entry."</Blank> }.into_any()
}

fn links(log: &Log) -> Vec<PageLink> {
    let link = |label: &str, address: Address| PageLink {
        label: label.into(),
        href: Some(address.to_string()),
    };
    let newest = log
        .address
        .get("before")
        .map(|_| link("Newest", log.address.without("before")));
    let older = log
        .listed
        .next
        .map(|number| link("Older", log.address.with("before", number.to_string())));
    newest.into_iter().chain(older).collect()
}
