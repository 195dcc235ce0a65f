//! A standing approval, as people read it: which program gets the key, and for how long.

use domain::plan::DrillWithKey;
use leptos::prelude::*;

use super::words::name;
use crate::components::{Fact, Facts, visible};
use crate::pages::overview::count;

fn days(plan: &DrillWithKey) -> String {
    count(usize::try_from(plan.valid_days).unwrap_or(usize::MAX), "day", "days")
}

fn stand_in(plan: &DrillWithKey) -> Option<&'static str> {
    plan.launch.is_stand_in().then_some(", a stand-in for Ampora")
}

#[must_use]
pub fn title(plan: &DrillWithKey) -> AnyView {
    view! { "Let drills hand the master key to "{name(plan.recipient())}{stand_in(plan)}"." }.into_any()
}

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(plan: &DrillWithKey) -> AnyView {
    if plan.launch.cluster.is_some() {
        return overlay(plan);
    }
    view! {
        "For "<b>{days(plan)}</b>" from the last approval on, each drill starts "{name(plan.recipient())}{stand_in(plan)}" on "{name(&plan.launch.host)}
        ", beside the restored copy and without a network, and hands it the master key that opens the copy. Nobody has to run this request: \
         drills use it, until its time is over or somebody revokes it. If the command or the program’s file changes, it ends by itself."
    }
    .into_any()
}

fn overlay(plan: &DrillWithKey) -> AnyView {
    view! {
        "For "<b>{days(plan)}</b>" from the last approval on, each drill applies "{name(plan.recipient())}" to a namespace of its own in "
        {name(&plan.launch.host)}", which reaches nothing but the restored copy, and puts the master key into a Secret there until the drill ends. \
         Nobody has to run this request: drills use it, until its time is over or somebody revokes it. If what the overlay renders to changes, \
         it ends by itself."
    }
    .into_any()
}

#[component]
pub fn StandingFacts(plan: DrillWithKey) -> impl IntoView {
    let holds = days(&plan);
    let launch = plan.launch;
    let openings = launch.cluster.map(|cluster| {
        view! {
            <Fact name="Agents connect to"><span class="label">{visible(&cluster.agents)}</span><span class="sub">"from "{visible(&cluster.from)}</span></Fact>
            <Fact name="The copy is offered at"><span class="label">{visible(&cluster.database)}</span></Fact>
        }
    });
    view! {
        <Facts>
            <Fact name="Program"><span class="label">{visible(&launch.command.join(" "))}</span></Fact>
            <Fact name="SHA-256"><code>{launch.program_sha256.to_string()}</code></Fact>
            <Fact name="Runs">
                <span class="label">{visible(&launch.host)}</span><span class="sub">{visible(&launch.namespace)}</span>
            </Fact>
            {openings}
            <Fact name="Stands for">{holds}</Fact>
        </Facts>
    }
}

/// What it costs.
#[must_use]
pub fn costs(plan: &DrillWithKey) -> AnyView {
    let holds = days(plan);
    let to = if plan.launch.cluster.is_some() {
        ", into a Secret of a cluster"
    } else {
        ", into the memory of one program"
    };
    view! { <Fact name="The key leaves Muster">"in each drill of the next "{holds}{to}</Fact> }.into_any()
}

/// The same in one line.
#[must_use]
pub fn line(plan: &DrillWithKey) -> AnyView {
    view! { "What is launched holds the master key in each drill of the next "<b>{days(plan)}</b>"." }.into_any()
}

#[cfg(test)]
mod tests {
    use domain::ids::Sha256;
    use domain::plan::{Launch, LaunchCluster, STAND_IN};

    use super::*;
    use crate::pages::overview::samples::HOSTILE;

    fn shown(command: [&str; 3], cluster: Option<LaunchCluster>) -> String {
        let plan = DrillWithKey {
            deployment: "demo".into(),
            launch: Launch {
                host: HOSTILE.into(),
                namespace: HOSTILE.into(),
                command: command.map(str::to_owned).into(),
                program_sha256: Sha256::of(&[b"program"]),
                cluster,
            },
            valid_days: 7,
            steps: Vec::new(),
        };
        Owner::new().with(|| {
            let facts = view! { <StandingFacts plan=plan.clone() /> }.into_any();
            view! { {title(&plan)}{sentences(&plan)}{facts}{costs(&plan)}{line(&plan)} }.to_html()
        })
    }

    #[test]
    fn who_gets_the_key_and_where_is_told_for_each_kind_of_launcher() {
        let here = shown(["/opt/start", "--key", HOSTILE], None);
        assert!(
            here.contains("without a network") && !here.contains("stand-in"),
            "{here}"
        );
        let stood_in = shown(["/usr/bin/muster", STAND_IN, "--listen"], None);
        assert!(stood_in.contains("a stand-in for Ampora"), "{stood_in}");
        let cluster = LaunchCluster {
            agents: HOSTILE.into(),
            database: "192.0.2.5:15432".into(),
            from: "192.0.2.5/32".into(),
        };
        let applied = shown(["kubectl", "kustomize", "/srv/overlay"], Some(cluster));
        for words in [
            "/srv/overlay",
            "a namespace of its own",
            "a Secret",
            "192.0.2.5:15432",
            "192.0.2.5/32",
        ] {
            assert!(applied.contains(words), "{words}: {applied}");
        }
        assert!(!applied.contains("without a network"), "{applied}");
        for html in [here, stood_in, applied] {
            assert!(!html.contains("<script"), "{html}");
        }
    }
}
