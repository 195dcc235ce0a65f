//! Short names for what the browser offers. All of it is there in every browser that runs WebAssembly; where it isn't, an island stays as
//! the server wrote it.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Event, EventTarget, NodeList, Window};

pub fn window() -> Window {
    web_sys::window().expect("islands run in a window")
}

pub fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The `html` element, which tells the style sheet what the script can do.
pub fn root() -> Element {
    document().document_element().expect("a document has a root")
}

/// A callback that stays for as long as the page.
pub fn callback(act: impl Fn(Event) + 'static) -> Function {
    Closure::<dyn Fn(Event)>::new(act).into_js_value().unchecked_into()
}

/// Listens for as long as the page lives. An element that can't be listened to stays silent.
pub fn on(target: &EventTarget, event: &str, act: impl Fn(Event) + 'static) {
    let _ = target.add_event_listener_with_callback(event, &callback(act));
}

/// Calls `act` every `ms` milliseconds.
pub fn every(ms: i32, act: impl Fn() + 'static) {
    let act = callback(move |_| act());
    let _ = window().set_interval_with_callback_and_timeout_and_arguments_0(&act, ms);
}

/// Waits.
pub async fn pause(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve: Function, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    });
    let _ = JsFuture::from(promise).await;
}

/// The element an event happened on.
pub fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// All elements of a list.
pub fn elements(list: Result<NodeList, JsValue>) -> Vec<Element> {
    let Ok(list) = list else { return Vec::new() };
    Array::from(&list)
        .iter()
        .filter_map(|node| node.dyn_into().ok())
        .collect()
}

/// All elements below `root` that match.
pub fn all(root: &Element, selector: &str) -> Vec<Element> {
    elements(root.query_selector_all(selector))
}

/// Whether the pointer into the page, the focus, is inside.
pub fn holds_focus(element: &Element) -> bool {
    element.contains(document().active_element().as_deref())
}
