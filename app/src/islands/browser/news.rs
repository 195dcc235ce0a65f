//! What changed, told without getting in the way: rows that wait behind a link, and tiles whose status is another one now.

use std::collections::BTreeMap;

use web_sys::Element;

use super::dom;

/// Keeps a list as it is while rows came in above those that somebody reads, and says how many wait. False: there are none.
pub fn hold(old: &Element, new: &Element) -> bool {
    let ids = |list: &Element| dom::all(list, "tr[id]").iter().map(Element::id).collect::<Vec<_>>();
    let known = ids(old);
    let arrived = ids(new).iter().filter(|id| !known.contains(id)).count();
    if arrived > 0 {
        tell(old, arrived);
    }
    arrived > 0
}

fn tell(list: &Element, arrived: usize) {
    let text = match arrived {
        1 => "1 new entry".to_string(),
        many => format!("{many} new entries"),
    };
    if let Some(link) = dom::all(list, ".arrived a").first() {
        return link.set_text_content(Some(&text));
    }
    let document = dom::document();
    let (Ok(line), Ok(link)) = (document.create_element("p"), document.create_element("a")) else {
        return;
    };
    line.set_class_name("arrived");
    let _ = line.set_attribute("role", "status");
    let _ = link.set_attribute("href", &address());
    link.set_text_content(Some(&text));
    let _ = line.append_child(&link);
    let after = list.first_element_child().and_then(|header| header.next_sibling());
    let _ = list.insert_before(&line, after.as_ref());
}

/// The page's own address without its fragment: following it loads the page again.
pub fn address() -> String {
    let location = dom::window().location();
    format!(
        "{}{}",
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default()
    )
}

/// The status of each tile, by its id.
pub fn statuses() -> BTreeMap<String, String> {
    let tiles = dom::all(&dom::root(), "[data-announce][id]");
    tiles
        .into_iter()
        .map(|tile| (tile.id(), tile.get_attribute("data-announce").unwrap_or_default()))
        .collect()
}

/// The sentences for tiles whose status is another one than before.
pub fn changed(before: &BTreeMap<String, String>) -> String {
    let now = statuses();
    let changed = now
        .iter()
        .filter(|(id, said)| before.get(*id).is_some_and(|before| before != *said));
    changed.map(|(_, said)| said.as_str()).collect::<Vec<_>>().join(". ")
}
