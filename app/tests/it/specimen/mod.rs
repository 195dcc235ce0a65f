//! A sheet of all parts in all their states. The test checks what must hold for every page; the file it leaves in the target folder is
//! for looking at: open it in a browser, wide and narrow, by day and by night, and print it.

use app::components::{Page, Place};
use app::shell;
use app::theme::Theme;
use leptos::config::LeptosOptions;
use leptos::prelude::*;

mod lists;
mod requests;
mod samples;
mod states;

fn options() -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("muster")
        .site_pkg_dir("pkg/0123abcd")
        .build()
}

fn sheet() -> AnyView {
    view! {
        <Page frame=samples::frame() place=Some(Place::Backups) title="Specimen">
            {states::sections()}
            {lists::sections()}
            {requests::sections()}
        </Page>
    }
    .into_any()
}

fn document(theme: Theme) -> String {
    Owner::new().with(|| {
        provide_context(theme);
        shell::shell(&options(), sheet).to_html()
    })
}

/// The values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let opening = format!(" {attribute}=\"");
    let parts = html.split(&opening).skip(1);
    parts.filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_sheet_keeps_the_rules_of_every_page() {
    let html = document(Theme::Light);
    assert!(!html.contains(" style=\""), "the site's policy forbids inline styles");
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(html.contains("data-theme=\"light\"") && html.contains("data-build=\"0123abcd\""));
    assert!(html.contains("href=\"/pkg/0123abcd/muster.css\""));

    let mut ids = values(&html, "id");
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "every id is there once");
    for attribute in ["aria-labelledby", "aria-describedby", "for"] {
        for id in values(&html, attribute).iter().flat_map(|list| list.split(' ')) {
            assert!(
                ids.binary_search(&id).is_ok(),
                "{attribute} names {id}, which is nowhere"
            );
        }
    }
    for id in values(&html, "href").iter().filter_map(|href| href.strip_prefix('#')) {
        assert!(ids.binary_search(&id).is_ok(), "#{id} is nowhere");
    }
}

#[test]
fn whoever_follows_their_system_is_not_forced() {
    assert!(!document(Theme::System).contains("data-theme="));
}

#[test]
fn the_page_of_a_plain_handler_has_a_title_and_no_script() {
    let html = shell::document(&options(), Theme::Dark, "Key </title><script>", sheet);
    assert!(html.contains("<title>Key &lt;/title&gt;&lt;script&gt;"), "{html}");
    assert!(!html.contains("<script") && !html.contains("modulepreload"), "{html}");
    assert!(html.contains("data-theme=\"dark\""), "{html}");
}

/// Writes the sheets for looking at.
#[test]
fn the_sheets_can_be_looked_at() {
    let sheet = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/../style/main.css");
    for theme in Theme::ALL {
        let html = document(theme).replace("/pkg/0123abcd/muster.css", sheet);
        let file = format!("{}/specimen-{}.html", env!("CARGO_TARGET_TMPDIR"), theme.name());
        std::fs::write(&file, html).expect("the target folder can be written to");
    }
}
