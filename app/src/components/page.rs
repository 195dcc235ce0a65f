//! The frame of every page: masthead, what went wrong with the page itself, the four answers, the page, the colophon.

use domain::time::Timestamp;
use leptos::prelude::*;
use leptos_meta::Title;

use super::answers::Answers;
use super::colophon::Colophon;
use super::frame::Frame;
use super::mark::{Mark, StatusMark};
use super::masthead::Masthead;
use super::moment::{Moment, Show};
use super::place::Place;

/// A whole page. `still` keeps it as it was loaded: for forms that somebody fills in.
#[component]
pub fn Page(
    frame: Frame,
    #[prop(optional_no_strip)] place: Option<Place>,
    /// Of the window: the page's own name first.
    #[prop(into)]
    title: String,
    #[prop(optional)] still: bool,
    children: Children,
) -> impl IntoView {
    let parts = [Some(title), frame.deployment.clone(), Some("Muster".into())];
    // leptos_meta writes the title as it is, and names in it come from addresses: `</title>` in one would end it.
    let title = parts
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
        .replace('&', "&amp;")
        .replace('<', "&lt;");
    let live = frame.person.is_some() && !still;
    let Frame { now, theme, .. } = frame;
    view! {
        <Title text=title />
        <a class="skip" href="#main">"Skip to content"</a>
        <Masthead frame=frame.clone() place live />
        {live.then(|| view! { <Alarms now /> })}
        {frame.answers.map(|answers| view! { <Answers answers /> })}
        <main id="main" class="page" tabindex="-1" data-live=live.then_some("")>{children()}</main>
        <Colophon lines=frame.colophon theme />
    }
}

/// Written on every live page and shown by the browser when it is so: the style sheet looks at the root's `data-live`.
#[component]
fn Alarms(now: Timestamp) -> impl IntoView {
    view! {
        <div class="banner alarm lost" data-tone="unknown">
            <StatusMark mark=Mark::Unknown />
            <b>"Live updates have stopped. What is below may have changed since."</b>
            <p>"Last read "<span id="page-age"><Moment at=now now show=Show::Ago /></span>". Muster tries again by itself."</p>
            <div class="actions"><a class="button" href="">"Reload"</a></div>
        </div>
        <div class="banner alarm old" data-tone="unknown">
            <StatusMark mark=Mark::Unknown />
            <b>"Reload the page: Muster was updated."</b>
            <p>"What is below is of the version before and is no longer kept up to date."</p>
            <div class="actions"><a class="button" href="">"Reload"</a></div>
        </div>
    }
}
