//! The verdict in one sentence, what was not tested, and what can be done.

use domain::backup::Kind;
use domain::drill::{Choice, Drill, Trigger, Verdict};
use domain::time::{Timestamp, span};
use leptos::prelude::*;
use recovery::drills::{DrillState, Seen};

use crate::components::{Banner, Moment, PageHead, StatusWord, Word, visible};
use crate::pages::drills::words::{phase, standing, untested};
use crate::pages::overview::plain;

#[component]
pub fn Head(seen: Seen, #[prop(optional_no_strip)] cannot: Option<String>, now: Timestamp) -> impl IntoView {
    let Seen { stored, ahead, .. } = &seen;
    let drill = &stored.drill;
    let (word, says) = standing(stored);
    let mut letters = says.chars();
    let says: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    let sentence = match stored.state {
        DrillState::Queued => waits(*ahead),
        DrillState::Running => runs(drill),
        DrillState::Cancelled => "It was stopped before it came to a verdict, so it shows nothing.".to_owned(),
        DrillState::Finished => verdict(drill),
    };
    let title = view! { <StatusWord word text=format!("{says}.") />" "{visible(&sentence)} }.into_any();
    let crumb = ("Drills", "/drills", plain(&drill.deployment));
    let (lede, actions) = (lede(drill, now), actions(&seen, cannot));
    view! {
        <PageHead title says=true crumb lede actions />
        {banners(drill)}
        {(!stored.state.is_over()).then(|| view! { <p class="note without-script"><a href="">"Reload"</a>" to see how far it is."</p> })}
    }
}

fn waits(ahead: usize) -> String {
    match ahead {
        0 => "It begins when a worker has a place for it, and never beside a restore.".into(),
        1 => "One drill has its place before this one.".into(),
        many => format!("{many} drills have their places before this one."),
    }
}

fn runs(drill: &Drill) -> String {
    match drill.phases.last() {
        Some(last) => format!("{}; {} of its checks are done.", phase(last.name), drill.checks.len()),
        None => "It has just begun.".into(),
    }
}

/// One sentence with the reason.
fn verdict(drill: &Drill) -> String {
    if let Some(failure) = &drill.failure {
        let stop = if failure.words.ends_with('.') { "" } else { "." };
        return format!("{}{stop}", failure.words);
    }
    let back = match drill.figures.rto_seconds {
        Some(seconds) => format!("came back in {}", span(seconds.into())),
        None => "came back".into(),
    };
    let label = match (&drill.backup, &drill.instance) {
        (None, _) => "The backup".to_owned(),
        (Some(backup), None) => backup.label.clone(),
        (Some(backup), Some(instance)) => format!("{} as of {}", instance.of, backup.label),
    };
    let lost = match drill.figures.rpo_seconds {
        Some(0) => ", and nothing that is known was lost".into(),
        Some(seconds) => format!(", all but the last {}", span(seconds.into())),
        None => String::new(),
    };
    format!("{label} {back}{lost}, and the key opens it.")
}

fn lede(drill: &Drill, now: Timestamp) -> AnyView {
    let kind = drill.backup.as_ref().map_or("", |backup| match backup.kind {
        Kind::Full => "Full backup",
        Kind::Diff => "Differential backup",
        Kind::Incr => "Incremental backup",
        Kind::Dump => "Dump",
        Kind::Snapshot => "Snapshot",
    });
    let what = match &drill.backup {
        Some(backup) if drill.instance.is_some() => format!(
            "{} as of {}{}",
            backup.source,
            backup.label,
            if backup.to_the_end {
                ", the latest that AWS restores to"
            } else {
                ""
            }
        ),
        Some(backup) => format!(
            "{kind} {} of {}{}",
            backup.label,
            backup.source,
            if backup.to_the_end {
                ", with the WAL behind it"
            } else {
                ", to its own end"
            }
        ),
        None => format!("Asked for {}", drill.choice.words()),
    };
    let by = match drill.trigger {
        Trigger::Person => format!("Started by {}", drill.by_name),
        Trigger::Schedule => "Started by the schedule".to_owned(),
        Trigger::Shell => "Started at the command line".to_owned(),
    };
    view! {
        {visible(&what)}". "{visible(&by)}", "<Moment at=drill.started_at.unwrap_or(drill.queued_at) now />"."
    }
    .into_any()
}

/// What a reader must not miss: what wasn't tested, what to do about a broken sandbox, what else there is to know.
fn banners(drill: &Drill) -> AnyView {
    let remedy = drill.failure.as_ref().and_then(|failure| failure.remedy.clone());
    let remedy = remedy.map(|remedy| {
        let text = visible(&remedy);
        view! { <Banner word=Word::EnvironmentBroken title="It says nothing about the backup, good or bad.">"What to do: "{text}"."</Banner> }
    });
    let decided = drill.verdict.is_some() && drill.verdict != Some(Verdict::EnvironmentBroken);
    let untested = untested(drill).filter(|_| decided).map(|names| {
        view! { <Banner word=Word::NotRun title="Not tested">{visible(&names)}"."</Banner> }
    });
    let warnings: Vec<_> = drill
        .warnings
        .iter()
        .map(|warning| view! { <li>{visible(warning)}"."</li> })
        .collect();
    let warnings = (!warnings.is_empty()).then(|| {
        view! { <details><summary>"To know besides"</summary><ul class="note">{warnings}</ul></details> }
    });
    view! { {remedy}{untested}{warnings} }.into_any()
}

fn actions(seen: &Seen, cannot: Option<String>) -> AnyView {
    let drill = &seen.stored.drill;
    let compare = seen.before.filter(|_| seen.stored.state.is_over()).map(|before| {
        let href = format!("/drills/compare?a={before}&b={}", drill.id);
        view! { <a class="button" href=href>"Compare with the one before"</a> }
    });
    let receipt = seen.stored.receipt.is_some().then(|| {
        let href = format!("/drills/{}/receipt", drill.id);
        view! { <a class="button quiet" href=href>"Download receipt"</a> }
    });
    let press = match (seen.stored.state.is_over(), cannot) {
        (_, Some(why)) => view! {
            <button class="button" type="button" disabled=true aria-describedby="cannot-drill">"Start drill"</button>
            <p class="sub" id="cannot-drill">{visible(&why)}</p>
        }
        .into_any(),
        (false, None) => cancel(seen),
        (true, None) => again(drill),
    };
    view! { {press}{compare}{receipt} }.into_any()
}

fn cancel(seen: &Seen) -> AnyView {
    if seen.stored.cancel_wanted {
        return view! { <p class="sub">"It is being stopped; its sandbox goes first."</p> }.into_any();
    }
    let action = format!("/drills/{}/cancel", seen.stored.drill.id);
    view! { <form method="post" action=action><button class="button stop" type="submit">"Cancel drill"</button></form> }
        .into_any()
}

/// The same choice once more.
fn again(drill: &Drill) -> AnyView {
    let (choice, label, source) = match &drill.choice {
        Choice::Latest => ("latest", String::new(), String::new()),
        Choice::LatestRestorableTime => ("latest-restorable-time", String::new(), String::new()),
        Choice::Random => ("random", String::new(), String::new()),
        Choice::Label { label, source } => ("label", label.clone(), source.clone().unwrap_or_default()),
    };
    view! {
        <form method="post" action="/drills">
            <input type="hidden" name="deployment" value=drill.deployment.clone() />
            <input type="hidden" name="choice" value=choice />
            <input type="hidden" name="label" value=label />
            <input type="hidden" name="source" value=source />
            <button class="button primary" type="submit">"Start drill"</button>
        </form>
    }
    .into_any()
}
