//! Copying to the clipboard. The button is there for people whose browser can do it (`islands::copy`); the text beside it can always be
//! selected.

use leptos::prelude::*;

/// Copies `text`. `what` ends its name: “Copy digest”.
#[component]
pub fn CopyButton(#[prop(into)] text: String, #[prop(into)] what: String) -> impl IntoView {
    view! {
        <button class="button tiny" type="button" data-copy=text>
            "Copy"
            <span class="visually-hidden">" "{what}</span>
        </button>
    }
}
