//! A plan as people read it, before they ask for it and before they decide on it: what will be done, what it costs, the steps, the digest.

mod copies;
mod costs;
mod disaster;
mod facts;
mod managed;
mod repoint;
mod set_back;
mod standing;
mod words;

use domain::ids::Sha256;
use domain::plan::{Delivery, Pinned, Plan, Step};
use domain::time::Timestamp;
use leptos::prelude::*;

pub use costs::{Loss, cost_line};
pub use words::title;

use crate::components::{DigestPlate, PlanSteps, Seen, Sheet};
use crate::pages::overview::{Took, count};
use crate::pages::words::step_name;

/// What will be done, what it costs, and the steps.
#[component]
pub fn PlanSheets(plan: Plan, now: Timestamp) -> impl IntoView {
    let made = plan.made_at;
    let seen = move || view! { <Seen at=Some(made) now source="facts read for this plan" /> }.into_any();
    let note = match &plan.pinned {
        Pinned::RestoreDump(_) => "Different database, same data.",
        Pinned::RestorePitr(plan) if plan.in_place.is_some() => "Same database, point in time: in place.",
        Pinned::RestorePitr(_) => "Same database, point in time: beside, then swapped.",
        Pinned::RetrieveKey(plan) => match &plan.delivery {
            Delivery::ShownOnce | Delivery::Sealed { .. } => "One version of the master key, for one person.",
            Delivery::Split { .. } => "One version of the master key, for two people who need each other.",
            Delivery::Placed(_) => "One version of the master key, into a place where nothing was.",
        },
        Pinned::KeyCatchUp(_) => "The key in use, for the manager that doesn’t have it.",
        Pinned::RestoreRds(_) => "Managed offering: a new instance beside the old one.",
        Pinned::Repoint(_) => "Different database, same data: the second half.",
        Pinned::FullDisaster(_) => "Full disaster: new cluster, restored database, delivered key.",
        Pinned::DrillWithKey(_) | Pinned::DrillOnRds(_) => "An approval that stands: drills use it, nobody runs it.",
    };
    let (sentences, target) = (words::sentences(&plan.pinned), facts::target(&plan.pinned));
    let (costs, steps_note) = (costs::costs(&plan, now), steps_note(&plan));
    let steps = readable(plan.pinned.steps());
    view! {
        <Sheet id="plan" title="The plan" note seen=seen()>
            <p>{sentences}</p>
            {target}
        </Sheet>
        <Sheet id="costs" title="What it costs" seen=seen()>
            {costs}
        </Sheet>
        <Sheet id="steps" title="Step by step" note=steps_note>
            <PlanSteps steps />
        </Sheet>
    }
}

fn readable(steps: &[Step]) -> Vec<Step> {
    let named = |step: &Step| Step {
        name: step_name(&step.name),
        ..step.clone()
    };
    steps.iter().map(named).collect()
}

fn steps_note(plan: &Plan) -> String {
    let steps = plan.pinned.steps();
    let destructive = steps.iter().filter(|step| step.destructive).count();
    let mut note = count(steps.len(), "step", "steps");
    note.push_str(match destructive {
        0 => ", none of them destructive",
        1 => ", 1 of them destructive",
        _ => ", some of them destructive",
    });
    if let Some(took) = Took::of(&plan.advisory.durations) {
        note.push_str(&format!("; {}, {}", took.about(), took.range()));
    }
    note
}

/// The digest, and how people make sure that they speak of the same plan.
#[component]
pub fn Digest(digest: Sha256, about: AnyView) -> impl IntoView {
    view! {
        <Sheet id="digest" title="Digest" note="what is approved">
            <DigestPlate digest />
            <p class="note">"SHA-256 of the plan. "{about}</p>
        </Sheet>
    }
}
