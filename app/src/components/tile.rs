//! Tiles: one thing that must come back, its status, one figure, one line, and how old that is.

use leptos::prelude::*;

use super::status::{StatusWord, Word};

/// A row of tiles inside a sheet.
#[component]
pub fn Tiles(children: Children) -> impl IntoView {
    view! { <div class="tiles">{children()}</div> }
}

/// One tile. When its status changes while the page is open, the change is announced by its name.
#[component]
pub fn Tile(
    /// Unique in the page and the same after each reload: live updates find the tile by it.
    #[prop(into)]
    id: String,
    #[prop(into)] name: String,
    /// Page that proves it.
    #[prop(optional, into)]
    href: Option<String>,
    #[prop(into)] word: Word,
    /// The word where another one says more, such as “failed”.
    #[prop(optional, into)]
    says: Option<String>,
    /// The figure, or a few words in its place.
    #[prop(into)]
    figure: String,
    /// Age and source.
    seen: AnyView,
    /// One line: what it means, the limit, the last known value.
    children: Children,
) -> impl IntoView {
    let says = says.unwrap_or_else(|| word.text().into());
    let announced = format!("{name}: {says}");
    let title = match href {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => name.into_any(),
    };
    view! {
        <article class="tile" id=id data-status=word.status() data-announce=announced>
            <h3>{title}" "<StatusWord word text=says /></h3>
            <p class="figure">{figure}</p>
            <p class="about">{children()}</p>
            {seen}
        </article>
    }
}
