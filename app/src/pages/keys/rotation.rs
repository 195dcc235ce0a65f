//! Keys over time on the page: the plot of the chosen span, and the newest parting in words.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::rotation::{Apart, Began, Ended};
use domain::time::{Timestamp, span};
use leptos::prelude::*;
use recovery::overview::KeyHistory;

use super::Proof;
use crate::components::{Address, Moment, Seen, Sheet, StatusWord, Word};
use crate::pages::overview::plain;
use crate::plots::{Rotation, RotationPlot};

/// Spans to choose from: as in the address, and in days.
const RANGES: [(&str, &str, i64); 2] = [("90d", "90 days", 90), ("1y", "year", 366)];

/// The section.
#[component]
pub fn OverTime(
    history: KeyHistory,
    #[prop(optional_no_strip)] proof: Option<Proof>,
    now: Timestamp,
    address: Address,
) -> impl IntoView {
    let asked = RANGES
        .into_iter()
        .find(|(name, ..)| address.get("history") == Some(*name));
    let (range, words, days) = asked.unwrap_or(RANGES[0]);
    let choices: Vec<_> = RANGES
        .into_iter()
        .map(|(name, words, _)| {
            let href = format!("{}#rotation", address.with("history", name));
            view! { <a href=href aria-current=(name == range).then_some("true")>{words}</a> }
        })
        .collect();
    let past = proof.as_ref().is_none_or(|proof| proof.past.is_some());
    let at = proof.as_ref().map(|proof| proof.at);
    let seen = view! { <Seen at now source="master key, database" past /> }.into_any();
    let told = told(&history, now);
    let plot = plot(history, proof.as_ref(), now, days);
    view! {
        <Sheet id="rotation" title="When they parted" note=format!("in the last {words}") seen>
            <p>{told}</p>
            <div><nav class="segmented" aria-label="The last">{choices}</nav></div>
            <RotationPlot plot />
        </Sheet>
    }
}

fn plot(history: KeyHistory, proof: Option<&Proof>, now: Timestamp, days: i64) -> Rotation {
    let fresh = proof.filter(|proof| proof.past.is_none());
    let versions = fresh.into_iter().flat_map(|proof| &proof.keys.versions);
    let named = versions.filter_map(|version| Some((version.fingerprint.clone()?, plain(&version.version))));
    let versions: BTreeMap<_, _> = named.collect();
    Rotation {
        id: "rotation-plot".into(),
        from: now - TimeDelta::days(days),
        now,
        lanes: history.lanes,
        partings: history.partings,
        versions_known: !versions.is_empty(),
        versions,
    }
}

/// The newest parting, or that there was none, as far back as anybody looked.
fn told(history: &KeyHistory, now: Timestamp) -> AnyView {
    let looked = history
        .lanes
        .iter()
        .filter_map(|(_, spans)| Some(spans.first()?.from))
        .min();
    let Some(looked) = looked else {
        return view! {
            <StatusWord word=Word::Unknown />" No proof was written down yet: each one adds to this history."
        }
        .into_any();
    };
    match history.partings.last() {
        None => view! { "They were never seen apart since Muster first proved the keys, "<Moment at=looked now />"." }
            .into_any(),
        Some(apart) => sentence(apart, now),
    }
}

/// When they parted and for how long, with how exactly that is known.
fn sentence(apart: &Apart, now: Timestamp) -> AnyView {
    let at = view! { <b><Moment at=apart.at now /></b> };
    let began = match apart.began {
        Began::After(seen) => view! { "They parted before "{at}", the first proof that saw it; the proof of "<Moment at=seen now />" saw them together" }.into_any(),
        Began::NotSeenSince(seen) => view! { "They parted between "<Moment at=seen now />" and "{at}"; in between nobody could look" }.into_any(),
        Began::BeforeTheFirstLook => view! { "They were apart when Muster first looked, "{at} }.into_any(),
    };
    let lasted = span(apart.seconds(now));
    let ended = match apart.ended {
        Ended::Not => view! { ". That was "<b>{lasted}</b>" ago, and they are apart still." }.into_any(),
        Ended::Joined(end) => view! { ". They joined again "<Moment at=end now />", after "{lasted}"." }.into_any(),
        Ended::OutOfSight(end) => {
            view! { ". Since "<Moment at=end now />" it is not known how they stand." }.into_any()
        }
    };
    let unsure = apart.unsure.then_some(" For a part of that time nobody knows.");
    view! { {began}{ended}{unsure} }.into_any()
}
