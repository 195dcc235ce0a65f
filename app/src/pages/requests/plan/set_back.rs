//! A cluster that goes back in time, as people read it: the physical target, what goes back with it, and how.

use domain::plan::{RecoveryStop, RestorePitr};
use domain::time::rfc3339;
use leptos::prelude::*;

use super::words::name;
use crate::components::{Fact, Facts, visible};
use crate::pages::overview::count;

/// The physical things it is about.
#[must_use]
pub fn facts(plan: &RestorePitr) -> AnyView {
    let server = &plan.server;
    let databases = match &server.databases {
        Some(names) => names.join(", "),
        None => "not known: the cluster could not be asked; the copy is looked through".into(),
    };
    let others = match plan.affects_other_databases.as_slice() {
        [] => "none besides Ampora’s own".to_owned(),
        names => names.join(", "),
    };
    let timelines: Vec<_> = plan.timelines.iter().map(ToString::to_string).collect();
    let wal = format!("{} to {}, timeline {}", plan.replay_from, plan.expected_end, timelines.join(" → "));
    let chain = count(plan.chain.len(), "backup", "backups");
    view! {
        <Facts>
            <Fact name="Cluster">
                <span class="label">{visible(&server.pgdata)}" on "{visible(&server.host)}</span>
                <span class="sub">{format!("PostgreSQL {}, system {}", server.major, server.system_identifier)}</span>
            </Fact>
            <Fact name="From">
                <span class="label">{visible(&plan.source)}" repo"{plan.repo.to_string()}" / "{visible(&plan.backup)}</span>
                <span class="sub">{chain}", manifest SHA-256 "<code title=plan.manifest_sha256.to_string()>{plan.manifest_sha256.short()}</code></span>
            </Fact>
            <Fact name="To">{until(plan)}<span class="sub">{wal}</span></Fact>
            <Fact name="Databases">{visible(&databases)}<span class="sub">"Others that go back with it: "{visible(&others)}</span></Fact>
            <Fact name="Beside"><span class="label">{visible(&plan.beside())}</span></Fact>
            <Fact name="Old cluster"><span class="label">{visible(&plan.before())}</span></Fact>
            <Fact name="With">"pgBackRest "{visible(&plan.tool_version)}</Fact>
            <Fact name="Stop">{visible(&plan.stop_command.join(" "))}</Fact>
            <Fact name="Start">{visible(&plan.start_command.join(" "))}</Fact>
        </Facts>
    }
    .into_any()
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
    view! {
        "Restore the backup "{name(&plan.backup)}" beside the cluster "{name(&server.pgdata)}" on "{name(&server.host)}
        ", replay its WAL to "<b>{until(plan)}</b>" on a private socket, and look through the copy. Then wait for a second decision. \
        If it is to promote: stop the server, swap the two directories, start it behind a fence, end recovery, look through it, and let \
        clients in. The old cluster is kept whole."
    }
    .into_any()
}
