//! What must hold for every page, whatever is on it. For tests.

use leptos::prelude::*;

use super::samples::{HOSTILE, ago};
use super::waiting::Waiting;
use crate::components::{Frame, Page, Place, Word};
use crate::pages::Standing;
use crate::theme::Theme;

/// The document as the server would send it, without a script run.
pub fn document(place: Place, body: impl FnOnce() -> AnyView + Send + 'static) -> String {
    let fresh = super::samples::fresh();
    let frame = Frame {
        now: ago(0),
        deployment: Some("ampora-prod".into()),
        person: Some("operator-b".into()),
        waiting: 1,
        answers: (place != Place::Overview).then(|| super::answers(&fresh.gist(), fresh.now, 2)),
        colophon: vec!["Muster 0.1.0".into()],
        theme: Theme::System,
    };
    let options = LeptosOptions::builder()
        .output_name("muster")
        .site_pkg_dir("pkg/0123abcd")
        .build();
    Owner::new().with(|| {
        let page = move || view! { <Page frame place=Some(place) title=place.name()>{body()}</Page> }.into_any();
        crate::shell::shell(&options, page).to_html()
    })
}

/// Writes the document where `MUSTER_PAGES` says, for looking at it in a browser.
pub fn look(name: &str, html: &str) {
    if let Ok(folder) = std::env::var("MUSTER_PAGES") {
        let sheet = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/../style/main.css");
        let html = html.replace("/pkg/0123abcd/muster.css", sheet);
        std::fs::write(format!("{folder}/{name}.html"), html).expect("the folder can be written to");
    }
}

/// A request that waits for the reader.
pub fn waiting() -> Waiting {
    Waiting {
        number: 7,
        title: format!("Restore ampora-20261006T0130.dump{HOSTILE} into a new database ampora_restored"),
        requester: "operator-a".into(),
        created_at: ago(48),
        own: false,
        standing: Standing {
            word: Word::WaitsForYou,
            says: "Waits for you".into(),
        },
        otherwise: "Silence ends it in 23 h 59 min.".into(),
    }
}

/// The values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    let parts = html.split(&opening).skip(1);
    parts.filter_map(|rest| rest.split('"').next()).collect()
}

/// One heading, no inline style, no id twice, and every reference names something that is there.
pub fn holds(name: &str, html: &str) {
    look(name, html);
    assert_eq!(html.matches("<h1").count(), 1, "{name}: one heading");
    assert!(
        !html.contains(" style=\""),
        "{name}: the site's policy forbids inline styles"
    );
    let mut ids = values(html, "id");
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{name}: every id is there once");
    for attribute in ["aria-labelledby", "aria-describedby", "for"] {
        for id in values(html, attribute).iter().flat_map(|list| list.split(' ')) {
            assert!(
                ids.binary_search(&id).is_ok(),
                "{name}: {attribute} names {id}, which is nowhere"
            );
        }
    }
    for id in values(html, "href").iter().filter_map(|href| href.strip_prefix('#')) {
        assert!(ids.binary_search(&id).is_ok(), "{name}: #{id} is nowhere");
    }
    assert!(
        !html.contains("<script>alert"),
        "{name}: markup from outside stays text"
    );
    assert!(
        !text(html).contains(['\u{202e}', '\u{200b}']),
        "{name}: what is invisible is written out"
    );
}

/// Nothing on it may be called good.
pub fn nothing_is_ok(name: &str, main: &str) {
    assert!(
        !main.contains("data-tone=\"ok\""),
        "{name}: something is called ok though nothing is known"
    );
}

/// What stands between masthead and colophon, without the marks that the renderer leaves between texts.
pub fn main(html: &str) -> String {
    let start = html.find("<main").expect("there is a main part");
    let end = html.find("</main>").expect("it ends");
    html[start..end].replace("<!>", "")
}

/// What people read: everything but the tags with their attributes.
pub fn text(html: &str) -> String {
    html.split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, text)| text)
        .collect()
}
