//! Rows of the log. An intent and its outcome are two entries and one act: side by side they are joined by a bracket, apart by a link.

use std::collections::BTreeMap;

use domain::audit::{Entry, Phase, Who};
use domain::ids::RequestId;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::audit::{AuditRow, Joined, Listed};

use crate::components::{Moment, StatusWord, Word, visible};
use crate::pages::words::grouped;

/// The rows, in their order.
#[must_use]
pub fn rows(listed: Listed, now: Timestamp) -> Vec<AnyView> {
    let Listed { entries, requests, .. } = listed;
    let classes = brackets(&entries);
    let rows = entries.iter().zip(classes);
    rows.map(|(joined, class)| row(joined, class, &requests, now)).collect()
}

/// `outcome` for an entry whose intent is the next one, `intent` for that one.
fn brackets(entries: &[Joined]) -> Vec<Option<&'static str>> {
    let joins = |outcome: &Joined, intent: &Joined| outcome.row.entry.intent == Some(intent.row.entry.id);
    let class = |(index, entry): (usize, &Joined)| {
        let below = entries.get(index + 1).is_some_and(|below| joins(entry, below));
        let above = index > 0 && joins(&entries[index - 1], entry);
        match (below, above) {
            (true, _) => Some("outcome"),
            (_, true) => Some("intent"),
            _ => None,
        }
    };
    entries.iter().enumerate().map(class).collect()
}

fn row(joined: &Joined, class: Option<&'static str>, requests: &BTreeMap<RequestId, i64>, now: Timestamp) -> AnyView {
    let Joined { row, other } = joined;
    let entry = &row.entry;
    let request = entry.request.and_then(|id| requests.get(&id)).copied();
    let link = (class.is_none() && other.is_some()).then(|| half(entry.phase, other.as_ref()));
    view! {
        <tr id=format!("entry-{}", entry.id) class=class>
            <td class="num no c3">{place(row)}</td>
            <td><a href=format!("/audit/{}", entry.id)><Moment at=entry.at now /></a></td>
            <td class="c3">{who(&entry.who)}</td>
            <td class="action">
                {visible(&entry.action)}
                <span class="sub when-narrow">{who(&entry.who)}" · "{what(entry, request)}</span>
            </td>
            <td>{outcome(joined)}{link}</td>
            <td class="c3">{what(entry, request)}</td>
        </tr>
    }
    .into_any()
}

/// The place in the log; an entry that was just written waits for it.
pub fn place(row: &AuditRow) -> AnyView {
    match row.index {
        Some(index) => grouped(index.unsigned_abs()).into_any(),
        None => view! { <span title="numbered within a second">"…"</span> }.into_any(),
    }
}

fn who(who: &Who) -> AnyView {
    view! { <bdi title=format!("{} · {}", who.person.issuer, who.person.subject)>{visible(&who.name)}</bdi> }.into_any()
}

/// The object in words, with a link to its request and the reason of a refusal.
fn what(entry: &Entry, request: Option<i64>) -> AnyView {
    let object = visible(&entry.object);
    let named = match request {
        Some(number) => view! { <a href=format!("/requests/{number}")>{object}</a> }.into_any(),
        None => object.into_any(),
    };
    let why = ["why", "result", "plan"]
        .iter()
        .find_map(|name| entry.detail.get(*name))
        .cloned();
    view! { {named}{why.map(|why| view! { <span class="sub">{visible(&why)}</span> })} }.into_any()
}

/// The entry's own word. An intent whose end nobody has written down is not known to have ended well.
pub fn outcome(joined: &Joined) -> AnyView {
    let entry = &joined.row.entry;
    if entry.phase == Phase::Intent {
        return match joined.other {
            Some(_) => view! { <StatusWord word=Word::Waiting text="intent" /> }.into_any(),
            None => view! { <StatusWord word=Word::Unknown text="no outcome yet" /> }.into_any(),
        };
    }
    view! { <StatusWord word=Word::of_entry(entry.phase, entry.outcome) /> }.into_any()
}

/// A link to the other half of the act.
pub fn half(phase: Phase, other: Option<&AuditRow>) -> AnyView {
    let Some(other) = other else { return ().into_any() };
    let name = if phase == Phase::Intent { "outcome" } else { "intent" };
    view! { <span class="sub"><a href=format!("/audit/{}", other.entry.id)>{name}</a></span> }.into_any()
}
