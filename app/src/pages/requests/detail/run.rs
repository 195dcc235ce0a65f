//! The run: how far it is, step by step, with the log; once it is over, how it ended.

use domain::plan::Plan;
use domain::run::RunState;
use domain::time::{Timestamp, ago, span};
use leptos::prelude::*;
use recovery::runs::{LogPage, LogStream, Run, StoredLine};

use super::outcome::{OutcomeBanner, outcome};
use super::progress::{left, told};
use crate::components::{
    Address, Log, LogLine, Moment, PageLink, Pager, QuotedText, RunStep, RunSteps, Sheet, Stream, page_links,
};
use crate::pages::overview::Took;
use crate::pages::standing::{Reader, step};
use crate::pages::words::{grouped, step_name};

/// The section, which stands first once there is a run.
#[component]
pub fn RunSheet(run: Run, plan: Plan, reader: Reader, log: Result<LogPage, String>, address: Address) -> impl IntoView {
    let now = reader.now;
    let ended = outcome(&run, &plan.pinned);
    let needs_you =
        matches!(run.state, RunState::NeedsHuman { .. }).then(|| run.state.reason().unwrap_or_default().to_owned());
    let steps = run.steps.iter().map(|(step, state)| RunStep {
        step: domain::plan::Step {
            name: step_name(&step.name),
            ..step.clone()
        },
        state: state.clone(),
    });
    let (steps, begun) = (steps.collect(), begun(&run, now));
    let under_way = match &log {
        Ok(log) if log.page.is_none() => told(&run, &plan, &log.lines),
        Ok(_) | Err(_) => None,
    };
    let under_way = under_way.map(|told| {
        view! {
            <p class="note">{told.words}</p>
            <progress max="100" value=told.percent.to_string() aria-label="This step">{format!("{} %", told.percent)}</progress>
        }
    });
    let left = left(&run, &plan, now).map(|left| view! { <p class="note">{left}</p> });
    let run_number = run.number;
    let worked = !plan.pinned.is_handed_over();
    let log = worked.then(|| view! { <RunLog log now address number=run_number /> });
    view! {
        <Sheet id="run" title="Run" note=note(&run, &plan, now)>
            {ended.map(|outcome| view! { <OutcomeBanner outcome /> })}
            {progress(&run)}
            {under_way}
            {left}
            {begun}
            <div class="running">
                <RunSteps steps now needs_you />
                {log}
            </div>
        </Sheet>
    }
}

/// One line: how far, how long so far, and what restores like it took.
fn note(run: &Run, plan: &Plan, now: Timestamp) -> String {
    let took = |from: Timestamp| span((run.finished_at.unwrap_or(now) - from).num_seconds().max(0));
    let usual = Took::of(&plan.advisory.durations).map(|took| format!("; {}, {}", took.about(), took.range()));
    match (&run.state, run.started_at) {
        (RunState::Queued, _) => format!("waits for a worker since {}", took(run.created_at)),
        (RunState::Running, Some(started)) => {
            let step = format!("step {} of {}", step(run), run.steps.len());
            format!("{step}, {} so far{}", took(started), usual.unwrap_or_default())
        }
        (RunState::Paused { since, .. }, Some(started)) => format!(
            "waits at step {} of {} for {}, {} so far",
            step(run),
            run.steps.len(),
            span((now - *since).num_seconds().max(0)),
            took(started)
        ),
        (RunState::NeedsHuman { .. }, Some(started)) => {
            format!("stopped after {}; somebody has to look", took(started))
        }
        (over, Some(started)) => format!("{} after {}", over.word(), took(started)),
        (over, None) => over.word().into(),
    }
}

fn progress(run: &Run) -> Option<AnyView> {
    let (done, all) = (step(run) - 1, run.steps.len());
    (run.state == RunState::Running).then(|| {
        view! { <progress max=all.to_string() value=done.to_string() aria-label="Steps done">{format!("{done} of {all}")}</progress> }.into_any()
    })
}

/// When, and in whose hands. A lease that ran out means that the worker is gone.
fn begun(run: &Run, now: Timestamp) -> AnyView {
    let worker = run.worker.clone().unwrap_or_else(|| "no worker yet".into());
    let lost = run
        .lease_until
        .filter(|until| *until < now && run.state == RunState::Running);
    let lost = lost.map(|until| {
        format!(
            " Its lease ran out {}: the worker may be gone, another one takes over.",
            ago(until, now)
        )
    });
    match run.started_at {
        Some(at) => view! { <p class="note">"Started "<Moment at now />" on "<QuotedText text=worker />"."{lost}</p> }
            .into_any(),
        None => view! { <p class="note">"Asked for "<Moment at=run.created_at now />"; nothing has been touched."</p> }
            .into_any(),
    }
}

#[component]
fn RunLog(log: Result<LogPage, String>, address: Address, now: Timestamp, number: i64) -> impl IntoView {
    let page = match log {
        Ok(page) => page,
        Err(why) => {
            return view! { <div><h3>"Log"</h3><p class="note">{why}</p></div> }.into_any();
        }
    };
    let of = grouped(page.of as u64);
    let title = match (page.page, page.lines.len()) {
        (Some(number), _) => format!("Log, page {number} of {}, {of} lines", page.pages),
        (None, shown) if shown < page.of => format!("Log, the last {shown} of {of} lines"),
        _ => "Log".into(),
    };
    let pager = (page.pages > 1).then(|| pager(&address, &page));
    let lines: Vec<_> = page.lines.into_iter().map(line).collect();
    let download = format!("/requests/{number}/log");
    view! { <Log id="log" title lines now download />{pager} }.into_any()
}

/// Pages are named `log` here; without one the log goes on at its end.
fn pager(address: &Address, page: &LogPage) -> impl IntoView + use<> {
    let address = address.without("log");
    let links = page_links(&address, page.page.unwrap_or(page.pages), page.pages).into_iter();
    let own = |href: String| format!("{}#log", href.replace("page=", "log="));
    let links: Vec<_> = links
        .map(|link| PageLink {
            href: link.href.map(own),
            ..link
        })
        .collect();
    let shows = match page.page {
        Some(number) => format!("page {number} of {}", page.pages),
        None => format!("the end of {} pages", page.pages),
    };
    view! { <Pager shows links /> }
}

fn line(stored: StoredLine) -> LogLine {
    let line = stored.line;
    LogLine {
        at: line.at,
        stream: match line.stream {
            LogStream::Out => Stream::Out,
            LogStream::Err => Stream::Err,
            LogStream::Note => Stream::Muster,
        },
        text: line.text,
    }
}
