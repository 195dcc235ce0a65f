//! The sentence that answers the one question, and how each part of it is known.

use domain::time::span;
use domain::window::Window;
use leptos::prelude::*;
use recovery::overview::{ComesBack, View};

use super::grounds;
use super::links::Links;
use super::marked::Marked;
use super::opens::Opens;
use super::rehearsed;
use super::took::Took;
use crate::components::{Moment, Say, Word};

/// The sentence of one deployment as the page's heading, with its grounds.
#[component]
pub fn Sentence(view: View, links: Links) -> impl IntoView {
    let sentence = view! {
        "If "<b>{view.name.clone()}</b>" were lost now, "
        {comes_back(&view, &links)}
        {how_long(&view, &links)}
        {key(&view, &links)}
    };
    view! { <Say sentence=sentence.into_any()>{grounds::of(&view)}</Say> }
}

fn comes_back(view: &View, links: &Links) -> AnyView {
    match &view.comes_back {
        ComesBack::UpTo { window, lost_seconds } => up_to(view, links, window, *lost_seconds),
        ComesBack::Copy { source, label, as_of } => {
            let href = links.backup(source, label);
            let when = match as_of {
                Some(at) => view! { <b><Moment at=*at now=view.now /></b> }.into_any(),
                None => view! { <b>"a time that is not known"</b> }.into_any(),
            };
            view! {
                "only one backup would come back, the database of "<a href=href>{when}</a>
                ", and "<b>"everything since would be lost"</b>". "
            }
            .into_any()
        }
        ComesBack::Nothing => view! { <Marked word=Word::Broken text="nothing would come back: every source was read, and none has a backup that can be used." /> }.into_any(),
        ComesBack::Unknown { .. } => view! { <Marked word=Word::Unknown text="what would come back is not known." />" " }.into_any(),
    }
}

fn up_to(view: &View, links: &Links, window: &Window, lost: Option<i64>) -> AnyView {
    let windows = links.to("/backups").to_string();
    let about = if window.exact { "" } else { "about " };
    let loss = match lost {
        Some(0) => view! { ", and no later commit is known. " }.into_any(),
        Some(seconds) => {
            let lost = span(seconds).replace(' ', "\u{a0}");
            view! { ", all but "{about}"the last "<a href=windows.clone()><b>{lost}</b></a>". " }.into_any()
        }
        None => view! { ", and how much was written since is "<b>"not known"</b>". " }.into_any(),
    };
    view! {
        "everything up to "{about}<a href=windows><b><Moment at=window.to now=view.now /></b></a>" would come back"
        {loss}
    }
    .into_any()
}

fn how_long(view: &View, links: &Links) -> AnyView {
    if matches!(view.comes_back, ComesBack::Nothing | ComesBack::Unknown { .. }) {
        return ().into_any();
    }
    rehearsed::sentence(&view.rehearsed).unwrap_or_else(|| restored(view, links))
}

/// Without a drill: what restores took that were really done.
fn restored(view: &View, links: &Links) -> AnyView {
    let restores = links.to("/requests").with("state", "consumed").to_string();
    match (Took::of(&view.durations), &view.comes_back) {
        (None, _) => view! { "How long that takes is "<b>"not known"</b>": no restore was done yet, and no drill. " }.into_any(),
        (Some(took), ComesBack::Copy { .. }) => {
            view! { "The database takes "<a href=restores><b>{took.about()}</b></a>". " }.into_any()
        }
        (Some(took), _) => view! {
            "How long that takes is "<b>"not known"</b>"; a dump alone is back in "<a href=restores><b>{took.about()}</b></a>". "
        }
        .into_any(),
    }
}

fn key(view: &View, links: &Links) -> AnyView {
    let opens = match &view.comes_back {
        ComesBack::Nothing => return ().into_any(),
        ComesBack::Copy { label, .. } => Opens::backup(view.proven.as_ref(), label),
        ComesBack::UpTo { .. } | ComesBack::Unknown { .. } => Opens::live(view),
    };
    let says = match (&opens, &view.comes_back) {
        (Opens::Current { .. }, ComesBack::Unknown { .. }) => "The key in use is in the secret manager.".into(),
        _ => opens.sentence(),
    };
    let href = links.to("/keys").to_string();
    match opens.word() {
        Word::Ok => view! { <a href=href>{says}</a> }.into_any(),
        word => view! { <Marked word text=says href /> }.into_any(),
    }
}
