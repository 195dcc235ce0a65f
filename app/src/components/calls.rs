//! What waits for a person. With nothing waiting the block is left out.

use leptos::prelude::*;

use super::status::{StatusWord, Word};

/// One thing that somebody has to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    pub word: Word,
    /// How urgent, in words: “Waits for you”, “Fix today”, “Cannot tell”.
    pub urgency: String,
    pub title: String,
    /// What it is about and what happens if nobody does it.
    pub text: String,
    pub href: String,
    /// Words of the button.
    pub action: String,
}

/// The calls, most urgent first.
#[component]
pub fn Calls(calls: Vec<Call>) -> impl IntoView {
    let rows: Vec<_> = calls.into_iter().map(row).collect();
    (!rows.is_empty()).then(|| view! { <ol class="calls" id="calls" aria-label="What waits for a person">{rows}</ol> })
}

fn row(call: Call) -> impl IntoView {
    let class = if call.word == Word::WaitsForYou {
        "button primary"
    } else {
        "button"
    };
    view! {
        <li>
            <p><StatusWord word=call.word text=call.urgency /></p>
            <h2>{call.title}</h2>
            <p>{call.text}</p>
            <a class=class href=call.href>{call.action}</a>
        </li>
    }
}
