//! Pinned facts: the physical things a plan is about. If one of them moves before the run, the approval is stale.

use domain::ids::Big;
use domain::key::{Encoding, JOIN_RECIPE};
use domain::plan::{Delivery, KeyCatchUp, Pinned, Placed, RestoreDump, RetrieveKey};
use domain::time::bytes;
use leptos::prelude::*;

use super::set_back::SetBackFacts;
use crate::components::{Fact, Facts, FingerprintCode, visible};
use crate::pages::overview::count;
use crate::pages::words::grouped;

/// What it is done to, from what, with what.
#[must_use]
pub fn target(pinned: &Pinned) -> AnyView {
    match pinned {
        Pinned::RestoreDump(plan) => view! { <Restore plan=(**plan).clone() /> }.into_any(),
        Pinned::RestorePitr(plan) => view! { <SetBackFacts plan=(**plan).clone() /> }.into_any(),
        Pinned::RetrieveKey(plan) => view! { <Key plan=plan.clone() /> }.into_any(),
        Pinned::KeyCatchUp(plan) => view! { <CatchUp plan=plan.clone() /> }.into_any(),
        Pinned::DrillOnRds(plan) => view! { <super::copies::CopiesFacts plan=plan.clone() /> }.into_any(),
        Pinned::DrillWithKey(plan) => view! { <super::standing::StandingFacts plan=plan.clone() /> }.into_any(),
        Pinned::FullDisaster(plan) => view! { <super::disaster::DisasterFacts plan=(**plan).clone() /> }.into_any(),
        Pinned::RestoreRds(plan) => view! { <super::managed::ManagedFacts plan=(**plan).clone() /> }.into_any(),
        Pinned::Repoint(plan) => view! { <super::repoint::RepointFacts plan=(**plan).clone() /> }.into_any(),
    }
}

#[component]
fn Restore(plan: RestoreDump) -> impl IntoView {
    let target = plan.target;
    let size = bytes(plan.dump_bytes.0);
    let locale = format!(
        "{}, collation {}, character type {}{}",
        target.encoding,
        target.collate,
        target.ctype,
        target.provider.words()
    );
    let tool = format!(
        "pg_restore {}, {}",
        plan.tool_version,
        count(plan.jobs as usize, "job", "jobs")
    );
    view! {
        <Facts>
            <Fact name="From">
                <span class="label">{visible(&plan.source)}" / "{visible(&plan.backup)}</span>
                <span class="sub">{size}", SHA-256 "<code title=plan.dump_sha256.to_string()>{plan.dump_sha256.short()}</code></span>
            </Fact>
            <Fact name="Into">
                <span class="label">{visible(&target.server)}</span>
                <span class="sub">"PostgreSQL "{visible(&target.server_version)}", system "{target.system_identifier.to_string()}</span>
            </Fact>
            <Fact name="New database">
                <span class="label">{target.database.to_string()}</span>
                <span class="sub">"owner "{visible(&target.owner)}"; "{visible(&locale)}</span>
            </Fact>
            <Fact name="With">{visible(&tool)}</Fact>
            <Fact name="Rows"><Rows rows=plan.rows.into_iter().collect() /></Fact>
            <Settings settings=plan.settings />
        </Facts>
    }
}

#[component]
fn Rows(rows: Vec<(String, Big)>) -> impl IntoView {
    let total = rows.iter().map(|(_, rows)| rows.0).sum();
    let tables = count(rows.len(), "table", "tables");
    let lines: Vec<_> = rows
        .into_iter()
        .map(|(table, rows)| view! { <tr><th scope="row" class="label">{visible(&table)}</th><td class="num">{grouped(rows.0)}</td></tr> })
        .collect();
    view! {
        <details>
            <summary>{grouped(total)}" in "{tables}", counted while reading the dump"</summary>
            <table>
                <thead><tr><th scope="col">"Table"</th><th scope="col" class="num">"Rows"</th></tr></thead>
                <tbody>{lines}</tbody>
            </table>
        </details>
    }
}

#[component]
fn Settings(settings: Vec<String>) -> impl IntoView {
    let replayed = count(settings.len(), "setting", "settings");
    (!settings.is_empty()).then(|| {
        view! {
            <Fact name="Replayed">
                <details>
                    <summary>{replayed}</summary>
                    <pre>{visible(&settings.join("\n"))}</pre>
                </details>
            </Fact>
        }
    })
}

#[component]
fn Key(plan: RetrieveKey) -> impl IntoView {
    view! {
        <Facts>
            <Fact name="From">{visible(&plan.manager)}</Fact>
            <Fact name="Version"><span class="label">{visible(&plan.version)}</span></Fact>
            <Fact name="Fingerprint"><FingerprintCode fingerprint=plan.fingerprint /></Fact>
            {to(plan.delivery)}
        </Facts>
    }
}

/// Where it goes, one line for each who gets something.
fn to(delivery: Delivery) -> AnyView {
    let recipient = |text: String| view! { <code class="label">{visible(&text)}</code> };
    match delivery {
        Delivery::ShownOnce => view! { <Fact name="To">"the requester, shown once"</Fact> }.into_any(),
        Delivery::Sealed { recipient: text } => view! { <Fact name="To">{recipient(text)}</Fact> }.into_any(),
        Delivery::Split {
            recipients: [one, other],
        } => view! {
            <Fact name="Share 1 to">{recipient(one)}</Fact>
            <Fact name="Share 2 to">{recipient(other)}</Fact>
            <Fact name="Joined by">
                "exclusive or of both shares, each base64 of 32 bytes"
                <details><summary>"With Python"</summary><pre>{JOIN_RECIPE}</pre></details>
            </Fact>
        }
        .into_any(),
        Delivery::Placed(place) => view! { <NewPlace place /> }.into_any(),
    }
}

#[component]
fn NewPlace(place: Placed) -> impl IntoView {
    let written = written(place.field.as_deref(), place.encoding);
    view! {
        <Fact name="New place">
            <span class="label">{visible(&place.manager)}</span>
            <span class="sub">"nothing is there now; itself: "<code class="label">{visible(&place.identity)}</code></span>
        </Fact>
        <Fact name="Destination">{visible(&place.destination)}", name "<span class="label">{place.name.to_string()}</span></Fact>
        <Fact name="Written as">{visible(&written)}</Fact>
    }
}

/// `base64, in the field master_key`.
fn written(field: Option<&str>, encoding: Encoding) -> String {
    let encoding = match encoding {
        Encoding::Base64 => "base64",
        Encoding::Base64url => "base64url",
        Encoding::Hex => "hex",
        Encoding::Raw => "raw bytes",
    };
    match field {
        Some(field) => format!("{encoding}, in the field {field}"),
        None => format!("{encoding}, the whole value"),
    }
}

#[component]
fn CatchUp(plan: KeyCatchUp) -> impl IntoView {
    let written = written(plan.field.as_deref(), plan.encoding);
    let held = plan.held_as.map(|version| {
        view! { <Fact name="Held already">"as version "<span class="label">{visible(&version)}</span>", which isn’t the current one"</Fact> }
    });
    let pruned = match plan.pruned.is_empty() {
        true => "no version".into_any(),
        false => view! {
            <span class="label">{visible(&plan.pruned.join(", "))}</span>
            <span class="sub">"by a rule of the manager; no backup that Muster knows of needs it"</span>
        }
        .into_any(),
    };
    view! {
        <Facts>
            <Fact name="From"><span class="label">{visible(&plan.source)}</span><span class="sub">"what the running Ampora was started with"</span></Fact>
            <Fact name="Fingerprint"><FingerprintCode fingerprint=plan.fingerprint /></Fact>
            <Fact name="Into">
                {visible(&plan.manager)}<span class="sub">"itself: "<code class="label">{visible(&plan.identity)}</code></span>
            </Fact>
            <Fact name="Behind version"><span class="label">{visible(&plan.expected)}</span>", which is current now and stays"</Fact>
            {held}
            <Fact name="Removed by it">{pruned}</Fact>
            <Fact name="Written as">{visible(&written)}"; what else is in the value stays"</Fact>
        </Facts>
    }
}
