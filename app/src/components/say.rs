//! The sentence that opens the Overview, and the grounds of each part of it.

use leptos::prelude::*;

/// How one part of the sentence is known.
#[component]
pub fn Ground(
    /// The part, as it stands in the sentence.
    #[prop(into)]
    part: String,
    /// Age and source.
    seen: AnyView,
    children: Children,
) -> impl IntoView {
    view! {
        <li>
            <b>{part}</b>
            <span>{children()}</span>
            {seen}
        </li>
    }
}

/// The sentence as the page's only `h1`, then its [`Ground`]s.
#[component]
pub fn Say(sentence: AnyView, children: Children) -> impl IntoView {
    view! {
        <div>
            <h1 class="say">{sentence}</h1>
            <ul class="known" aria-label="How this is known">{children()}</ul>
        </div>
    }
}
