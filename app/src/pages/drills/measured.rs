//! What drills measured over time: how long a recovery took, and how much it lost.

use chrono::TimeDelta;
use domain::drill::{Measured, Verdict};
use domain::time::Timestamp;
use leptos::prelude::*;

use super::words::href;
use crate::components::Sheet;
use crate::pages::overview::count;
use crate::plots::{Point, Shown, Trend, TrendPlot};

/// Both figures, side by side. `declared`: RTO and RPO.
#[component]
pub fn Trends(
    measured: Vec<Measured>,
    declared: (Option<TimeDelta>, Option<TimeDelta>),
    now: Timestamp,
) -> impl IntoView {
    let note = count(measured.len(), "drill", "drills");
    let of = |id: &str, title: &str, figure: fn(&Measured) -> Option<u32>, declared: Option<TimeDelta>| Trend {
        id: id.into(),
        title: title.into(),
        now,
        points: measured.iter().map(|one| point(one, figure(one))).collect(),
        declared: declared.and_then(|declared| u32::try_from(declared.num_seconds()).ok()),
    };
    let rto = of(
        "trend-rto",
        "Time to recover, RTO",
        |one| one.figures.rto_seconds,
        declared.0,
    );
    let rpo = of("trend-rpo", "Data lost, RPO", |one| one.figures.rpo_seconds, declared.1);
    view! {
        <div class="split even">
            <Sheet id="time-to-recover" title="Time to recover" note=note.clone()><TrendPlot plot=rto /></Sheet>
            <Sheet id="data-lost" title="Data lost" note><TrendPlot plot=rpo /></Sheet>
        </div>
    }
}

fn point(measured: &Measured, seconds: Option<u32>) -> Point {
    Point {
        at: measured.at,
        shown: match measured.verdict {
            Verdict::Passed => Shown::Passed,
            Verdict::Failed => Shown::Failed,
            Verdict::EnvironmentBroken => Shown::EnvironmentBroken,
        },
        seconds,
        href: href(measured.id),
    }
}
