//! Banners: one line of truth about the page or about the thing it shows.

use leptos::prelude::*;

use super::mark::StatusMark;
use super::status::Word;

/// Mark, one bold sentence, one line, an action.
#[component]
pub fn Banner(
    #[prop(into)] word: Word,
    #[prop(into)] title: String,
    #[prop(optional)] action: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="banner" data-tone=word.tone() role="status">
            <StatusMark mark=word.mark() />
            <b>{title}</b>
            <p>{children()}</p>
            {action.map(|action| view! { <div class="actions">{action}</div> })}
        </div>
    }
}
