//! The document around every page.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};

use crate::components::Sprite;
use crate::theme::Theme;

/// The whole document. Takes the theme from the context, where the server puts it for each request. Reads nothing else of a request: the
/// routes are collected by calling this at start-up, without one.
pub fn shell(options: &LeptosOptions, app: impl FnOnce() -> AnyView) -> AnyView {
    provide_meta_context();
    let theme = use_context::<Theme>().unwrap_or_default();
    let forced = (theme != Theme::System).then(|| theme.name());
    let sheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let build = build(options).to_string();
    let options = options.clone();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=forced data-build=build>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="stylesheet" href=sheet />
                <HydrationScripts options islands=true />
                <MetaTags />
            </head>
            <body>
                <Sprite />
                {app()}
            </body>
        </html>
    }
    .into_any()
}

/// Which browser bundle a page belongs to: the last part of its folder. The `hello` event of `/events` must begin with it.
#[must_use]
pub fn build(options: &LeptosOptions) -> &str {
    options.site_pkg_dir.rsplit('/').next().unwrap_or_default()
}
