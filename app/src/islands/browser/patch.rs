//! Makes a part of the page equal to a newer one, touching only what differs. Nodes that stay are never replaced, so the focus, the
//! selection, the scroll position and open details stay with them; a form that somebody is filling in is left alone.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Node};

use super::{dom, news};

/// Attributes that belong to the reader, not to the server.
const READERS: [&str; 3] = ["open", "data-edited", "data-copied"];

/// Makes `old` equal to `new`, an element of the same name from a page that was just fetched.
pub fn patch(old: &Element, new: &Element) {
    if old.is_equal_node(Some(new)) || is_island(old) || is_busy_form(old) {
        return;
    }
    if old.has_attribute("data-hold") && news::hold(old, new) {
        return;
    }
    attributes(old, new);
    children(old, new);
}

fn is_island(element: &Element) -> bool {
    element.local_name() == "leptos-island"
}

/// Somebody has typed into it, or is about to.
fn is_busy_form(element: &Element) -> bool {
    element.local_name() == "form" && (element.has_attribute("data-edited") || dom::holds_focus(element))
}

fn holds_busy_form(node: &Node) -> bool {
    node.dyn_ref::<Element>()
        .is_some_and(|element| is_busy_form(element) || dom::all(element, "form").iter().any(is_busy_form))
}

fn names(element: &Element) -> Vec<String> {
    let names = element.get_attribute_names();
    names
        .iter()
        .filter_map(|name| name.as_string())
        .filter(|name| !READERS.contains(&name.as_str()))
        .collect()
}

fn attributes(old: &Element, new: &Element) {
    for name in names(old) {
        if !new.has_attribute(&name) {
            let _ = old.remove_attribute(&name);
        }
    }
    for name in names(new) {
        let value = new.get_attribute(&name);
        if old.get_attribute(&name) != value {
            let _ = old.set_attribute(&name, &value.unwrap_or_default());
        }
    }
}

/// Walks both lists of children. A new one takes over the old one at its place if they are alike, else the old one with its id if there
/// is one, else it is put in. What is left over at the end goes.
fn children(old: &Element, new: &Element) {
    let mut at = old.first_child();
    for wanted in nodes(new) {
        let found = at
            .clone()
            .filter(|node| alike(node, &wanted))
            .or_else(|| with_id(at.as_ref(), &wanted));
        let Some(found) = found else {
            insert(old, &wanted, at.as_ref());
            continue;
        };
        if at.as_ref() == Some(&found) {
            at = found.next_sibling();
        } else {
            let _ = old.insert_before(&found, at.as_ref());
        }
        take_over(&found, &wanted);
    }
    while let Some(node) = at {
        at = node.next_sibling();
        if !holds_busy_form(&node) {
            let _ = old.remove_child(&node);
        }
    }
}

fn nodes(parent: &Element) -> Vec<Node> {
    Array::from(&parent.child_nodes())
        .iter()
        .filter_map(|node| node.dyn_into().ok())
        .collect()
}

fn id(node: &Node) -> Option<String> {
    node.dyn_ref::<Element>().map(Element::id).filter(|id| !id.is_empty())
}

fn alike(old: &Node, new: &Node) -> bool {
    old.node_type() == new.node_type() && old.node_name() == new.node_name() && id(old) == id(new)
}

/// A later sibling of `from` with the id of `wanted`.
fn with_id(from: Option<&Node>, wanted: &Node) -> Option<Node> {
    id(wanted)?;
    let mut next = from.and_then(Node::next_sibling);
    while let Some(node) = next {
        if alike(&node, wanted) {
            return Some(node);
        }
        next = node.next_sibling();
    }
    None
}

fn take_over(old: &Node, new: &Node) {
    match (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) {
        (Some(old), Some(new)) => patch(old, new),
        _ if old.node_value() != new.node_value() => old.set_node_value(new.node_value().as_deref()),
        _ => {}
    }
}

fn insert(parent: &Element, wanted: &Node, before: Option<&Node>) {
    let Ok(node) = dom::document().import_node_with_deep(wanted, true) else {
        return;
    };
    let _ = parent.insert_before(&node, before);
    if let Some(element) = node.dyn_ref::<Element>() {
        wake(element);
    }
}

/// Brings the islands to life that came in with a part. The function is the one of Leptos' loader.
fn wake(element: &Element) {
    let window = dom::window();
    let Ok(hydrate) = js_sys::Reflect::get(&window, &JsValue::from_str("__hydrateIsland")) else {
        return;
    };
    let Some(hydrate) = hydrate.dyn_ref::<js_sys::Function>() else {
        return;
    };
    let own = Some(element.clone()).filter(is_island);
    for island in own.into_iter().chain(dom::all(element, "leptos-island")) {
        let name = island.get_attribute("data-component").unwrap_or_default();
        let _ = hydrate.call2(&window, &island, &JsValue::from_str(&name));
    }
}
