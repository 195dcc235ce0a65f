//! A standing approval for copies of a managed database, as people read it: what is made of what, where it lies, and for how long.

use domain::plan::DrillOnRds;
use leptos::prelude::*;

use super::words::name;
use crate::components::{Fact, Facts, visible};
use crate::pages::overview::count;

fn days(plan: &DrillOnRds) -> String {
    count(usize::try_from(plan.valid_days).unwrap_or(usize::MAX), "day", "days")
}

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(plan: &DrillOnRds) -> AnyView {
    view! {
        "For "<b>{days(plan)}</b>" from the last approval on, each drill has AWS make a temporary copy of "{name(&plan.copy.instance)}
        ", looks through it by the role that reads production, and has it deleted, however the drill ends. Nobody has to run this request: \
         drills use it, until its time is over or somebody revokes it. If the instance or anything about its copies changes, it ends by itself."
    }
    .into_any()
}

#[component]
pub fn CopiesFacts(plan: DrillOnRds) -> impl IntoView {
    let holds = days(&plan);
    let copy = plan.copy;
    let told = |name: &Option<String>| visible(name.as_deref().unwrap_or("none"));
    let groups = visible(&copy.security_groups.join(", "));
    let (subnets, parameters) = (told(&copy.subnet_group), told(&copy.parameter_group));
    let key = match &copy.kms_key {
        Some(key) => visible(key),
        None => visible("nothing: the instance isn’t encrypted, so its copies aren’t"),
    };
    view! {
        <Facts>
            <Fact name="Of">
                <span class="label">{visible(&copy.instance)}</span>
                <span class="sub">{visible(&copy.resource_id)}" in "{visible(&copy.region)}</span>
            </Fact>
            <Fact name="Class"><span class="label">{visible(&copy.class)}</span><span class="sub">"one zone, no address on the internet"</span></Fact>
            <Fact name="Let in by"><span class="label">{groups}</span><span class="sub">"subnet group "{subnets}</span></Fact>
            <Fact name="Parameter group"><span class="label">{parameters}</span></Fact>
            <Fact name="Encrypted with"><span class="label">{key}</span></Fact>
            <Fact name="Stands for">{holds}</Fact>
        </Facts>
    }
}

/// What it costs.
#[must_use]
pub fn costs(plan: &DrillOnRds) -> AnyView {
    let holds = days(plan);
    let class = visible(&plan.copy.class);
    view! {
        <Fact name="AWS charges for">"an instance of class "{class}" and its storage, as long as each drill of the next "{holds}" lasts"</Fact>
        <Fact name="A second copy of">"all that production holds, with its roles and passwords, while it is there"</Fact>
        <Fact name="Not touched">"the instance that Ampora uses, and its backups"</Fact>
    }
    .into_any()
}

/// The same in one line.
#[must_use]
pub fn line(plan: &DrillOnRds) -> AnyView {
    view! { "In each drill of the next "<b>{days(plan)}</b>" a second copy of production’s data lies at AWS." }
        .into_any()
}

#[cfg(test)]
mod tests {
    use domain::plan::CopyOnRds;

    use super::*;
    use crate::pages::overview::samples::HOSTILE;

    #[test]
    fn where_the_copies_lie_is_told() {
        let plan = DrillOnRds {
            deployment: "demo".into(),
            source: "managed".into(),
            copy: CopyOnRds {
                region: HOSTILE.into(),
                instance: HOSTILE.into(),
                resource_id: "db-1".into(),
                class: "db.t4g.medium".into(),
                subnet_group: Some(HOSTILE.into()),
                parameter_group: None,
                security_groups: vec!["sg-1".into(), HOSTILE.into()],
                kms_key: None,
            },
            valid_days: 90,
            steps: Vec::new(),
        };
        let html = Owner::new().with(|| {
            let facts = view! { <CopiesFacts plan=plan.clone() /> }.into_any();
            view! { {sentences(&plan)}{facts}{costs(&plan)}{line(&plan)} }.to_html()
        });
        for words in [
            "90 days",
            "db.t4g.medium",
            "sg-1",
            "isn’t encrypted",
            "however the drill ends",
        ] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert!(!html.contains("<script"), "{html}");
    }
}
