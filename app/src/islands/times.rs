//! Times in the reader's zone, and ages that go on counting.

use leptos::prelude::*;

/// Rewrites the times of the page and says which zone they are in.
#[island]
pub fn LocalTimes() -> impl IntoView {
    let (zone, set_zone) = signal(String::from("Times in UTC"));
    #[cfg(feature = "hydrate")]
    super::browser::times::start(set_zone);
    #[cfg(not(feature = "hydrate"))]
    let _ = set_zone;
    view! { <span>{move || zone.get()}</span> }
}
