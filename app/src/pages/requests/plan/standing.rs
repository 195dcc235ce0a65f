//! A standing approval, as people read it: which program gets the key, and for how long.

use domain::plan::DrillWithKey;
use leptos::prelude::*;

use super::words::name;
use crate::components::{Fact, Facts, visible};
use crate::pages::overview::count;

fn program(plan: &DrillWithKey) -> &str {
    plan.launch.command.first().map_or("", String::as_str)
}

fn days(plan: &DrillWithKey) -> String {
    count(usize::try_from(plan.valid_days).unwrap_or(usize::MAX), "day", "days")
}

fn stand_in(plan: &DrillWithKey) -> Option<&'static str> {
    plan.launch.is_stand_in().then_some(", a stand-in for Ampora")
}

#[must_use]
pub fn title(plan: &DrillWithKey) -> AnyView {
    view! { "Let drills hand the master key to "{name(program(plan))}{stand_in(plan)}"." }.into_any()
}

/// All of it, as a paragraph.
#[must_use]
pub fn sentences(plan: &DrillWithKey) -> AnyView {
    view! {
        "For "<b>{days(plan)}</b>" from the last approval on, each drill starts "{name(program(plan))}{stand_in(plan)}" on "{name(&plan.launch.host)}
        ", beside the restored copy and without a network, and hands it the master key that opens the copy. Nobody has to run this request: \
         drills use it, until its time is over or somebody revokes it. If the command or the program’s file changes, it ends by itself."
    }
    .into_any()
}

#[component]
pub fn StandingFacts(plan: DrillWithKey) -> impl IntoView {
    let holds = days(&plan);
    let launch = plan.launch;
    view! {
        <Facts>
            <Fact name="Program"><span class="label">{visible(&launch.command.join(" "))}</span></Fact>
            <Fact name="SHA-256"><code>{launch.program_sha256.to_string()}</code></Fact>
            <Fact name="Runs">
                <span class="label">{visible(&launch.host)}</span><span class="sub">{visible(&launch.namespace)}</span>
            </Fact>
            <Fact name="Stands for">{holds}</Fact>
        </Facts>
    }
}

/// What it costs.
#[must_use]
pub fn costs(plan: &DrillWithKey) -> AnyView {
    let holds = days(plan);
    view! { <Fact name="The key leaves Muster">"in each drill of the next "{holds}", into the memory of one program"</Fact> }.into_any()
}

/// The same in one line.
#[must_use]
pub fn line(plan: &DrillWithKey) -> AnyView {
    view! { "The program holds the master key in each drill of the next "<b>{days(plan)}</b>"." }.into_any()
}
