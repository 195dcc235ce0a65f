//! Copy buttons anywhere in the page: one listener for all of them, so parts that are swapped in later need nothing.

use leptos::prelude::*;

/// Makes every `data-copy` button work and says aloud when it has.
#[island]
pub fn CopyButtons() -> impl IntoView {
    let (said, say) = signal(String::new());
    #[cfg(feature = "hydrate")]
    super::browser::copy::start(say);
    #[cfg(not(feature = "hydrate"))]
    let _ = say;
    view! { <span class="visually-hidden" role="status">{move || said.get()}</span> }
}
