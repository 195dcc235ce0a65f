//! What a plan does, in sentences. The nouns that matter are bold; names from outside show what is hidden in them.

use domain::plan::{Delivery, Pinned, RestoreDump, RetrieveKey};
use leptos::prelude::*;

use crate::components::visible;
use crate::pages::overview::count;
use crate::pages::words::grouped;

/// A name from outside, in bold.
pub fn name(text: &str) -> AnyView {
    view! { <b><bdi>{visible(text)}</bdi></b> }.into_any()
}

/// One line: what happens to what.
#[must_use]
pub fn title(pinned: &Pinned) -> AnyView {
    match pinned {
        Pinned::RestoreDump(plan) => {
            view! { "Restore "{name(&plan.backup)}" into a new database "{name(plan.target.database.as_str())}"." }
                .into_any()
        }
        Pinned::RetrieveKey(plan) => {
            view! { "Retrieve version "{name(&plan.version)}" of the master key from "{name(&plan.manager)}"." }
                .into_any()
        }
    }
}

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(pinned: &Pinned) -> AnyView {
    match pinned {
        Pinned::RestoreDump(plan) => restore(plan),
        Pinned::RetrieveKey(plan) => retrieve(plan),
    }
}

fn restore(plan: &RestoreDump) -> AnyView {
    let target = &plan.target;
    let rows = plan.rows.values().map(|rows| rows.0).sum();
    let tables = count(plan.rows.len(), "table", "tables");
    let settings = match plan.settings.len() {
        0 => String::new(),
        many => format!(
            "Replay {} that pg_restore leaves out. ",
            count(many, "setting", "settings")
        ),
    };
    let key = match &plan.key_fingerprint {
        Some(key) => view! { "Open its envelopes with key "{name(&key.short())}". " }.into_any(),
        None => "Its envelopes stay sealed: no key at hand opens them. ".into_any(),
    };
    view! {
        "Read the dump "{name(&plan.backup)}" again: it has to be the same, byte for byte. Make the empty database "
        {name(target.database.as_str())}" on "{name(&target.server)}", owned by "{name(&target.owner)}", and restore schema and data into it. "
        {settings}"Count its "{tables}": "<b>{grouped(rows)}</b>" rows, as many as in the dump. "{key}
        "Nothing that exists is changed: Ampora goes on with the database it has."
    }
    .into_any()
}

fn retrieve(plan: &RetrieveKey) -> AnyView {
    let how = match &plan.delivery {
        Delivery::ShownOnce => {
            "show it to the requester in one response, for 60 s, after a login of their own for exactly this. It is kept nowhere else.".into_any()
        }
        Delivery::Sealed { recipient } => view! {
            "hand it to the requester sealed to the age recipient "<code class="label">{visible(recipient)}</code>
            ", after a login of their own for exactly this. Only the holder of that identity can open it."
        }
        .into_any(),
    };
    view! {
        "Read version "{name(&plan.version)}" from "{name(&plan.manager)}", make sure that it is still the key "
        {name(&plan.fingerprint.short())}", and "{how}
    }
    .into_any()
}
