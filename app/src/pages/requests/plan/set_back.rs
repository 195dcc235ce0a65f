//! A cluster that goes back in time, as people read it: the physical target, what goes back with it, and how.

use domain::plan::{RecoveryStop, RestorePitr};
use domain::time::rfc3339;
use leptos::prelude::*;

use super::words::name;
use crate::components::{Fact, Facts, visible};
use crate::pages::overview::count;

/// The physical things it is about.
#[component]
pub fn SetBackFacts(plan: RestorePitr) -> impl IntoView {
    let (until, into, before) = (until(&plan), plan.restored_into(), plan.before());
    let (restored, old) = match plan.in_place {
        None => ("Beside", "Old cluster"),
        Some(_) => ("In place", "Copied aside"),
    };
    let kept = plan
        .in_place
        .map(|kept| view! { <span class="sub">{kept.word()}</span> });
    let (stop, start) = (plan.stop_command.join(" "), plan.start_command.join(" "));
    let afterwards = plan
        .afterwards()
        .map(|(what, how)| view! { <li><b>{what}</b>": "{visible(&how)}</li> });
    let server = plan.server;
    let cluster = format!("PostgreSQL {}, system {}", server.major, server.system_identifier);
    let databases = match &server.databases {
        Some(names) => names.join(", "),
        None => "not known: the cluster could not be asked; the copy is looked through".into(),
    };
    let others = match plan.affects_other_databases.as_slice() {
        [] => "none besides Ampora’s own".to_owned(),
        names => names.join(", "),
    };
    let timelines: Vec<_> = plan.timelines.iter().map(ToString::to_string).collect();
    let wal = format!(
        "{} to {}, timeline {}",
        plan.replay_from,
        plan.expected_end,
        timelines.join(" → ")
    );
    let chain = count(plan.chain.len(), "backup", "backups");
    let manifest = plan.manifest_sha256;
    view! {
        <Facts>
            <Fact name="Cluster">
                <span class="label">{visible(&server.pgdata)}" on "{visible(&server.host)}</span>
                <span class="sub">{cluster}</span>
            </Fact>
            <Fact name="From">
                <span class="label">{visible(&plan.source)}" repo"{plan.repo.to_string()}" / "{visible(&plan.backup)}</span>
                <span class="sub">{chain}", manifest SHA-256 "<code title=manifest.to_string()>{manifest.short()}</code></span>
            </Fact>
            <Fact name="To">{until}<span class="sub">{wal}</span></Fact>
            <Fact name="Databases">{visible(&databases)}<span class="sub">"Others that go back with it: "{visible(&others)}</span></Fact>
            <Fact name=restored><span class="label">{visible(&into)}</span></Fact>
            <Fact name=old><span class="label">{visible(&before)}</span>{kept}</Fact>
            <Fact name="With">"pgBackRest "{visible(&plan.tool_version)}</Fact>
            <Fact name="Stop">{visible(&stop)}</Fact>
            <Fact name="Start">{visible(&start)}</Fact>
            <Fact name="Afterwards">
                "A full backup and a check are its last steps."
                <details><summary>"Left to people"</summary><ul>{afterwards.collect_view()}</ul></details>
            </Fact>
        </Facts>
    }
}

fn until(plan: &RestorePitr) -> String {
    match plan.stop {
        RecoveryStop::Time { time, exclusive: false } => rfc3339(time),
        RecoveryStop::Time { time, exclusive: true } => format!("just before {}", rfc3339(time)),
        RecoveryStop::Latest => "the end of the archived WAL".into(),
    }
}

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(plan: &RestorePitr) -> AnyView {
    let server = &plan.server;
    if let Some(kept) = plan.in_place {
        let kept = format!("{} to {}", kept.word(), plan.before());
        return view! {
            "Stop the server of "{name(&server.pgdata)}" on "{name(&server.host)}", archive the rest of its WAL, copy "{name(&kept)}
            ", and replace its files by those of the backup "{name(&plan.backup)}". Replay its WAL to "<b>{until(plan)}</b>
            " on a private socket, and look through it. Then wait for a second decision. If it is to promote: start it behind a fence, end \
            recovery, look through it, let clients in, and take a full backup. From the first file that is replaced on a failure needs a person."
        }
        .into_any();
    }
    view! {
        "Restore the backup "{name(&plan.backup)}" beside the cluster "{name(&server.pgdata)}" on "{name(&server.host)}
        ", replay its WAL to "<b>{until(plan)}</b>" on a private socket, and look through the copy. Then wait for a second decision. \
        If it is to promote: stop the server, swap the two directories, start it behind a fence, end recovery, look through it, let \
        clients in, and take a full backup. The old cluster is kept whole."
    }
    .into_any()
}
