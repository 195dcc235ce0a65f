//! What a plan costs: what the copy lacks, how long it takes, what must be known before deciding. What can't be told says so.

use domain::plan::{Advisory, Pinned, Plan, Setup};
use domain::time::{Timestamp, bytes, span};
use leptos::prelude::*;

use crate::components::{Fact, Facts, FingerprintCode, StatusWord, Word, visible};

mod keys;
mod lost;
mod revived;
mod takes;

pub use lost::Loss;
use lost::range;
pub use revived::ComesBack;
pub(super) use takes::Takes;

/// The costs, one to a line.
#[must_use]
pub fn costs(plan: &Plan, now: Timestamp) -> AnyView {
    let kind = match &plan.pinned {
        Pinned::RestoreDump(restore) => {
            let key = restore.key_fingerprint.clone();
            let room = bytes(restore.dump_bytes.0);
            view! {
                <Loss loss=plan.advisory.data_loss.clone() name="The copy lacks" now />
                <Takes advisory=plan.advisory.clone() />
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
            let (kept, down) = match restore.in_place {
                None => (
                    format!("the old cluster, kept whole in {}", restore.before()),
                    "from the swap until the checks have passed; until then the cluster goes on",
                ),
                Some(kept) => (
                    format!("{}, copied to {}", kept.word(), restore.before()),
                    "from the beginning until the checks have passed",
                ),
            };
            view! {
                <Loss loss=plan.advisory.data_loss.clone() name="Lost" now />
                <Takes advisory=plan.advisory.clone() />
                <Fact name="Kept">{visible(&kept)}</Fact>
                <Fact name="Down">{down}</Fact>
            }
            .into_any()
        }
        Pinned::RetrieveKey(plan) => keys::retrieval(plan),
        Pinned::KeyCatchUp(plan) => keys::catch_up(plan),
        Pinned::DrillWithKey(plan) => super::standing::costs(plan),
        Pinned::DrillOnRds(plan) => super::copies::costs(plan),
        Pinned::FullDisaster(_) => super::disaster::costs(plan, now),
        Pinned::RestoreRds(_) => view! {
            <Loss loss=plan.advisory.data_loss.clone() name="The copy lacks" now />
            <Takes advisory=plan.advisory.clone() />
            <Fact name="Not touched">"the instance that Ampora uses, and its backups"</Fact>
        }
        .into_any(),
        Pinned::Repoint(change) => {
            let kept = format!(
                "{} on {}, closed, with all that is in it",
                change.from.database, change.from.server
            );
            let down = match &change.ampora.setup {
                Setup::Workload(_) => "from the first step until one pod is ready on the new database",
                Setup::Service(_) => "from the first step until the service runs on the new database",
            };
            view! {
                <Loss loss=plan.advisory.data_loss.clone() name="Lost" now />
                <Takes advisory=plan.advisory.clone() />
                <Fact name="Down">{down}</Fact>
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
        <Facts>{kind}<ComesBack revived=resurrections /></Facts>
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
                Some(seconds) => format!("It lacks {} of production.", range(seconds, span)),
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
                Some(seconds) => format!("{} of production are undone.", range(seconds, span)),
                None => "What is undone isn’t known.".into(),
            };
            let then = match restore.in_place {
                None => " Before the swap somebody decides a second time; the old cluster is kept.".to_owned(),
                Some(kept) => format!(
                    " Its files are replaced where they are, after {} was copied aside; before anybody is let in somebody decides a second time.",
                    kept.word()
                ),
            };
            view! {
                "The whole cluster "<b>{visible(&restore.server.pgdata)}</b>" on "<b>{visible(&restore.server.host)}</b>" goes back. "{lost}
                {then}
            }
            .into_any()
        }
        Pinned::RetrieveKey(plan) => keys::retrieval_line(plan),
        Pinned::KeyCatchUp(plan) => keys::catch_up_line(plan),
        Pinned::DrillWithKey(plan) => super::standing::line(plan),
        Pinned::DrillOnRds(plan) => super::copies::line(plan),
        Pinned::FullDisaster(plan) => super::disaster::line(plan),
        Pinned::RestoreRds(made) => view! {
            "A new instance "<b>{made.target.to_string()}</b>" beside "<b>{visible(&made.instance)}</b>". Nothing that exists is changed."
        }
        .into_any(),
        Pinned::Repoint(change) => view! {
            <b>{visible(&change.ampora.name)}</b>" stops and starts again on "<b>{change.to.database.to_string()}</b>". "
            "What it writes there from then on can’t be brought back into the old database."
        }
        .into_any(),
    }
}
