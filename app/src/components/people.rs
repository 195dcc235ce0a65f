//! Who asked, who decided, and which place is open.

use domain::ids::Person;
use domain::time::Timestamp;
use leptos::prelude::*;

use super::mark::{Mark, StatusMark};
use super::moment::Moment;
use super::quoted::QuotedText;

/// What one person did about a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Did {
    pub name: String,
    /// “requested”, “approved”, “rejected”, “withdrew”.
    pub did: &'static str,
    pub at: Timestamp,
    /// How it is known that it was them: the age of their login, its factor.
    pub by: String,
    /// What they wrote.
    pub note: String,
    pub person: Person,
}

/// The people of a request in order, then the open place. `open` says who may take it.
#[component]
pub fn People(
    did: Vec<Did>,
    now: Timestamp,
    /// Heading and sentence of the open place.
    #[prop(optional_no_strip)]
    open: Option<(String, String)>,
) -> impl IntoView {
    let rows: Vec<_> = did.into_iter().map(|did| row(did, now)).collect();
    view! {
        <ol class="people">
            {rows}
            {open.map(|(title, about)| view! {
                <li class="open">
                    <StatusMark mark=Mark::PersonOpen />
                    <b>{title}</b>
                    <p>{about}</p>
                </li>
            })}
        </ol>
    }
}

fn row(did: Did, now: Timestamp) -> impl IntoView {
    view! {
        <li>
            <StatusMark mark=Mark::PersonDone />
            <b>{did.name}" "{did.did}</b>
            <p><Moment at=did.at now />{(!did.by.is_empty()).then(|| format!("; {}", did.by))}</p>
            {(!did.note.is_empty()).then(|| view! { <p><QuotedText text=did.note /></p> })}
            <span class="identity">{did.person.issuer}" · "{did.person.subject}</span>
        </li>
    }
}
