//! Keeps the page up to date. The server says that something changed, the page fetches itself and takes over what differs. Nothing is
//! told by the stream but that, so it holds no secret and a lost message costs nothing.

use leptos::prelude::*;

use super::link::Link;

/// Whether the page is live, in the masthead; and, unseen, what changed, for those who hear the page.
#[island]
pub fn Live() -> impl IntoView {
    let (link, set_link) = signal(Link::Off);
    let (news, tell) = signal(String::new());
    #[cfg(feature = "hydrate")]
    super::browser::stream::start(set_link, tell);
    #[cfg(not(feature = "hydrate"))]
    let _ = (set_link, tell);
    view! {
        <span class="live" role="status" data-live=move || link.get().name()>{move || link.get().words()}</span>
        <span class="visually-hidden" role="status">{move || news.get()}</span>
    }
}
