//! The document around every page.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};

use crate::components::Sprite;
use crate::theme::Theme;

/// The mark in the browser's tab: four ways to one point. In the document itself, so that nothing has to be fetched for it.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath d='M0 0h24v24H0Z' \
                    fill='%23f8fbfd'/%3E%3Cpath d='M1 1h22v22H1ZM4.5 4.5l4 4M19.5 4.5l-4 4M4.5 19.5l4-4M19.5 19.5l-4-4' fill='none' \
                    stroke='%230e1e2f' stroke-width='2'/%3E%3Ccircle cx='12' cy='12' r='2.4' fill='%230e1e2f'/%3E%3C/svg%3E";

/// The document of a route. Takes the theme from the context, where the server puts it for each request, and reads nothing else of a
/// request: the routes are collected by calling this at start-up, without one.
pub fn shell(options: &LeptosOptions, app: impl FnOnce() -> AnyView) -> AnyView {
    provide_meta_context();
    let islands = options.clone();
    let head = view! {
        <HydrationScripts options=islands islands=true />
        <MetaTags />
    };
    html(options, head.into_any(), app())
}

/// The document of a plain handler, as text: an error before any page, a key that is shown once. Runs no script, so it goes with the
/// strictest policy and nothing on it can be swapped or fetched again. `title` is the window's; that of a [`crate::components::Page`]
/// reaches only routes.
#[must_use]
pub fn document(options: &LeptosOptions, theme: Theme, title: &str, app: impl FnOnce() -> AnyView) -> String {
    Owner::new().with(|| {
        provide_context(theme);
        provide_meta_context();
        let title = view! { <title>{title.to_string()}</title> }.into_any();
        html(options, title, app()).to_html()
    })
}

fn html(options: &LeptosOptions, head: AnyView, body: AnyView) -> AnyView {
    let theme = use_context::<Theme>().unwrap_or_default();
    let forced = (theme != Theme::System).then(|| theme.name());
    let sheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let build = build(options).to_string();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=forced data-build=build>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href=ICON />
                <link rel="stylesheet" href=sheet />
                {head}
            </head>
            <body>
                <Sprite />
                {body}
            </body>
        </html>
    }
    .into_any()
}

/// Which browser bundle a page belongs to: the last part of its folder. The `hello` event of `/events` begins with it.
#[must_use]
pub fn build(options: &LeptosOptions) -> &str {
    options.site_pkg_dir.rsplit('/').next().unwrap_or_default()
}
