//! What to do about a drift. Every advice begins with what keeps the way back open: stop writing, take a backup, count what was written
//! with the wrong key. A rotation or a change before that loses what it should save.

use domain::drift::Verdict;
use domain::inventory::Keys;
use leptos::prelude::*;

use super::Proof;
use crate::components::Sheet;
use crate::pages::overview::{Links, Opens, plain};

/// One step, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Advised {
    pub step: String,
    pub why: String,
    /// Muster can do it, after two people agreed.
    pub by_request: bool,
}

/// The steps for this state. `left` keys went out by request and are in use still.
#[component]
pub fn WhatToDo(
    proof: Proof,
    left: usize,
    links: Links,
    #[prop(optional_no_strip)] cannot: Option<String>,
) -> impl IntoView {
    let steps = match steps(&proof.keys) {
        _ if proof.past.is_some() => prove_first(),
        none if none.is_empty() && left > 0 => vec![rotate()],
        steps => steps,
    };
    let none = steps.is_empty();
    let rows: Vec<_> = steps
        .into_iter()
        .map(|step| row(step, &links, cannot.as_deref()))
        .collect();
    view! {
        <Sheet id="what-to-do" title="What to do">
            {none.then(|| view! {
                <p class="note">"Nothing now. After each rotation, prove again before the old version is pruned: backups from before it need it."</p>
            })}
            <ol class="steps across">{rows}</ol>
        </Sheet>
    }
}

fn row(advised: Advised, links: &Links, cannot: Option<&str>) -> AnyView {
    let Advised { step, why, by_request } = advised;
    let request = by_request.then(|| catch_up(links, cannot));
    view! { <li><b>{step}</b><span class="why">{why}</span>{request}</li> }.into_any()
}

/// The way to the request that brings the key in use into the manager.
fn catch_up(links: &Links, cannot: Option<&str>) -> AnyView {
    if let Some(why) = cannot {
        let why = why.to_owned();
        return view! {
            <div class="actions"><button class="button tiny" type="button" disabled=true aria-describedby="cannot-catch-up">"Request catch-up"</button></div>
            <p class="note" id="cannot-catch-up">{why}</p>
        }
        .into_any();
    }
    let deployment = links.deployment.clone();
    view! {
        <form class="actions" method="get" action="/requests/new">
            <input type="hidden" name="kind" value="key-catch-up" />
            <input type="hidden" name="deployment" value=deployment />
            <button class="button tiny" type="submit">"Request catch-up"</button>
        </form>
    }
    .into_any()
}

fn advised(step: impl Into<String>, why: impl Into<String>) -> Advised {
    Advised {
        step: step.into(),
        why: why.into(),
        by_request: false,
    }
}

fn rotate() -> Advised {
    advised(
        "Plan a rotation, in a quiet hour",
        "A key that left by request still opens what is live (“Keys that left”, below). The finding key-exposed has the steps; a proof ends it.",
    )
}

fn prove_first() -> Vec<Advised> {
    vec![advised(
        "Prove now",
        "What is shown is too old to act on. Change no key before a fresh proof.",
    )]
}

/// The advice for a proof. Empty where all is as it should be.
#[must_use]
pub fn steps(keys: &Keys) -> Vec<Advised> {
    let opens = Opens::proven(keys);
    let cure = match &opens {
        Opens::Current { .. } => return Vec::new(),
        Opens::Rotating => return let_it_finish(),
        // Nothing is proven, so nothing is changed, and nothing has to stop for it.
        Opens::Unknown { .. } | Opens::Expected { .. } => return unproven(),
        Opens::Locked { with_ampora: true, .. } => bring_in(keys),
        Opens::Locked { .. } => search(),
        Opens::Other { version, .. } if keys.verdict == Verdict::ManagerBehind => point_at(version),
        Opens::Other { .. } | Opens::Several => finish(),
    };
    before_any_change().into_iter().chain(cure).collect()
}

/// What comes first, whatever the drift.
fn before_any_change() -> [Advised; 3] {
    [
        advised(
            "Scale Ampora to 0",
            "Before any change of a key: each envelope it still writes needs the key it runs with.",
        ),
        advised("Take a backup", "It is the way back from the steps below."),
        advised(
            "Count the envelopes written since the wrong key was set",
            "They need that key. A rotation started now would lose them.",
        ),
    ]
}

fn unproven() -> Vec<Advised> {
    vec![
        advised(
            "Change no key yet",
            "Nothing was proven: a layout that never opened anything looks like a wrong key.",
        ),
        advised(
            "Check [deployment.envelope] and what Muster may read",
            "The reason is in the line under the verdict.",
        ),
        advised("Prove now", "A single envelope that opens proves the layout."),
    ]
}

fn bring_in(keys: &Keys) -> Vec<Advised> {
    let source = keys.in_use.as_ref().map_or("its host", |in_use| in_use.source.as_str());
    vec![
        Advised {
            by_request: keys.verdict == Verdict::ManagerBehind,
            ..advised(
                "Write the key in use into the manager, as its new current version",
                format!(
                    "It lies in {}. As a request: a second person agrees, then Muster copies it, and nobody sees it. Keep the older versions: backups from before the rotation need them.",
                    plain(source)
                ),
            )
        },
        advised("Prove now", "The new version must open every envelope."),
        advised(
            "Plan a rotation",
            "Nobody knows who set a key that was never in the manager. Whether it was rotated stands below, under “Keys that left”.",
        ),
    ]
}

fn search() -> Vec<Advised> {
    vec![
        advised(
            "Look for the key: other regions, replicas, pruned versions, the hosts Ampora ran on",
            "Compare fingerprints, not keys. What no key opens is lost for good.",
        ),
        advised(
            "Write it into the manager as a new version, and prove",
            "Only what opens envelopes is the key.",
        ),
    ]
}

fn point_at(version: &str) -> Vec<Advised> {
    vec![
        advised(
            format!("Make version {version} the current one"),
            "It opens every envelope; the one that is current doesn’t. Keep the older versions for older backups.",
        ),
        advised("Prove now", "The current version must open every envelope."),
    ]
}

/// What moves by itself needs no hand, and to stop it midway is the worst moment.
fn let_it_finish() -> Vec<Advised> {
    vec![
        advised(
            "Let the rotation finish, and write no other version of the key until then",
            "The secret manager has every key that is live: a backup of this moment can be opened, with both of them.",
        ),
        advised(
            "Prove now, when Ampora says that it is done",
            "One key must open every envelope; only then remove PreviousMasterKey.",
        ),
    ]
}

fn finish() -> Vec<Advised> {
    vec![
        advised(
            "Finish the rotation in Ampora: old key as PreviousMasterKey, new key as MasterKey",
            "Until no envelope of the old key is left, a recovery needs both.",
        ),
        advised(
            "Prove now",
            "One key must open every envelope; only then remove PreviousMasterKey.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::before_any_change;

    #[test]
    fn the_advice_begins_with_what_keeps_the_way_back_open() {
        let [stop, backup, count] = before_any_change();
        assert_eq!(stop.step, "Scale Ampora to 0");
        assert_eq!(backup.step, "Take a backup");
        assert!(count.step.contains("envelopes written since"));
    }
}
