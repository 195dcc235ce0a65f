//! Who asked, who decided and how that is proven, and which place is open.

use domain::approval::{Approval, Decision, Request, State};
use domain::role::Action;
use domain::time::span;
use leptos::prelude::*;
use recovery::approvals::{Decided, Seen};

use crate::components::{Did, People, StatusWord, Word, visible};
use crate::pages::overview::plain;
use crate::pages::standing::Reader;

/// The state's word, and how many of those who are needed agree.
#[must_use]
pub fn note(request: &Request, reader: &Reader) -> String {
    let state = request.state_at(reader.now);
    let quorum = reader.policy.quorum.people();
    match &state {
        State::Pending { approvals, .. } | State::Approved { approvals, .. } | State::Consumed { approvals, .. } => {
            format!("{}: {} of {quorum} people", state.word(), approvals.len() + 1)
        }
        over => over.word().into(),
    }
}

/// The people in order.
#[must_use]
pub fn people(seen: &Seen, reader: &Reader) -> AnyView {
    let request = &seen.stored.request;
    let mut did = vec![requested(request)];
    did.extend(seen.decisions.iter().map(decided));
    did.extend(withdrew(request));
    let now = reader.now;
    let open = open_place(request, reader);
    let missing = unproven(request, &seen.decisions);
    let missing = (!missing.is_empty()).then(|| view! { <Unproven names=missing /> });
    view! { <People did now open />{missing} }.into_any()
}

fn requested(request: &Request) -> Did {
    Did {
        name: plain(&request.requester_name),
        did: "requested",
        at: request.created_at,
        by: String::new(),
        note: String::new(),
        person: request.requester.clone(),
    }
}

fn decided(decided: &Decided) -> Did {
    let challenge = &decided.challenge;
    let roles: Vec<_> = decided.roles.iter().map(|role| role.word()).collect();
    let after = span((decided.at - challenge.created_at).num_seconds().max(0));
    Did {
        name: plain(&decided.name),
        did: if challenge.decision == Decision::Approve {
            "approved"
        } else {
            "rejected"
        },
        at: decided.at,
        by: format!(
            "as {}, by a login of its own, {after} after it was asked for",
            roles.join(" and ")
        ),
        note: decided.note.clone(),
        person: challenge.person.clone(),
    }
}

fn withdrew(request: &Request) -> Option<Did> {
    let State::Withdrawn { at } = request.state else {
        return None;
    };
    Some(Did {
        did: "withdrew",
        at,
        ..requested(request)
    })
}

/// Approvals in the row that no login stands behind: somebody wrote them into the database.
fn unproven(request: &Request, decisions: &[Decided]) -> Vec<String> {
    let bare = |approval: &&Approval| {
        !decisions
            .iter()
            .any(|decided| decided.challenge.person == approval.person)
    };
    let approvals = request.state.approvals().iter();
    approvals.filter(bare).map(|approval| approval.name.clone()).collect()
}

#[component]
fn Unproven(names: Vec<String>) -> impl IntoView {
    let rows: Vec<_> = names
        .iter()
        .map(|name| {
            view! {
                <li>
                    <StatusWord word=Word::Broken text="no proof" />" The row says that "<bdi>{visible(name)}</bdi>
                    " approved, and no login stands behind it. The runner will refuse it. Somebody may have written into the database."
                </li>
            }
        })
        .collect();
    view! { <ul class="note">{rows}</ul> }
}

/// Who may take the place that is still open.
fn open_place(request: &Request, reader: &Reader) -> Option<(String, String)> {
    let State::Pending { approvals, .. } = request.state_at(reader.now) else {
        return None;
    };
    let place = match approvals.len() + 2 {
        2 => "Second person".to_owned(),
        3 => "Third person".to_owned(),
        number => format!("Person {number}"),
    };
    let roles = Action::Decide.allowed_roles(reader.policy.roles);
    let about = format!(
        "Anyone else with the role {roles} may decide. One rejection ends it. Silence expires, it never approves."
    );
    Some((format!("{place}: nobody yet"), about))
}
