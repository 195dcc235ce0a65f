//! A new RDS instance, as people read it.

use domain::plan::{RecoveryStop, RestoreRds};
use leptos::prelude::*;

use super::words::name;
use crate::components::{Fact, Facts, visible};

fn moment(stop: RecoveryStop) -> String {
    match stop {
        RecoveryStop::Time { time, .. } => domain::time::rfc3339(time),
        RecoveryStop::Latest => "the latest moment that AWS can restore to".into(),
    }
}

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(plan: &RestoreRds) -> AnyView {
    view! {
        "Have AWS make the new instance "{name(plan.target.as_str())}" from the automated backups of "{name(&plan.instance)}", as of "
        <b>{moment(plan.stop)}</b>", with the same class, networks, security groups and parameters; left to itself AWS would choose its own. Wait \
         until it is available, compare it with the old one, and look into its database. Nothing that exists is changed: Ampora goes on with the \
         instance it has until it is pointed at the new one, which takes a request of its own."
    }
    .into_any()
}

#[component]
pub fn ManagedFacts(plan: RestoreRds) -> impl IntoView {
    let RestoreRds {
        region,
        instance,
        resource_id,
        stop,
        target,
        shape,
        database,
        ..
    } = plan;
    let zones = if shape.multi_az {
        "more than one zone"
    } else {
        "one zone"
    };
    let protected = if shape.deletion_protection {
        "protected against deletion"
    } else {
        "not protected against deletion"
    };
    let none = || "AWS’s default".to_owned();
    view! {
        <Facts>
            <Fact name="From">
                <span class="label">{visible(&instance)}</span>
                <span class="sub">"resource "{visible(&resource_id)}" in "{visible(&region)}</span>
            </Fact>
            <Fact name="As of">{moment(stop)}</Fact>
            <Fact name="New instance">
                <span class="label">{target.to_string()}</span>
                <span class="sub">{visible(&shape.class)}", version "{visible(&shape.engine_version)}", "{zones}", "{protected}</span>
            </Fact>
            <Fact name="Networks">
                <span class="label">{visible(&shape.security_groups.join(", "))}</span>
                <span class="sub">"subnet group "{visible(&shape.subnet_group.unwrap_or_else(none))}"; not reachable from the internet"</span>
            </Fact>
            <Fact name="Parameters">{visible(&shape.parameter_group.unwrap_or_else(none))}</Fact>
            <Fact name="Encrypted with">{visible(&shape.kms_key.unwrap_or_else(|| "nothing".into()))}</Fact>
            <Fact name="Database">{visible(&database)}</Fact>
        </Facts>
    }
}
