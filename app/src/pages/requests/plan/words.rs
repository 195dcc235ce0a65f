//! What a plan does, in sentences. The nouns that matter are bold; names from outside show what is hidden in them.

use domain::plan::{Delivery, KeyCatchUp, Pinned, RestoreDump, RetrieveKey};
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
        Pinned::RestorePitr(_) => pinned.title().into_any(),
        Pinned::RetrieveKey(plan) => {
            let to = match &plan.delivery {
                Delivery::Placed(place) => view! { " into "{name(&place.manager)} }.into_any(),
                Delivery::Split { .. } => " as two sealed shares".into_any(),
                Delivery::ShownOnce | Delivery::Sealed { .. } => ().into_any(),
            };
            view! { "Retrieve version "{name(&plan.version)}" of the master key from "{name(&plan.manager)}{to}"." }
                .into_any()
        }
        Pinned::RestoreRds(_) => pinned.title().into_any(),
        Pinned::Repoint(plan) => {
            view! { "Point "{name(&plan.ampora.name)}" at "{name(plan.to.database.as_str())}"." }.into_any()
        }
        Pinned::DrillWithKey(plan) => super::standing::title(plan),
        Pinned::DrillOnRds(_) => pinned.title().into_any(),
        Pinned::FullDisaster(plan) => view! {
            "Bring "{name(&plan.cluster.name)}" up on "{name(&plan.cluster.cluster)}" with "{name(&plan.database.backup)}"."
        }
        .into_any(),
        Pinned::KeyCatchUp(plan) => {
            view! { "Catch "{name(&plan.manager)}" up with the key in use, "{name(&plan.fingerprint.short())}"." }
                .into_any()
        }
    }
}

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(pinned: &Pinned) -> AnyView {
    match pinned {
        Pinned::RestoreDump(plan) => restore(plan),
        Pinned::RestorePitr(plan) => super::set_back::sentences(plan),
        Pinned::RetrieveKey(plan) => retrieve(plan),
        Pinned::KeyCatchUp(plan) => catch_up(plan),
        Pinned::Repoint(plan) => super::repoint::sentences(plan),
        Pinned::RestoreRds(plan) => super::managed::sentences(plan),
        Pinned::DrillWithKey(plan) => super::standing::sentences(plan),
        Pinned::DrillOnRds(plan) => super::copies::sentences(plan),
        Pinned::FullDisaster(plan) => super::disaster::sentences(plan),
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
        Delivery::Split { recipients: [one, other] } => view! {
            "split it with a random pad that is drawn for this once. Hand the requester two shares, sealed to the age recipients "
            <code class="label">{visible(one)}</code>" and "<code class="label">{visible(other)}</code>
            ", after a login of their own for exactly this. Each share alone says nothing of the key; both, joined by exclusive or, are it."
        }
        .into_any(),
        Delivery::Placed(place) => view! {
            "make the new secret "{name(&place.manager)}" of it, where nothing is now. No person sees it, and nothing is ever written over. \
             Then read the new place and compare the fingerprint."
        }
        .into_any(),
    };
    view! {
        "Read version "{name(&plan.version)}" from "{name(&plan.manager)}", make sure that it is still the key "
        {name(&plan.fingerprint.short())}", and "{how}
    }
    .into_any()
}

fn catch_up(plan: &KeyCatchUp) -> AnyView {
    let again = plan.held_as.as_ref().map(|version| {
        view! { " Version "{name(version)}" is this key already, but not the current one; it stays as it is." }
    });
    view! {
        "Ampora runs with key "{name(&plan.fingerprint.short())}", read from "{name(&plan.source)}", and "{name(&plan.manager)}
        " doesn’t have it as its current version: whoever recovers by the manager gets a key that opens nothing. Prove on the live database \
         that the key in use opens every sampled envelope, then write it behind version "{name(&plan.expected)}
        " as the new current one, if that version is still current. Read it back, and prove the keys again."{again}
        " Nothing of Ampora changes, and Muster deletes no version."
    }
    .into_any()
}
