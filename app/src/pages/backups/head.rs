//! The head of the page: what can be restored, in one line of words.

use domain::status::Status;
use domain::window::Window;
use leptos::prelude::*;
use recovery::overview::View;

use crate::components::{Moment, PageHead};
use crate::pages::overview::{Links, count};

#[component]
pub fn Head(view: View, links: Links, #[prop(optional_no_strip)] cannot: Option<String>) -> impl IntoView {
    let (title, lede) = ("Backups".into_any(), lede(&view));
    let actions = actions(&view, &links, cannot);
    view! { <PageHead title lede actions /> }
}

fn lede(view: &View) -> AnyView {
    let now = view.now;
    let mut windows: Vec<&Window> = view.inventory.windows.iter().collect();
    windows.sort_by_key(|window| window.to);
    let Some(newest) = windows.pop() else {
        return without_window(view);
    };
    let gaps = match view.inventory.gaps.len() {
        0 => "No WAL is missing behind a backup. ".to_owned(),
        gaps => format!("{} in the WAL. ", count(gaps, "gap", "gaps")),
    };
    let earlier = windows
        .into_iter()
        .map(|window| window.from)
        .min()
        .filter(|from| *from < newest.from);
    let earlier = earlier.map(|from| view! { "Before that, in parts, back to "<Moment at=from now />". " });
    view! {
        "Every second from "<Moment at=newest.from now />" to "<Moment at=newest.to now />" can be restored. " {earlier} {gaps}
    }
    .into_any()
}

fn without_window(view: &View) -> AnyView {
    let last = view.past_windows.iter().max_by_key(|window| window.to);
    let last = last.map(|window| view! { " Last known: up to "<Moment at=window.to now=view.now />"." });
    let unread = view
        .inventory
        .sources
        .iter()
        .any(|source| source.status == Status::Unknown);
    let says = match (unread, view.inventory.sources.is_empty()) {
        (_, true) => "What can be restored is not known: no source of backups is configured.",
        (true, false) => "What can be restored is not known now: not every source could be read.",
        (false, false) => "No span of time can be restored; what there is are single backups.",
    };
    view! { {says}{last} }.into_any()
}

/// The way to a request. It begins with a form, so nothing has to be chosen here.
fn actions(view: &View, links: &Links, cannot: Option<String>) -> AnyView {
    let why = match cannot {
        None if !view.can_restore => {
            Some("No server to restore into is configured: set admin_url under [deployment.restore].".into())
        }
        other => other,
    };
    let runbook = format!("/runbook/{}", links.deployment);
    let runbook = view! { <a class="button" href=runbook>"Runbook"</a> };
    if let Some(why) = why {
        return view! {
            {runbook}
            <button class="button" type="button" disabled=true aria-describedby="cannot-restore">"Request restore"</button>
            <p class="note" id="cannot-restore">{why}</p>
        }
        .into_any();
    }
    let deployment = links.deployment.clone();
    view! {
        {runbook}
        <form method="get" action="/requests/new">
            <input type="hidden" name="kind" value="restore-dump" />
            <input type="hidden" name="deployment" value=deployment />
            <button class="button primary" type="submit">"Request restore"</button>
        </form>
    }
    .into_any()
}
