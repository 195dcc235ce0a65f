//! What the browser loads first. Pages are rendered by the server; only the islands in `app::islands` come alive here.
#![cfg(target_arch = "wasm32")]

use app as _;

/// Called once by the loader that the server puts into each page.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
