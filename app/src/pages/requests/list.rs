//! The list of requests: first what waits for this person, then all of them, newest first.

use domain::approval::State;
use leptos::prelude::*;
use recovery::Error;
use recovery::approvals::{self, Filter, Listed};

use super::plan::title;
use crate::components::{
    Address, Blank, Call, Calls, DigestCode, Moment, PageHead, PageLink, Pager, Place, QuotedText, SelectField, Sheet,
    StatusWord, TextField, visible,
};
use crate::pages::overview::{Links, Waiting, cannot_request, count, plain};
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
        <Calls calls />
        <Sheet id="requests" title="All requests" note="newest first" hold=true>
            <Filters address=list.address.clone() />
            <Table list />
        </Sheet>
    }
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

#[component]
fn Table(list: List) -> impl IntoView {
    let filtered = ["text", "state", "before"]
        .iter()
        .any(|name| list.address.get(name).is_some());
    if list.rows.is_empty() {
        return empty(filtered).into_any();
    }
    let rows: Vec<_> = list.rows.iter().map(|listed| row(listed, &list)).collect();
    let shows = format!("{} shown.", count(rows.len(), "request", "requests"));
    let links = page_links(&list);
    view! {
        <section class="scroll-x" tabindex="0" aria-label="Requests">
            <table>
                <thead>
                    <tr>
                        <th scope="col" class="num">"No."</th>
                        <th scope="col">"Plan"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="c2">"Requested"</th>
                        <th scope="col" class="c3">"Decided by"</th>
                        <th scope="col" class="c4">"Digest"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
        <Pager shows links />
    }
    .into_any()
}

fn empty(filtered: bool) -> AnyView {
    if filtered {
        let all = view! { <a class="button" href="/requests">"Show all"</a> }.into_any();
        return view! { <Blank title="No request fits" action=all>"None has this state and this text."</Blank> }
            .into_any();
    }
    view! {
        <Blank title="Nobody has asked for anything yet">
            "A request puts a plan before a second person. Until a restore was run once, how long one takes is not known."
        </Blank>
    }
    .into_any()
}

fn row(listed: &Listed, list: &List) -> AnyView {
    let Listed { stored, run } = listed;
    let (request, now) = (&stored.request, list.reader.now);
    let standing = list.reader.standing(stored, run.as_ref());
    let href = list.links.to(&format!("/requests/{}", request.number)).to_string();
    let reason = (!stored.reason.is_empty())
        .then(|| view! { <span class="sub"><QuotedText text=stored.reason.clone() /></span> });
    let requester = request.requester_name.clone();
    view! {
        <tr id=format!("request-{}", request.number)>
            <td class="num">{request.number}</td>
            <th scope="row">
                <a href=href>{title(&stored.plan.pinned)}</a>
                {reason}
                <span class="sub when-phone"><bdi>{visible(&requester)}</bdi>", "<Moment at=request.created_at now /></span>
            </th>
            <td><StatusWord word=standing.word text=standing.says /></td>
            <td class="c2"><bdi>{visible(&requester)}</bdi><span class="sub"><Moment at=request.created_at now /></span></td>
            <td class="c3">{deciders(&request.state_at(now))}</td>
            <td class="c4"><DigestCode digest=request.digest /></td>
        </tr>
    }
    .into_any()
}

/// The people whose decision made the state what it is.
fn deciders(state: &State) -> String {
    let names: Vec<_> = match state {
        State::Rejected { name, .. } => vec![plain(name)],
        other => other.approvals().iter().map(|approval| plain(&approval.name)).collect(),
    };
    if names.is_empty() {
        "nobody".into()
    } else {
        names.join(", ")
    }
}

fn page_links(list: &List) -> Vec<PageLink> {
    let link = |label: &str, address: Address| PageLink {
        label: label.into(),
        href: Some(address.to_string()),
    };
    let newest = list
        .address
        .get("before")
        .map(|_| link("Newest", list.address.without("before")));
    let older = list
        .next
        .map(|number| link("Older", list.address.with("before", number.to_string())));
    newest.into_iter().chain(older).collect()
}
