//! A statement with its mark, inside a sentence.

use leptos::prelude::*;

use crate::components::{StatusMark, Word};

/// The mark never ends a line without the first word of what it marks. `href` leads to the proof.
#[component]
pub fn Marked(word: Word, #[prop(into)] text: String, #[prop(optional, into)] href: Option<String>) -> impl IntoView {
    let (first, rest) = text.split_once(' ').map_or((text.as_str(), ""), |parts| parts);
    let (first, rest) = (first.to_owned(), format!(" {rest}"));
    let marked = view! { <span class="nowrap"><StatusMark mark=word.mark() />{first}</span>{rest} };
    let marked = match href {
        Some(href) => view! { <a href=href>{marked}</a> }.into_any(),
        None => marked.into_any(),
    };
    view! { <span class="status" data-tone=word.tone()>{marked}</span> }
}
