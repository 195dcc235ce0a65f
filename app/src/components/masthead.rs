//! Mark, deployment, navigation, live, clock, name.

use domain::time::{Timestamp, rfc3339};
use leptos::prelude::*;

use super::frame::Frame;
use super::mark::{Mark, StatusMark};
use super::moment::full;
use super::place::Place;
use crate::islands::{CopyButtons, Live};

/// The head of every page.
#[component]
pub fn Masthead(frame: Frame, place: Option<Place>, live: bool) -> impl IntoView {
    let signed_in = frame.person.is_some();
    view! {
        <header class="masthead">
            <div class="brand">
                <a class="wordmark" href="/" aria-label="Muster, home">
                    <StatusMark mark=Mark::Muster />
                    <span>"Muster"</span>
                </a>
                {frame.deployment.map(|name| view! { <span class="where">{name}</span> })}
            </div>
            {signed_in.then(|| view! { <Navigation place waiting=frame.waiting /> })}
            <div class="watch">
                <span class="state">
                    {live.then(|| view! { <Live /> })}
                    <Clock now=frame.now />
                </span>
                {frame.person.map(|name| view! { <SignedIn name /> })}
            </div>
            <CopyButtons />
        </header>
    }
}

#[component]
fn Navigation(place: Option<Place>, waiting: usize) -> impl IntoView {
    let rows: Vec<_> = Place::ALL
        .into_iter()
        .map(|entry| {
            let count = (entry == Place::Requests && waiting > 0).then_some(waiting);
            view! {
                <li>
                    <a href=entry.href() aria-current=(place == Some(entry)).then_some("page")>
                        {entry.name()}
                        // Hidden, so that the link's name stays the place's name; the page itself says what waits.
                        {count.map(|count| view! { <span class="count" aria-hidden="true">{count}</span> })}
                    </a>
                </li>
            }
        })
        .collect();
    view! { <nav id="places" aria-label="Main" data-live=""><ul>{rows}</ul></nav> }
}

/// The time of the page; a script makes it a clock in the reader's zone (`islands::times`).
#[component]
fn Clock(now: Timestamp) -> impl IntoView {
    view! {
        <span class="clock">
            <span class="without-script">"as of "</span>
            <time id="clock" datetime=rfc3339(now) title=full(now)>
                <b>{now.format("%H:%M:%S").to_string()}</b>" "<span class="zone">"UTC"</span><span class="utc"></span>
            </time>
        </span>
    }
}

#[component]
fn SignedIn(name: String) -> impl IntoView {
    view! {
        <span class="who">{name}</span>
        <form method="post" action="/auth/sign-out"><button class="button tiny" type="submit">"Sign out"</button></form>
    }
}
