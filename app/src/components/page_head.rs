//! What a page opens with: where it belongs, its answer, one line, and what can be done here.

use leptos::prelude::*;

/// The page's head. `title` is the only `h1`; give it the class of a sentence by `says` where it is one.
#[component]
pub fn PageHead(
    title: AnyView,
    /// The title is an answer in words, not a name.
    #[prop(optional)]
    says: bool,
    /// The list this belongs to, as name and address, and the own name.
    #[prop(optional)]
    crumb: Option<(&'static str, &'static str, String)>,
    #[prop(optional)] lede: Option<AnyView>,
    #[prop(optional)] actions: Option<AnyView>,
) -> impl IntoView {
    view! {
        <header class="page-head">
            {crumb.map(|(name, href, own)| view! { <p class="crumb"><a href=href>{name}</a>" / "{own}</p> })}
            <h1 class=says.then_some("say small")>{title}</h1>
            {lede.map(|lede| view! { <p class="lede">{lede}</p> })}
            {actions.map(|actions| view! { <div class="actions">{actions}</div> })}
        </header>
    }
}
