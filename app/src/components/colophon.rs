//! The foot of every page: what this is, in which zone its times are, and by day or by night.

use leptos::prelude::*;

use crate::islands::LocalTimes;
use crate::theme::Theme;

#[component]
pub fn Colophon(lines: Vec<String>, theme: Theme) -> impl IntoView {
    let lines: Vec<_> = lines.into_iter().map(|line| view! { <span>{line}</span> }).collect();
    view! {
        <footer class="colophon">
            {lines}
            <LocalTimes />
            <ThemeSwitch theme />
        </footer>
    }
}

/// Posts `theme` to `/theme`, which sets the cookie and answers with a redirect to where it came from.
#[component]
fn ThemeSwitch(theme: Theme) -> impl IntoView {
    let buttons: Vec<_> = Theme::ALL
        .into_iter()
        .map(|entry| {
            let pressed = if entry == theme { "true" } else { "false" };
            view! { <button type="submit" name="theme" value=entry.name() aria-pressed=pressed>{entry.title()}</button> }
        })
        .collect();
    view! {
        <form method="post" action="/theme">
            <span id="theme-label">"Colours"</span>
            <span class="segmented" role="group" aria-labelledby="theme-label">{buttons}</span>
        </form>
    }
}
