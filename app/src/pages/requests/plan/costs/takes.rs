//! How long it takes: only what was measured, as a whole and by part.

use domain::plan::{Advisory, MeasuredIn, PhaseTime};
use domain::time::span;
use leptos::prelude::*;

use crate::components::{Fact, StatusWord, Word};
use crate::pages::overview::{Took, count};
use crate::pages::words::step_name;

/// One fact of a list.
#[component]
pub fn Takes(advisory: Advisory) -> impl IntoView {
    let Advisory { durations, phases, .. } = advisory;
    let takes = match Took::of(&durations) {
        Some(took) => {
            view! { {took.about()}<span class="sub">{took.range()}" like it"{measured(&phases)}</span> }.into_any()
        }
        None => view! {
            <StatusWord word=Word::Unknown text="no history" />
            <span class="sub">"No restore of this kind has been run yet, and no drill of this source has passed."</span>
        }
        .into_any(),
    };
    let parts: Vec<_> = phases.iter().map(part).collect();
    let some = !parts.is_empty();
    view! {
        <Fact name="Takes">
            {takes}
            {some.then(|| view! { <details><summary>"By part"</summary><ul>{parts}</ul></details> })}
        </Fact>
    }
}

fn measured(phases: &[PhaseTime]) -> Option<&'static str> {
    let drills = phases.iter().any(|phase| phase.measured_in == MeasuredIn::Drills);
    drills.then_some(", each of them a drill")
}

fn part(phase: &PhaseTime) -> impl IntoView + use<> {
    let (least, most) = (span(phase.min.into()), span(phase.max.into()));
    let took = if least == most {
        least
    } else {
        format!("{least} to {most}")
    };
    let times = usize::try_from(phase.of).map_or_else(|_| String::new(), |of| count(of, "time", "times"));
    let measured = match phase.measured_in {
        MeasuredIn::Runs | MeasuredIn::Drills => format!("measured {times}"),
        MeasuredIn::Backups => format!("measured {times}, as the source tells; clients are in by then"),
    };
    view! { <li>{step_name(&phase.name)}": "<b>{took}</b><span class="sub">{measured}</span></li> }
}
