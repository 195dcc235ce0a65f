//! What stands where a decision would, once there is nothing to decide.

use leptos::prelude::*;

/// Names the rule.
#[component]
pub fn NothingToDecide(#[prop(into)] reason: String) -> impl IntoView {
    view! {
        <div class="decide closed" id="decide">
            <h3>"Nothing to decide"</h3>
            <p class="note">{reason}</p>
        </div>
    }
}
