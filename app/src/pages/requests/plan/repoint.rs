//! Pointing Ampora at another database, as people read it.

use domain::plan::{Reach, Repoint};
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
    view! {
        "Scale "{name(&ampora.name)}" to 0 and wait until no pod is left. "{old}
        "Write its connection to "{name(to.database.as_str())}" on "{name(&to.server)}" into the new Secret "{name(&ampora.secret)}
        ". Read that database once more: only if it still holds what this plan says, start one pod, and when it is ready, all "
        <b>{ampora.replicas}</b>". If anything fails before a pod was started, everything can be put back, and Muster says how."
    }
    .into_any()
}

#[component]
pub fn RepointFacts(plan: Repoint) -> impl IntoView {
    let Repoint { ampora, from, to, .. } = plan;
    let reach = match from.reach {
        Reach::Answers { system_identifier } => format!("answers; system {system_identifier}").into_any(),
        Reach::Gone => view! { <StatusWord word=Word::Warning text="doesn’t answer" /> }.into_any(),
    };
    view! {
        <Facts>
            <Fact name="Ampora">
                <span class="label">{visible(&ampora.name)}</span>
                <span class="sub">"container "{visible(&ampora.container)}" at "{visible(&ampora.cluster)}</span>
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
                <span class="sub">"to come from the new Secret "{visible(&ampora.secret)}"; role, password and options stay"</span>
            </Fact>
        </Facts>
    }
}
