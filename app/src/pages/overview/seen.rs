//! How old the facts on a page are, and where they come from.

use domain::status::Status;
use leptos::prelude::*;
use recovery::overview::View;

use crate::components::Seen;

/// For what was drawn from all sources together: as old as the oldest reading, and past its limit if one is.
pub fn all_sources(view: &View) -> AnyView {
    let sources = &view.inventory.sources;
    let read = sources.iter().filter_map(|source| source.observed_at).min();
    let past = sources.iter().any(|source| source.status == Status::Unknown);
    view! { <Seen at=read now=view.now source="all sources" past /> }.into_any()
}
