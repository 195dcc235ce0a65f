//! Where nothing is to be shown: because there is nothing, or because it could not be read. Either says what follows from it.

use leptos::prelude::*;

use super::quoted::QuotedBlock;
use super::status::{StatusWord, Word};

/// There is nothing yet: what it is for, what its absence makes unknown, one way on.
#[component]
pub fn Blank(
    #[prop(into)] title: String,
    #[prop(optional)] action: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="blank">
            <h3>{title}</h3>
            <p>{children()}</p>
            {action.map(|action| view! { <div class="actions">{action}</div> })}
        </div>
    }
}

/// It could not be read: what failed, since when, what is shown instead. `said` is quoted word for word.
#[component]
pub fn Unread(
    #[prop(into)] title: String,
    #[prop(optional, into)] said: Option<String>,
    #[prop(optional)] action: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="blank">
            <h3><StatusWord word=Word::Unknown />" "{title}</h3>
            <p>{children()}</p>
            {said.map(|said| view! { <details><summary>"Show what it said"</summary><QuotedBlock text=said /></details> })}
            {action.map(|action| view! { <div class="actions">{action}</div> })}
        </div>
    }
}
