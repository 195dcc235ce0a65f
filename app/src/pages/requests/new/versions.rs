//! The versions of the master key to choose from, each with what it was proven to open. Fingerprints only.

use domain::inventory::{CoverageStatus, KeyVersion, Keys};
use domain::observation::Known;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::View;

use super::asked::Asked;
use crate::components::{FingerprintCode, Moment, Show, StatusWord, TextField, Unread, Word, visible};
use crate::pages::overview::count;

/// The choice, the manager's current version first.
#[component]
pub fn Versions(view: View, asked: Asked) -> impl IntoView {
    let now = view.now;
    let known = match view.keys.known(now) {
        Known::Fresh { value, at } => Some((value.clone(), at, None)),
        Known::Unknown { reason, last } => last.map(|(keys, at)| (keys.clone(), at, Some(reason))),
    };
    let Some((keys, at, past)) = known.filter(|(keys, ..)| !keys.versions.is_empty()) else {
        return unread(&view, asked).into_any();
    };
    let coverage = view.proven.clone();
    let mut versions = keys.versions.clone();
    versions.sort_by_key(|version| !version.current);
    let rows: Vec<_> = versions
        .iter()
        .map(|version| choice(version, coverage.as_ref(), &asked))
        .collect();
    view! {
        <fieldset class="field">
            <legend>"Version"</legend>
            <div class="choices">{rows}</div>
            {seen(at, now, past)}
        </fieldset>
    }
    .into_any()
}

fn seen(at: Timestamp, now: Timestamp, past: Option<String>) -> AnyView {
    let read = view! { "Read "<Moment at now show=Show::Ago />"." };
    match past {
        None => view! { <p class="hint">{read}</p> }.into_any(),
        Some(reason) => view! {
            <p class="hint"><StatusWord word=Word::Unknown text="last known" />" "{read}" Now: "{visible(&reason)}</p>
        }
        .into_any(),
    }
}

/// Nothing was read: the version can be typed, and the plan reads the manager itself.
fn unread(view: &View, asked: Asked) -> impl IntoView {
    let reason = match view.keys.known(view.now) {
        Known::Unknown { reason, .. } => reason,
        Known::Fresh { value, .. } => value.detail.clone(),
    };
    view! {
        <Unread title="The versions could not be read" said=reason>"Type its name: the plan asks the secret manager again."</Unread>
        <TextField name="version" label="Version" value=asked.version required=true />
    }
}

fn choice(version: &KeyVersion, coverage: Option<&Keys>, asked: &Asked) -> AnyView {
    let (word, opens) = opens(version);
    let current = version.current.then_some(", the current one");
    let dumps = dumps(version, coverage).map(|text| view! { <span class="sub">{text}</span> });
    let fingerprint = match &version.fingerprint {
        Some(fingerprint) => view! { "fingerprint "<FingerprintCode fingerprint=fingerprint.clone() /> }.into_any(),
        None => view! { "no fingerprint: "{visible(&version.detail)} }.into_any(),
    };
    view! {
        <label>
            <input type="radio" name="version" value=version.version.clone() checked=asked.version == version.version required=true />
            <span>
                <bdi class="label">{visible(&version.version)}</bdi>{current}
                <span class="sub">{fingerprint}" · "{visible(&version.state)}</span>
                <span class="sub"><StatusWord word text=opens /></span>
                {dumps}
            </span>
        </label>
    }
    .into_any()
}

/// What it opens of what is live now.
fn opens(version: &KeyVersion) -> (Word, String) {
    match (version.opens, version.of) {
        (Some(opens), Some(of)) if of > 0 => {
            let word = if opens == of { Word::Ok } else { Word::Broken };
            (word, format!("opens {opens} of {of} live envelopes"))
        }
        _ => (Word::Unknown, "what it opens is not known".into()),
    }
}

/// How many backups were opened with it.
fn dumps(version: &KeyVersion, coverage: Option<&Keys>) -> Option<String> {
    let cells = &coverage?.coverage;
    let own = cells
        .iter()
        .filter(|cell| cell.version.as_deref() == Some(&*version.version));
    let (opened, tried) = own.fold((0, 0), |(opened, tried), cell| match cell.status {
        CoverageStatus::Proven => (opened + 1, tried + 1),
        CoverageStatus::Refuted => (opened, tried + 1),
        _ => (opened, tried),
    });
    (tried > 0).then(|| {
        format!(
            "opens {opened} of {}",
            count(tried, "dump that was tried", "dumps that were tried")
        )
    })
}
