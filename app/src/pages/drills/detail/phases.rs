//! The phases on one clock, and the same as a table.

use chrono::TimeDelta;
use domain::drill::{Phase, PhaseName, PhaseStatus};
use domain::time::{Timestamp, span};
use leptos::prelude::*;
use recovery::drills::Seen;

use crate::components::{Moment, Sheet, Show, StatusWord, Word, visible};
use crate::pages::drills::words::phase as called;
use crate::plots::{Bar, PhaseBar, Phases, PhasesPlot};

#[component]
pub fn PhasesSheet(seen: Seen, now: Timestamp) -> impl IntoView {
    let drill = &seen.stored.drill;
    let Some(began) = drill.phases.first().map(|first| first.started_at) else {
        return view! { <Sheet id="phases" title="Phases"><p class="note">"Nothing has begun."</p></Sheet> }.into_any();
    };
    let last = drill.phases.last().and_then(|last| last.finished_at).unwrap_or(now);
    let rto = match drill.figures.rto_seconds {
        Some(seconds) => format!("recovered in {}", span(seconds.into())),
        None if seen.stored.state.is_over() => "recovery was not reached".into(),
        None => "under way".into(),
    };
    let note = format!("{rto}, {} in all", took(last - began));
    let plot = plot(&seen, began, now);
    let rows: Vec<_> = drill.phases.iter().map(|phase| row(phase, now)).collect();
    let not_run: Vec<_> = missing(&seen)
        .into_iter()
        .map(|(name, seconds)| not_run(name, seconds))
        .collect();
    view! {
        <Sheet id="phases" title="Phases" note>
            <PhasesPlot plot />
            <section class="scroll-x" tabindex="0" aria-label="Phases as a table">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Phase"</th>
                            <th scope="col">"Status"</th>
                            <th scope="col" class="c3">"Began"</th>
                            <th scope="col" class="num">"Took"</th>
                            <th scope="col" class="c2">"What was done"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}{not_run}</tbody>
                </table>
            </section>
        </Sheet>
    }
    .into_any()
}

/// `0.4 s` where seconds say too little.
fn took(time: TimeDelta) -> String {
    let millis = time.num_milliseconds().max(0);
    if millis < 10_000 {
        return format!("{}.{} s", millis / 1_000, millis % 1_000 / 100);
    }
    span(millis / 1_000)
}

const fn word(status: PhaseStatus) -> Word {
    match status {
        PhaseStatus::Running => Word::Running,
        PhaseStatus::Ok => Word::Ok,
        PhaseStatus::Broken => Word::Broken,
        PhaseStatus::Stopped => Word::Cancelled,
    }
}

/// Phases that the last drill that passed had and this one never got to.
fn missing(seen: &Seen) -> Vec<(PhaseName, i64)> {
    let had = |name: &PhaseName| seen.stored.drill.phases.iter().any(|phase| phase.name == *name);
    if !seen.stored.state.is_over() {
        return Vec::new();
    }
    // A dump has other phases than a physical backup, and a managed database has its own.
    let managed = seen.stored.drill.instance.is_some();
    let same = |name: &PhaseName| match name {
        PhaseName::Create | PhaseName::Available | PhaseName::Connect => managed,
        PhaseName::Fetch | PhaseName::Wal | PhaseName::Restore | PhaseName::Start if managed => false,
        PhaseName::Restore => !had(&PhaseName::Fetch) && !had(&PhaseName::Wal),
        PhaseName::Fetch | PhaseName::Wal => !had(&PhaseName::Restore),
        _ => true,
    };
    let usual = seen.usual.iter().copied();
    usual.filter(|(name, _)| !had(name) && same(name)).collect()
}

fn plot(seen: &Seen, began: Timestamp, now: Timestamp) -> Phases {
    let drill = &seen.stored.drill;
    let mut bars: Vec<_> = drill.phases.iter().map(|phase| bar(phase, began, now)).collect();
    let tear_down = bars.len() - usize::from(drill.phases.last().is_some_and(|last| last.name == PhaseName::TearDown));
    let mut at = bars
        .get(tear_down.saturating_sub(1))
        .map_or_else(TimeDelta::zero, |last| last.to);
    for (index, (name, seconds)) in missing(seen).into_iter().enumerate() {
        let to = at + TimeDelta::seconds(seconds);
        let outline = PhaseBar {
            name: called(name).into(),
            says: format!("not run, usually {}", span(seconds)),
            bar: Bar::NotRun,
            from: at,
            to,
        };
        bars.insert((tear_down + index).min(bars.len()), outline);
        at = to;
    }
    Phases {
        id: "phases-plot".into(),
        bars,
        declared: drill
            .figures
            .rto_declared
            .map(|seconds| TimeDelta::seconds(seconds.into())),
    }
}

fn bar(phase: &Phase, began: Timestamp, now: Timestamp) -> PhaseBar {
    let to = phase.finished_at.unwrap_or(now).max(phase.started_at);
    let (bar, says) = match phase.status {
        PhaseStatus::Ok => (Bar::Done, took(to - phase.started_at)),
        PhaseStatus::Running => (Bar::Running, format!("{} so far", took(to - phase.started_at))),
        PhaseStatus::Broken => (Bar::Broken, format!("broken after {}", took(to - phase.started_at))),
        PhaseStatus::Stopped => (Bar::Stopped, format!("stopped after {}", took(to - phase.started_at))),
    };
    PhaseBar {
        name: called(phase.name).into(),
        says,
        bar,
        from: phase.started_at - began,
        to: to - began,
    }
}

fn row(phase: &Phase, now: Timestamp) -> AnyView {
    let broken = (phase.status == PhaseStatus::Broken).then_some("broken");
    let took = took(phase.finished_at.unwrap_or(now) - phase.started_at);
    view! {
        <tr data-status=broken>
            <th scope="row">{called(phase.name)}<span class="sub when-phone">{visible(&phase.detail)}</span></th>
            <td><StatusWord word=word(phase.status) text=phase.status.word() /></td>
            <td class="c3"><Moment at=phase.started_at now show=Show::Clock /></td>
            <td class="num">{took}</td>
            <td class="c2">{visible(&phase.detail)}</td>
        </tr>
    }
    .into_any()
}

fn not_run(name: PhaseName, usual: i64) -> AnyView {
    let usual = format!("{} in the last drill that passed", span(usual));
    view! {
        <tr data-status="unknown">
            <th scope="row">{called(name)}</th>
            <td><StatusWord word=Word::NotRun /></td>
            <td class="c3">"–"</td>
            <td class="num">"–"</td>
            <td class="c2">{usual}</td>
        </tr>
    }
    .into_any()
}
