//! No fact without age and source.

use domain::time::Timestamp;
use leptos::prelude::*;

use super::moment::{Moment, Show};

/// `41 s ago · pgbr-main`. Past its limit it is marked, and whatever it stands at has to say unknown.
#[component]
pub fn Seen(
    /// When it was read. `None`: never.
    at: Option<Timestamp>,
    now: Timestamp,
    /// The configured sources, as people know them.
    #[prop(optional, into)]
    source: Option<String>,
    /// Older than its limit.
    #[prop(optional)]
    past: bool,
) -> impl IntoView {
    let age = match at {
        Some(at) => view! { <Moment at now show=Show::Ago /> }.into_any(),
        None => "not read yet".into_any(),
    };
    let past = (past || at.is_none()).then_some("past");
    view! {
        <span class="seen" data-age=past>
            {age}
            {source.map(|source| view! { " · "<span class="source">{source}</span> })}
        </span>
    }
}
