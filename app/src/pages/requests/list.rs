//! The list of requests: first what waits for this person, then all of them, newest first.

use leptos::prelude::*;
use recovery::Error;
use recovery::approvals::{self, Filter, Listed};

use super::rows::Rows;
use crate::components::{Address, Banner, Call, Calls, PageHead, Place, SelectField, Sheet, TextField, Word};
use crate::pages::overview::{Links, Waiting, cannot_request};
use crate::pages::standing::Reader;
use crate::pages::{Opened, Visit, open};

/// What `state` in the address selects, and what it is called.
const STATES: [(&str, &str); 8] = [
    ("", "any"),
    ("pending", "pending"),
    ("approved", "approved"),
    ("consumed", "run"),
    ("rejected", "rejected"),
    ("withdrawn", "withdrawn"),
    ("expired", "expired"),
    ("stale", "stale"),
];

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct List {
    pub reader: Reader,
    pub address: Address,
    pub links: Links,
    /// Those that are pending or approved, whatever the filter says.
    pub open: Vec<Listed>,
    pub rows: Vec<Listed>,
    /// Where the next page goes on.
    pub next: Option<i64>,
    /// Why this person can't ask for anything.
    pub cannot_request: Option<String>,
    /// The identity provider didn't say when the last login took place that was asked for anew.
    pub unproven_logins: bool,
}

/// `/requests`.
#[component]
pub fn Requests() -> impl IntoView {
    open(Place::Requests, load)
}

async fn load(visit: Visit) -> Result<Opened, Error> {
    let Visit {
        services,
        actor,
        address,
        links,
        ..
    } = &visit;
    let waiting = Filter {
        states: vec!["pending".into(), "approved".into()],
        ..Filter::default()
    };
    let (rows, next) = approvals::listed(services, actor, &filter(address)).await?;
    let reader = visit.reader();
    let list = List {
        open: approvals::listed(services, actor, &waiting).await?.0,
        address: address.clone(),
        links: links.clone(),
        cannot_request: cannot_request(actor, reader.policy.roles),
        unproven_logins: services.provider.proves_fresh_logins() == Some(false),
        reader,
        rows,
        next,
    };
    Ok(Opened::new("Requests", view! { <ListContent list /> }.into_any()))
}

fn filter(address: &Address) -> Filter {
    let known = STATES
        .iter()
        .find(|(state, _)| !state.is_empty() && address.get("state") == Some(*state));
    Filter {
        states: known.map(|(state, _)| (*state).to_owned()).into_iter().collect(),
        deployment: address.get("deployment").map(Into::into),
        text: address.get("text").map(Into::into),
        before: address.get("before").and_then(|number| number.parse().ok()),
    }
}

/// The content of the page.
#[component]
pub fn ListContent(list: List) -> impl IntoView {
    let calls = calls(&list);
    let lede =
        "A restore or a key retrieval runs only after two people agreed to exactly its plan. Silence never approves."
            .into_any();
    let actions = new_request(list.cannot_request.clone());
    view! {
        <PageHead title=sentence(&list) says=true lede actions />
        {list.unproven_logins.then(unproven_logins)}
        <Calls calls />
        <Sheet id="requests" title="All requests" note="newest first" hold=true>
            <Filters address=list.address.clone() />
            <Rows list />
        </Sheet>
    }
}

fn unproven_logins() -> AnyView {
    view! {
        <Banner word=Word::Broken title="This issuer can’t prove fresh logins: approvals need passkeys.">
            "Its last login for a decision carried no auth_time, so it was refused, and so will be the next. Ask its operator to send auth_time."
        </Banner>
    }
    .into_any()
}

/// How many wait, and for whom.
fn sentence(list: &List) -> AnyView {
    let open = list.open.iter().map(|listed| &listed.stored);
    let open: Vec<_> = open
        .filter(|stored| !stored.request.state_at(list.reader.now).is_over())
        .collect();
    let mine = open.iter().filter(|stored| list.reader.is_called(stored)).count();
    let others = open.len() - mine;
    match (mine, others) {
        (0, 0) => "Requests: nothing waits.".into_any(),
        (0, others) => view! { "Requests: "<b>{others}</b>" "{wait(others)}" for others, none for you." }.into_any(),
        (mine, 0) => view! { "Requests: "<b>{mine}</b>" "{wait(mine)}" for you." }.into_any(),
        (mine, others) => {
            view! { "Requests: "<b>{mine}</b>" "{wait(mine)}" for you, "{others}" for others." }.into_any()
        }
    }
}

const fn wait(number: usize) -> &'static str {
    if number == 1 { "waits" } else { "wait" }
}

fn new_request(barred: Option<String>) -> AnyView {
    match barred {
        None => view! {
            <form method="get" action="/requests/new"><button class="button" type="submit">"New request"</button></form>
        }
        .into_any(),
        Some(why) => view! {
            <div>
                <button class="button" type="button" disabled=true aria-describedby="about-new">"New request"</button>
                <p class="sub" id="about-new">{why}</p>
            </div>
        }
        .into_any(),
    }
}

fn calls(list: &List) -> Vec<Call> {
    let called = list.open.iter().filter(|listed| list.reader.is_called(&listed.stored));
    let waiting = called.filter_map(|listed| Waiting::of(&list.reader, listed));
    waiting
        .map(|waiting| waiting.call(&list.links, list.reader.now))
        .collect()
}

#[component]
fn Filters(address: Address) -> impl IntoView {
    let value = |name: &str| address.get(name).unwrap_or_default().to_owned();
    let choices = STATES
        .iter()
        .map(|(state, called)| ((*state).into(), (*called).into()))
        .collect();
    let deployment = address
        .get("deployment")
        .map(|name| view! { <input type="hidden" name="deployment" value=name.to_owned() /> });
    view! {
        <form class="filters" method="get" action="/requests">
            {deployment}
            <TextField name="text" label="Text or number" value=value("text") kind="search" wide=true />
            <SelectField name="state" label="State" choices value=value("state") />
            <div class="actions"><button class="button" type="submit">"Search"</button></div>
        </form>
    }
}
