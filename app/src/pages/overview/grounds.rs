//! How each part of the sentence is known: the fact, its age, its source. What can't be believed now says why, with what was last known.

use domain::inventory::Keys;
use domain::observation::Known;
use domain::time::Timestamp;
use domain::window::Window;
use leptos::prelude::*;
use recovery::overview::{ComesBack, View};

use super::answers::read_at;
use super::rehearsed;
use super::text::plain;
use super::took::Took;
use crate::components::{Ground, Moment, QuotedText, Seen, visible};

/// The grounds, in the order of the sentence.
#[must_use]
pub fn of(view: &View) -> AnyView {
    view! { {reach(view)}{loss(view)}{how_long(view)}{key(view)} }.into_any()
}

fn seen(at: Option<Timestamp>, now: Timestamp, source: &str, past: bool) -> AnyView {
    let source = plain(source);
    view! { <Seen at now source past /> }.into_any()
}

fn reach(view: &View) -> AnyView {
    let now = view.now;
    match &view.comes_back {
        ComesBack::UpTo { window, .. } => {
            let about = if window.exact {
                "the newest commit that is known and lies in archived WAL"
            } else {
                "when the last whole WAL segment reached the repository; its last commit is not known by time"
            };
            let seen = seen(read_at(view, &window.source), now, &window.source, false);
            view! { <Ground part="Up to" seen>{about}</Ground> }.into_any()
        }
        ComesBack::Copy { source, label, .. } => {
            let seen = seen(read_at(view, source), now, source, false);
            let doubt = unread(view).then_some(" At least: not every source could be read.");
            let label = visible(label);
            view! { <Ground part="Backup" seen><bdi class="label">{label}</bdi>{doubt}</Ground> }.into_any()
        }
        ComesBack::Nothing => ().into_any(),
        ComesBack::Unknown { reason } => {
            let last = view.past_windows.iter().max_by_key(|window| window.to);
            let source = last
                .map(|window| window.source.clone())
                .unwrap_or_else(|| "sources".into());
            let seen = seen(read_at(view, &source), now, &source, true);
            let (reason, last) = (reason.clone(), last.map(|window| last_known(window, now)));
            view! { <Ground part="Up to" seen><QuotedText text=reason />{last}</Ground> }.into_any()
        }
    }
}

fn last_known(window: &Window, now: Timestamp) -> AnyView {
    view! { ". Last known: up to "<Moment at=window.to now />"." }.into_any()
}

/// Whether a source couldn't be read, so that there may be more than is listed.
fn unread(view: &View) -> bool {
    let mut sources = view.inventory.sources.iter();
    sources.any(|source| source.status == domain::status::Status::Unknown)
}

fn loss(view: &View) -> AnyView {
    if !matches!(view.comes_back, ComesBack::UpTo { .. }) {
        return ().into_any();
    }
    let (now, source) = (view.now, view.vitals.source.as_str());
    match view.vitals.known(now) {
        Known::Fresh { value, at } => {
            let text = match value.newest_commit() {
                Some(commit) => view! { "the newest commit known of the live database is of "<Moment at=commit now />"; what came after it is lost as well" }.into_any(),
                None => "the live database tells no time of a commit: it has no heartbeat and no audit event".into_any(),
            };
            view! { <Ground part="All but" seen=seen(Some(at), now, source, false)>{text}</Ground> }.into_any()
        }
        Known::Unknown { reason, last } => {
            let at = last.map(|(_, at)| at);
            let last = last.and_then(|(vitals, _)| vitals.newest_commit());
            let last = last.map(|commit| view! { ". Last known commit: "<Moment at=commit now />"." });
            view! { <Ground part="All but" seen=seen(at, now, source, true)><QuotedText text=reason />{last}</Ground> }
                .into_any()
        }
    }
}

fn how_long(view: &View) -> AnyView {
    if let Some(ground) = rehearsed::ground(&view.rehearsed, view.now) {
        return ground;
    }
    let text = match (Took::of(&view.durations), &view.comes_back) {
        (_, ComesBack::Nothing | ComesBack::Unknown { .. }) => return ().into_any(),
        (None, _) => "Muster doesn’t guess: it counts restores that were done".to_owned(),
        (Some(took), _) => format!(
            "{}, of dumps, the database only; no restore to a point in time was done yet",
            took.range()
        ),
    };
    let seen = view! { <span class="seen">"Muster’s own runs"</span> }.into_any();
    view! { <Ground part="How long" seen>{text}</Ground> }.into_any()
}

fn key(view: &View) -> AnyView {
    let (now, source) = (view.now, view.keys.source.as_str());
    match view.keys.known(now) {
        Known::Fresh { value, at } => {
            let text = tried(value);
            view! { <Ground part="Key" seen=seen(Some(at), now, source, false)>{text}</Ground> }.into_any()
        }
        Known::Unknown { reason, last } => {
            let at = last.map(|(_, at)| at);
            let last = last.map(|(keys, _)| format!(". Last known: {}.", tried(keys)));
            view! { <Ground part="Key" seen=seen(at, now, source, true)><QuotedText text=reason />{last}</Ground> }
                .into_any()
        }
    }
}

/// `version 1, current, opens 0 of 12 envelopes; the key in use opens 12`, or why there are no counts.
fn tried(keys: &Keys) -> String {
    let current = keys.versions.iter().find(|version| version.current);
    let counts = current.and_then(|version| Some((&version.version, version.opens?, version.of?)));
    let Some((version, opens, of)) = counts else {
        return plain(&keys.detail);
    };
    let in_use = keys
        .in_use
        .as_ref()
        .filter(|in_use| in_use.version.as_ref() != Some(version));
    let in_use = in_use
        .and_then(|in_use| in_use.opens)
        .map(|opens| format!("; the key in use opens {opens}"));
    let (version, in_use) = (plain(version), in_use.unwrap_or_default());
    format!("version {version}, current, opens {opens} of {of} envelopes{in_use}")
}
