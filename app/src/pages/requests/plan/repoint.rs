//! Pointing Ampora at another database, as people read it.

use domain::plan::{Reach, Repoint, Service, Setup};
use leptos::prelude::*;

use super::words::name;
use crate::components::{Fact, Facts, FingerprintCode, StatusWord, Word, visible};

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(plan: &Repoint) -> AnyView {
    let Repoint { ampora, from, to, .. } = plan;
    let old = match from.reach {
        Reach::Answers { .. } => view! {
            "Close the old database "{name(&from.database)}" on "{name(&from.server)}" to everybody, so that nothing can write to it any more. "
        }
        .into_any(),
        Reach::Gone => view! {
            <b>{visible(&from.server)}</b>" doesn’t answer, so its database can’t be closed: who agrees says that it can’t come back. "
        }
        .into_any(),
    };
    let (stop, write, start) = match &ampora.setup {
        Setup::Workload(workload) => (
            view! { "Scale "{name(&ampora.name)}" to 0 and wait until no pod is left. " }.into_any(),
            view! { "the new Secret "{name(&workload.secret)} }.into_any(),
            view! { "start one pod, and when it is ready, all "<b>{workload.replicas}</b> }.into_any(),
        ),
        Setup::Service(service) => (
            view! {
                "Stop the "{name(&ampora.name)}" and wait until Ampora has no session on the old database any more. "
            }
            .into_any(),
            view! { {name(&service.env_file)}", whose other lines stay as they are" }.into_any(),
            "start it".into_any(),
        ),
    };
    view! {
        {stop}{old}"Write its connection to "{name(to.database.as_str())}" on "{name(&to.server)}" into "{write}
        ". Read that database once more: only if it still holds what this plan says, "{start}
        ". If anything fails before Ampora was started, everything can be put back, and Muster says how."
    }
    .into_any()
}

#[component]
pub fn RepointFacts(plan: Repoint) -> impl IntoView {
    let Repoint { ampora, from, to, .. } = plan;
    let (place, source) = match &ampora.setup {
        Setup::Workload(workload) => (
            view! { "container "{visible(&workload.container)}" at "{visible(&workload.cluster)} }.into_any(),
            view! { "to come from the new Secret "{visible(&workload.secret)} }.into_any(),
        ),
        Setup::Service(service) => (
            commands(service),
            view! { "in "{visible(&service.env_file)}", which belongs to "{visible(&service.owner)} }.into_any(),
        ),
    };
    let reach = match from.reach {
        Reach::Answers { system_identifier } => format!("answers; system {system_identifier}").into_any(),
        Reach::Gone => view! { <StatusWord word=Word::Warning text="doesn’t answer" /> }.into_any(),
    };
    view! {
        <Facts>
            <Fact name="Ampora">
                <span class="label">{visible(&ampora.name)}</span>
                <span class="sub">{place}</span>
            </Fact>
            <Fact name="From">
                <span class="label">{visible(&from.database)}" on "{visible(&from.server)}</span><span class="sub">{reach}</span>
            </Fact>
            <Fact name="To">
                <span class="label">{to.database.to_string()}" on "{visible(&to.server)}</span>
                <span class="sub">"PostgreSQL "{visible(&to.server_version)}", system "{to.system_identifier.to_string()}</span>
            </Fact>
            <Fact name="Holds">
                {to.tenants.to_string()}" tenants, "{to.authorities.to_string()}" certificate authorities"
                <span class="sub">"migration "{visible(to.migration_head.as_deref().unwrap_or("not known"))}</span>
            </Fact>
            <Fact name="Key"><FingerprintCode fingerprint=to.key />" opens every envelope that was sampled"</Fact>
            <Fact name="Changed">
                <span class="label">{visible(&ampora.variables.join(", "))}</span>
                <span class="sub">{source}"; role, password and options stay"</span>
            </Fact>
        </Facts>
    }
}

fn commands(service: &Service) -> AnyView {
    let status = service.status.as_ref().map(|status| {
        view! { ", runs while "<code>{visible(&status.join(" "))}</code>" ends with 0" }
    });
    view! {
        "stops by "<code>{visible(&service.stop.join(" "))}</code>", starts by "<code>{visible(&service.start.join(" "))}</code>{status}
    }
    .into_any()
}
