//! Keeps the page up to date. The server says that something changed, the page fetches itself and takes over what differs. Nothing is
//! told by the stream but that, so it holds no secret and a lost message costs nothing.

use leptos::prelude::*;

/// How the page stands to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// No script yet, or none at all.
    Off,
    On,
    /// The stream broke, or the page could not be fetched.
    Lost,
    /// The server is of another build than this page.
    Old,
}

impl Link {
    /// Value of `data-live`, by which the style sheet shows the banners.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Lost => "lost",
            Self::Old => "old",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Off => "not live",
            Self::On => "live",
            Self::Lost => "live lost",
            Self::Old => "reload the page",
        }
    }
}

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
