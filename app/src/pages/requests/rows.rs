//! The rows of the list of requests.

use domain::approval::State;
use leptos::prelude::*;
use recovery::approvals::Listed;

use super::list::List;
use super::plan::title;
use crate::components::{Address, Blank, DigestCode, Moment, PageLink, Pager, QuotedText, StatusWord, visible};
use crate::pages::overview::{count, plain};

/// The requests that fit, or why there are none.
#[component]
pub fn Rows(list: List) -> impl IntoView {
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
    let href = format!("/requests/{}", request.number);
    let elsewhere = (request.deployment != list.links.deployment).then(|| {
        let name = visible(&request.deployment);
        view! { <span class="sub">"deployment "<bdi>{name}</bdi></span> }
    });
    let reason = (!stored.reason.is_empty())
        .then(|| view! { <span class="sub"><QuotedText text=stored.reason.clone() /></span> });
    let requester = request.requester_name.clone();
    view! {
        <tr id=format!("request-{}", request.number)>
            <td class="num">{request.number}</td>
            <th scope="row">
                <a href=href>{title(&stored.plan.pinned)}</a>
                {reason}
                {elsewhere}
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
