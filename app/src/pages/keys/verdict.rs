//! The sentence that says how the key in the manager stands to the key in use.

use domain::drift;
use domain::inventory::Keys;
use domain::rotation::{Began, Ended};
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::{KeyHistory, View};

use super::Proof;
use crate::components::{Moment, PageHead, QuotedText, Seen, Word, visible};
use crate::pages::overview::{Links, Marked, Opens};

/// Head of the page.
#[component]
pub fn Verdict(
    view: View,
    history: KeyHistory,
    #[prop(optional_no_strip)] proof: Option<Proof>,
    links: Links,
    #[prop(optional_no_strip)] cannot: Option<String>,
) -> impl IntoView {
    let title = match &proof {
        Some(proof) if proof.past.is_none() => view! { {sentence(&proof.keys)}{parted(&history, view.now)} }.into_any(),
        _ => {
            let text = "Whether the key opens it is not known.";
            view! { <Marked word=Word::Unknown text /> }.into_any()
        }
    };
    let lede = lede(&view, proof.as_ref());
    let actions = actions(&links, cannot);
    view! { <PageHead title says=true lede actions /> }
}

fn sentence(keys: &Keys) -> AnyView {
    let opens = Opens::proven(keys);
    let said = match (&opens, keys.verdict) {
        (Opens::Current { .. }, _) => "The secret manager is in step.",
        (Opens::Unknown { .. } | Opens::Expected { .. }, _) => "The key is not proven.",
        (Opens::Rotating, _) => "A rotation is under way.",
        (Opens::Several, _) | (_, drift::Verdict::Mixed) => "Several keys are live.",
        (Opens::Locked { with_ampora: true, .. }, _) => "The secret manager is behind: it lacks the key in use.",
        (Opens::Locked { .. }, drift::Verdict::ManagerBehind) => "The secret manager is behind.",
        (Opens::Locked { .. }, _) => "No key that can be reached opens what is live.",
        (Opens::Other { .. }, drift::Verdict::ManagerBehind) => "The secret manager points at an old key.",
        (Opens::Other { .. }, _) => "The secret manager is ahead of Ampora.",
    };
    view! { <Marked word=opens.word() text=said />" "{counts(keys)} }.into_any()
}

/// Since when they are apart, if they are.
fn parted(history: &KeyHistory, now: Timestamp) -> Option<AnyView> {
    let apart = history.partings.last().filter(|apart| apart.ended == Ended::Not)?;
    let at = view! { <b><Moment at=apart.at now /></b> };
    let began = match apart.began {
        Began::BeforeTheFirstLook => " They were apart when Muster first looked, ",
        Began::After(_) | Began::NotSeenSince(_) => " They parted before ",
    };
    Some(view! { {began}<a href="#rotation">{at}</a>"." }.into_any())
}

/// Who opens how many, for the versions that matter.
fn counts(keys: &Keys) -> AnyView {
    let counts = |opens: u32, of: u32| view! { <b>{format!("{opens} of {of}")}</b> };
    let current = keys.versions.iter().find(|version| version.current);
    let by_current = current.and_then(|version| {
        let (opens, of) = (version.opens?, version.of?);
        let name = version.version.clone();
        Some(view! { "Its current version "{visible(&name)}" opens "{counts(opens, of)}" envelopes" })
    });
    let best = keys
        .versions
        .iter()
        .filter(|version| !version.current)
        .max_by_key(|version| version.opens);
    let by_other = best.and_then(|version| {
        let opens = version.opens.filter(|opens| *opens > 0)?;
        let name = version.version.clone();
        Some(view! { "; version "{visible(&name)}" opens "{counts(opens, version.of?)} })
    });
    let in_use = keys.in_use.as_ref().filter(|in_use| in_use.version.is_none());
    let by_ampora = in_use.and_then(|in_use| {
        let (opens, of) = (in_use.opens?, in_use.of?);
        Some(view! { "; the key that Ampora runs with opens "{counts(opens, of)} })
    });
    let any = by_current.is_some();
    view! { {by_current}{any.then_some(by_other)}{any.then_some(by_ampora)}{any.then_some(".")} }.into_any()
}

fn lede(view: &View, proof: Option<&Proof>) -> AnyView {
    let source = view.keys.source.clone();
    let now = view.now;
    match proof {
        None => view! { <Seen at=None now source /> }.into_any(),
        Some(Proof {
            keys, at, past: None, ..
        }) => {
            let detail = keys.detail.clone();
            view! {
                "Verdict "<code>{keys.verdict.word()}</code>": "{visible(&detail)}". Each key was tried on each sampled envelope, in memory; nobody saw a key. "
                <Seen at=Some(*at) now source />
            }
            .into_any()
        }
        Some(Proof {
            keys,
            at,
            past: Some(reason),
            ..
        }) => {
            let reason = reason.clone();
            view! {
                <QuotedText text=reason />". Last known: "<code>{keys.verdict.word()}</code>", "{visible(&keys.detail)}". "
                <Seen at=Some(*at) now source past=true />
            }
            .into_any()
        }
    }
}

/// `Prove now` reads all values at once: for those who may request, each time an audit entry.
fn actions(links: &Links, cannot: Option<String>) -> AnyView {
    if let Some(why) = cannot {
        return view! {
            <button class="button" type="button" disabled=true aria-describedby="cannot-prove">"Prove now"</button>
            <p class="note" id="cannot-prove">{why}</p>
        }
        .into_any();
    }
    let deployment = links.deployment.clone();
    view! {
        <form method="post" action="/keys/prove">
            <input type="hidden" name="deployment" value=deployment />
            <button class="button" type="submit" aria-describedby="prove-costs">"Prove now"</button>
        </form>
        <p class="visually-hidden" id="prove-costs">"Reads every version of the key and tries it on the live database. The reading is an audit entry."</p>
    }
    .into_any()
}
