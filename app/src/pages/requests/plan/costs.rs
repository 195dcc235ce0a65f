//! What a plan costs: what the copy lacks, how long it takes, what must be known before deciding. What can't be told says so.

use domain::plan::{Advisory, Basis, DataLoss, Pinned, Plan, Range};
use domain::time::{Timestamp, bytes, span};
use leptos::prelude::*;

use crate::components::{Fact, Facts, FingerprintCode, StatusWord, Word, visible};
use crate::pages::overview::Took;
use crate::pages::words::grouped;

mod keys;

/// The costs, one to a line.
#[must_use]
pub fn costs(plan: &Plan, now: Timestamp) -> AnyView {
    let kind = match &plan.pinned {
        Pinned::RestoreDump(restore) => {
            let key = restore.key_fingerprint.clone();
            let room = bytes(restore.dump_bytes.0);
            view! {
                <Loss loss=plan.advisory.data_loss.clone() now />
                <Takes durations=plan.advisory.durations.clone() />
                <Fact name="Room">
                    "more than the "{room}" of the dump"
                    <span class="sub"><StatusWord word=Word::Unknown text="free room on the server isn’t read" /></span>
                </Fact>
                <Fact name="Key">{opens(key)}</Fact>
                <Fact name="Not touched">"the live database, the dump itself, the secret manager, other databases of the server"</Fact>
            }
            .into_any()
        }
        Pinned::RestorePitr(restore) => {
            let kept = format!("the old cluster, kept whole in {}", restore.before());
            view! {
                <Loss loss=plan.advisory.data_loss.clone() now />
                <Takes durations=plan.advisory.durations.clone() />
                <Fact name="Kept">{visible(&kept)}</Fact>
                <Fact name="Down">"from the swap until the checks have passed; until then the cluster goes on"</Fact>
            }
            .into_any()
        }
        Pinned::RetrieveKey(plan) => keys::retrieval(plan),
        Pinned::KeyCatchUp(plan) => keys::catch_up(plan),
        Pinned::DrillWithKey(plan) => super::standing::costs(plan),
        Pinned::Repoint(change) => {
            let kept = format!(
                "{} on {}, closed, with all that is in it",
                change.from.database, change.from.server
            );
            view! {
                <Takes durations=plan.advisory.durations.clone() />
                <Fact name="Down">"from the first step until one pod is ready on the new database"</Fact>
                <Fact name="Kept">{visible(&kept)}</Fact>
            }
            .into_any()
        }
    };
    let Advisory {
        resurrections,
        warnings,
        ..
    } = plan.advisory.clone();
    view! {
        <Facts>{kind}<Resurrections names=resurrections /></Facts>
        <Warnings warnings />
    }
    .into_any()
}

fn opens(key: Option<domain::key::Fingerprint>) -> AnyView {
    match key {
        Some(fingerprint) => view! {
            <StatusWord word=Word::Proven text="proven" />" "<FingerprintCode fingerprint />" opened every envelope that was sampled in this dump"
        }
        .into_any(),
        None => view! {
            <StatusWord word=Word::Missing text="no key opens it" />
            <span class="sub">"The rows come back; wrapped secrets in them stay sealed."</span>
        }
        .into_any(),
    }
}

#[component]
fn Loss(loss: Option<DataLoss>, now: Timestamp) -> impl IntoView {
    let unknown = |why: &'static str| {
        view! { <StatusWord word=Word::Unknown text="not known" /><span class="sub">{why}</span> }.into_any()
    };
    let lacks = match loss {
        None => unknown("When the dump was begun isn’t known."),
        Some(DataLoss { basis: Basis::Unknown, .. }) => unknown("The live database could not be counted when the plan was made."),
        Some(loss) => view! {
            <b>{range(loss.seconds, span)}</b>" of production"
            {loss.audit_events.map(|events| view! { ", "<b>{range(Some(events), number)}</b>" audit events" })}
            <span class="sub">{basis(&loss)}" "{domain::time::ago(loss.as_of, now)}"; production itself keeps it all"</span>
        }
        .into_any(),
    };
    view! { <Fact name="The copy lacks">{lacks}</Fact> }
}

const fn basis(loss: &DataLoss) -> &'static str {
    match loss.basis {
        Basis::Exact => "counted in the live database",
        Basis::Bounded => "from the last vital signs",
        Basis::Unknown => "not known",
    }
}

fn number(number: i64) -> String {
    grouped(number.unsigned_abs())
}

fn range(range: Option<Range>, show: impl Fn(i64) -> String) -> String {
    match range {
        None => "an unknown part".into(),
        Some(Range { min, max: Some(max) }) if min == max => show(min),
        Some(Range { min, max: Some(max) }) => format!("{} to {}", show(min), show(max)),
        Some(Range { min, max: None }) => format!("{} or more", show(min)),
    }
}

#[component]
fn Takes(durations: Vec<u32>) -> impl IntoView {
    let takes = match Took::of(&durations) {
        Some(took) => view! { {took.about()}<span class="sub">{took.range()}" like it"</span> }.into_any(),
        None => view! {
            <StatusWord word=Word::Unknown text="not known" /><span class="sub">"No restore of this kind has been run yet."</span>
        }
        .into_any(),
    };
    view! { <Fact name="Takes">{takes}</Fact> }
}

#[component]
fn Resurrections(names: Vec<String>) -> impl IntoView {
    let rows: Vec<_> = names.iter().map(|name| view! { <li>{visible(name)}</li> }).collect();
    (!rows.is_empty()).then(|| view! { <Fact name="Comes back to life"><ul>{rows}</ul></Fact> })
}

#[component]
fn Warnings(warnings: Vec<String>) -> impl IntoView {
    let rows: Vec<_> = warnings
        .iter()
        .map(|warning| view! { <li><StatusWord word=Word::Warning text="warning" />" "{visible(warning)}</li> })
        .collect();
    (!rows.is_empty()).then(|| view! { <ul class="note" aria-label="Read before you decide">{rows}</ul> })
}

/// The same in one line, for the moment of the decision.
#[must_use]
pub fn cost_line(plan: &Plan) -> AnyView {
    match &plan.pinned {
        Pinned::RestoreDump(restore) => {
            let database = restore.target.database.to_string();
            let lacks = match plan.advisory.data_loss.as_ref().and_then(|loss| loss.seconds) {
                Some(seconds) => format!("It lacks {} of production.", range(Some(seconds), span)),
                None => "What it lacks isn’t known.".into(),
            };
            let key = restore
                .key_fingerprint
                .is_none()
                .then_some(" No key at hand opens its envelopes.");
            view! {
                "A new database "<b>{database}</b>" on "<b>{visible(&restore.target.server)}</b>". "{lacks}{key}" Nothing that exists is changed."
            }
            .into_any()
        }
        Pinned::RestorePitr(restore) => {
            let lost = match plan.advisory.data_loss.as_ref().and_then(|loss| loss.seconds) {
                Some(seconds) => format!("{} of production are undone.", range(Some(seconds), span)),
                None => "What is undone isn’t known.".into(),
            };
            view! {
                "The whole cluster "<b>{visible(&restore.server.pgdata)}</b>" on "<b>{visible(&restore.server.host)}</b>" goes back. "{lost}
                " Before the swap somebody decides a second time; the old cluster is kept."
            }
            .into_any()
        }
        Pinned::RetrieveKey(plan) => keys::retrieval_line(plan),
        Pinned::KeyCatchUp(plan) => keys::catch_up_line(plan),
        Pinned::DrillWithKey(plan) => super::standing::line(plan),
        Pinned::Repoint(change) => view! {
            <b>{visible(&change.ampora.name)}</b>" stops and starts again on "<b>{change.to.database.to_string()}</b>". "
            "What it writes there from then on can’t be brought back into the old database."
        }
        .into_any(),
    }
}
