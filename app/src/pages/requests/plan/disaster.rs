//! Bringing Ampora up on a new cluster, as people read it.

use domain::plan::{Change, Delivery, FullDisaster, Plan};
use domain::time::{Timestamp, bytes};
use leptos::prelude::*;

use super::costs::{Loss, Takes};
use super::words::name;
use crate::components::{Fact, Facts, FingerprintCode, StatusWord, Word, visible};
use crate::pages::overview::count;
use crate::pages::words::grouped;

/// Where the key goes.
fn place(plan: &FullDisaster) -> String {
    match &plan.key.delivery {
        Delivery::Placed(place) => place.manager.clone(),
        _ => "no place".into(),
    }
}

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(plan: &FullDisaster) -> AnyView {
    let FullDisaster {
        cluster,
        database,
        key,
        manifests,
        holds,
        ..
    } = plan;
    view! {
        "On "{name(&cluster.cluster)}", where no Ampora runs: restore "{name(&database.backup)}" into the new database "
        {name(database.target.database.as_str())}" on "{name(&database.target.server)}". Put version "{name(&key.version)}
        " of the master key into "{name(&place(plan))}", where nothing is. Wait for the server’s certificate. Apply "
        {name(&manifests.overlay)}" with no pod, image "{name(&manifests.image)}", and no migration by itself. Lead Ampora to the restored \
         database, and read it once more: only if it holds "<b>{grouped(holds.tenants.0)}</b>" tenants and "
        <b>{grouped(holds.authorities.0)}</b>" certificate authorities, at migration "{name(&holds.migration_head)}
        ", one pod is started. Agents come back when what came back to life is settled, to "<b>{cluster.replicas}</b>
        " pods. What people do elsewhere waits for their word."
    }
    .into_any()
}

#[component]
pub fn DisasterFacts(plan: FullDisaster) -> impl IntoView {
    let place = place(&plan);
    let FullDisaster {
        cluster,
        database,
        key,
        manifests,
        holds,
        ..
    } = plan;
    let target = database.target;
    let changes: Vec<_> = manifests.changes.iter().map(change).collect();
    let summary = count(changes.len(), "object", "objects");
    view! {
        <Facts>
            <Fact name="Cluster">
                <span class="label">{visible(&cluster.cluster)}</span>
                <span class="sub">{visible(&cluster.name)}", then "{cluster.replicas}" pods"</span>
            </Fact>
            <Fact name="Dump">
                <span class="label">{visible(&database.source)}" / "{visible(&database.backup)}</span>
                <span class="sub">
                    {bytes(database.dump_bytes.0)}", SHA-256 "
                    <code title=database.dump_sha256.to_string()>{database.dump_sha256.short()}</code>
                </span>
            </Fact>
            <Fact name="Into">
                <span class="label">{target.database.to_string()}" on "{visible(&target.server)}</span>
                <span class="sub">"PostgreSQL "{visible(&target.server_version)}", system "{target.system_identifier.to_string()}</span>
            </Fact>
            <Fact name="Holds">
                {grouped(holds.tenants.0)}" tenants, "{grouped(holds.authorities.0)}" certificate authorities"
                <span class="sub">"migration "{visible(&holds.migration_head)}</span>
            </Fact>
            <Fact name="Key">
                <FingerprintCode fingerprint=key.fingerprint />" opens every envelope that was sampled"
                <span class="sub">"version "{visible(&key.version)}" of "{visible(&key.manager)}", into "{visible(&place)}</span>
            </Fact>
            <Fact name="Image">
                <span class="label">{visible(&manifests.image)}</span>
                <span class="sub">{visible(&manifests.image_because)}</span>
            </Fact>
            <Fact name="Connection">
                <span class="label">{visible(&cluster.connection)}</span>
                <span class="sub">"a new Secret; role, password and options are those of "{visible(&cluster.brought)}", which people bring along"</span>
            </Fact>
            <Fact name="Manifests">
                <span class="label">{visible(&manifests.overlay)}</span>
                <span class="sub">"rendered, SHA-256 "<code title=manifests.sha256.to_string()>{manifests.sha256.short()}</code></span>
                <details><summary>{summary}" and what applying them changes"</summary><ul>{changes}</ul></details>
            </Fact>
        </Facts>
    }
}

fn change(change: &Change) -> AnyView {
    let object = view! { <span class="label">{visible(&change.object)}</span>" " };
    if change.new {
        return view! { <li>{object}<StatusWord word=Word::Waiting text="new" /></li> }.into_any();
    }
    let lines = change.lines.iter();
    let lines: Vec<_> = lines
        .map(|line| view! { <code class="sub">{visible(line)}</code> })
        .collect();
    let stays = lines.is_empty().then_some("stays as it is");
    view! { <li>{object}{stays}{lines}</li> }.into_any()
}

#[must_use]
pub fn costs(plan: &Plan, now: Timestamp) -> AnyView {
    view! {
        <Loss loss=plan.advisory.data_loss.clone() name="Lost" now />
        <Takes advisory=plan.advisory.clone() />
        <Fact name="Not touched">"the dump, the secret manager, and whatever is left of the old place"</Fact>
    }
    .into_any()
}

/// One line, for whoever decides.
#[must_use]
pub fn line(plan: &FullDisaster) -> AnyView {
    view! {
        "Ampora starts anew on "<b>{visible(&plan.cluster.cluster)}</b>", with the data of "<b>{visible(&plan.database.backup)}</b>
        " and master key version "<b>{visible(&plan.key.version)}</b>". Agents are led there: what is left of the old place must not come back."
    }
    .into_any()
}
