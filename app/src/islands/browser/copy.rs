//! Copying to the clipboard, where the browser lets a page do it: only on TLS or on this machine.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Element;

use super::dom;

/// Shows the copy buttons and listens for all of them.
pub fn start(say: WriteSignal<String>) {
    let navigator = dom::window().navigator();
    if js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|clipboard| clipboard.is_undefined())
    {
        return;
    }
    let _ = dom::root().set_attribute("data-clipboard", "");
    dom::on(&dom::document(), "click", move |event| {
        let button = dom::target(&event).and_then(|element| element.closest("[data-copy]").ok().flatten());
        if let Some(button) = button {
            spawn_local(copy(button, say));
        }
    });
}

async fn copy(button: Element, say: WriteSignal<String>) {
    let text = button.get_attribute("data-copy").unwrap_or_default();
    let copied = JsFuture::from(dom::window().navigator().clipboard().write_text(&text))
        .await
        .is_ok();
    say.set(
        if copied {
            "Copied"
        } else {
            "The browser refused to copy"
        }
        .into(),
    );
    if copied {
        let _ = button.set_attribute("data-copied", "");
        dom::pause(2_000).await;
        let _ = button.remove_attribute("data-copied");
    }
    say.set(String::new());
}
