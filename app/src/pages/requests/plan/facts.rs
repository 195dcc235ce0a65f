//! Pinned facts: the physical things a plan is about. If one of them moves before the run, the approval is stale.

use domain::ids::Big;
use domain::plan::{Pinned, RestoreDump, RetrieveKey};
use domain::time::bytes;
use leptos::prelude::*;

use crate::components::{Fact, Facts, FingerprintCode, visible};
use crate::pages::overview::count;
use crate::pages::words::grouped;

/// What it is done to, from what, with what.
#[must_use]
pub fn target(pinned: &Pinned) -> AnyView {
    match pinned {
        Pinned::RestoreDump(plan) => view! { <Restore plan=(**plan).clone() /> }.into_any(),
        Pinned::RetrieveKey(plan) => view! { <Key plan=plan.clone() /> }.into_any(),
    }
}

#[component]
fn Restore(plan: RestoreDump) -> impl IntoView {
    let target = plan.target;
    let size = bytes(plan.dump_bytes.0);
    let locale = format!(
        "{}, collation {}, character type {}",
        target.encoding, target.collate, target.ctype
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
        </Facts>
    }
}
