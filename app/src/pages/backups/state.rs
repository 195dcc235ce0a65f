//! What the address of the page holds. Each form of it changes a part and carries the rest along.

use leptos::prelude::*;

use crate::components::Address;

/// Everything but the page of the list, which no form keeps.
const PARAMETERS: [&str; 9] = [
    "deployment",
    "range",
    "at",
    "verdict",
    "sort",
    "text",
    "kind",
    "status",
    "source",
];

/// Hidden fields for all that a form doesn't ask itself.
#[component]
pub fn Kept(address: Address, asked: &'static [&'static str]) -> impl IntoView {
    let kept = PARAMETERS.into_iter().filter(|name| !asked.contains(name));
    let fields: Vec<_> = kept
        .filter_map(|name| Some((name, address.get(name)?.to_owned())))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    fields
}
