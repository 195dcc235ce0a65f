//! Sections. A line of ink above, a heading, one line beside it, and the age of what is below.

use leptos::prelude::*;

/// A ruled section, labelled by its heading. Set `hold` on lists that may grow while somebody reads: new rows then wait behind a link.
#[component]
pub fn Sheet(
    /// Unique in the page; live updates find the section by it.
    #[prop(into)]
    id: String,
    #[prop(into)] title: String,
    /// One line beside the heading.
    #[prop(optional, into)]
    note: Option<String>,
    /// Age and source of the whole section.
    #[prop(optional)]
    seen: Option<AnyView>,
    #[prop(optional)] hold: bool,
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-heading");
    let labelled = heading.clone();
    view! {
        <section class="sheet" id=id aria-labelledby=labelled data-hold=hold.then_some("")>
            <header>
                <h2 id=heading>{title}</h2>
                {note.map(|note| view! { <p>{note}</p> })}
                {seen}
            </header>
            {children()}
        </section>
    }
}
