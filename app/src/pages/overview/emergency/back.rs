//! Ways back, the best one first, each with the commands that go it without Muster.

use domain::emergency::{Command, Drilled, Emergency, Expires, Route};
use domain::inventory::CoverageStatus;
use domain::time::{Timestamp, ago, span};
use domain::window::place;
use leptos::prelude::*;

use super::super::links::Links;
use super::super::text::{count, plain};
use crate::components::{CopyButton, Moment, Sheet, Show, StatusWord, Word, command_line, visible};

#[component]
pub fn WaysBack(emergency: Emergency, now: Timestamp, links: Links) -> impl IntoView {
    let Emergency {
        ways_back: routes,
        unknown_sources,
        ..
    } = emergency;
    let note = match routes.len() {
        0 => "none is known".to_owned(),
        1 => "1 way".to_owned(),
        many => format!("{many} ways, the best one first"),
    };
    let rows: Vec<_> = routes.iter().map(|route| row(route, now, &links)).collect();
    let commands: Vec<_> = routes
        .into_iter()
        .enumerate()
        .map(|(index, route)| by_hand(index, route))
        .collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Source"</th>
                        <th scope="col" class="c2">"Restores to"</th>
                        <th scope="col">"Loses"</th>
                        <th scope="col" class="c3">"Last drill took"</th>
                        <th scope="col">"Key"</th>
                        <th scope="col" class="c4">"Is there until"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let pick = links.to("/backups").to_string();
    view! {
        <Sheet id="ways-back" title="Ways back" note>
            {table}
            {silent(&unknown_sources)}
            <div class="ways">{commands}</div>
            <p><a href=pick>"Restore to another moment"</a></p>
        </Sheet>
    }
}

/// What can't be believed now is left out above, and that has to be known.
fn silent(sources: &[(String, String)]) -> Option<AnyView> {
    let rows: Vec<_> = sources
        .iter()
        .map(|(name, reason)| {
            let (name, reason) = (visible(name), visible(reason));
            view! { <li><StatusWord word=Word::Unknown />" "<bdi class="label">{name}</bdi>": "{reason}</li> }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        let missing = count(sources.len(), "source doesn’t", "sources don’t");
        view! {
            <p class="note">{missing}" answer, so the ways that lead through them are missing here:"</p>
            <ul class="alarms">{rows}</ul>
        }
        .into_any()
    })
}

fn row(route: &Route, now: Timestamp, links: &Links) -> AnyView {
    let (key, says) = key(route);
    let (drill, took) = drilled(&route.drilled, now);
    let until = until(&route.expires, now);
    let status = matches!(key, Word::Broken | Word::Missing).then_some("broken");
    let href = match &route.backup {
        Some(label) => links.backup_in(&route.source, (route.repo > 0).then_some(route.repo), label),
        None => links.source(&route.source),
    };
    let what = match (&route.kind, &route.backup) {
        (Some(kind), Some(label)) => format!("{kind} {}", plain(label)),
        _ => "chosen by the service".into(),
    };
    let name = place(&plain(&route.source), route.repo);
    let about = (!route.exact).then_some("or a little before: the last WAL is known by its arrival only");
    view! {
        <tr data-status=status>
            <th scope="row">
                <a href=href><bdi class="label">{name}</bdi></a>
                <span class="sub">{what}</span>
                <span class="sub when-phone">"to "<Moment at=route.restores_to now show=Show::Clock /></span>
                <span class="sub when-narrow">{took.clone()}" · "{until.clone()}</span>
            </th>
            <td class="c2"><Moment at=route.restores_to now show=Show::Clock /><span class="sub">{about}</span></td>
            <td>{loss(route)}</td>
            <td class="c3"><StatusWord word=drill text=took /></td>
            <td><StatusWord word=key text=says /></td>
            <td class="c4">{until}</td>
        </tr>
    }
    .into_any()
}

fn loss(route: &Route) -> AnyView {
    let (word, says) = match (route.loss_seconds, route.loss_seconds_at_most) {
        (None, _) => (Word::Unknown, "not known".into()),
        (Some(0), Some(0)) => (Word::Info, "nothing that is known".into()),
        (Some(least), Some(most)) if least == most => (Word::Info, span(least)),
        (Some(least), Some(most)) => (Word::Warning, format!("{} to {}", span(least), span(most))),
        (Some(least), None) => (Word::Warning, format!("{} at least", span(least))),
    };
    view! { <StatusWord word text=says /> }.into_any()
}

fn drilled(drilled: &Drilled, now: Timestamp) -> (Word, String) {
    match drilled {
        Drilled::Passed {
            at,
            seconds: Some(seconds),
        } => (Word::Proven, format!("{}, {}", span((*seconds).into()), ago(*at, now))),
        Drilled::Passed { at, seconds: None } => (Word::Proven, format!("passed {}", ago(*at, now))),
        Drilled::Never => (Word::NotRun, "never drilled".into()),
        Drilled::Unknown => (Word::Unknown, "not known".into()),
    }
}

fn key(route: &Route) -> (Word, String) {
    let version = route
        .key_version
        .as_deref()
        .map(|version| format!("version {}", plain(version)));
    let version = version.unwrap_or_else(|| "a version".into());
    match route.key.as_str() {
        "proven" => (CoverageStatus::Proven.into(), format!("{version} opens it")),
        "expected" => (CoverageStatus::Expected.into(), format!("{version} should open it")),
        "refuted" => (CoverageStatus::Refuted.into(), "no version opens it".into()),
        "missing" => (CoverageStatus::Missing.into(), "the manager lacks its key".into()),
        _ => (Word::Unknown, "not tried".into()),
    }
}

fn until(expires: &Expires, now: Timestamp) -> String {
    let days = |at: Timestamp| span((at - now).num_seconds().max(0));
    match expires {
        Expires::At { at } => format!("{} more", days(*at)),
        Expires::Promised { at } if *at <= now => "past what the policy promises".into(),
        Expires::Promised { at } => format!("{} more, by the policy", days(*at)),
        Expires::AfterBackups { more: 0 } => "until the next expire".into(),
        Expires::AfterBackups { more } => {
            format!("until {} more", count(*more as usize, "full backup", "full backups"))
        }
        Expires::Unknown { why } if why.is_empty() => "end not known".into(),
        Expires::Unknown { why } => format!("end not known: {}", plain(why)),
    }
}

/// The commands of one way. The best one's stand open.
fn by_hand(index: usize, route: Route) -> AnyView {
    let name = place(&plain(&route.source), route.repo);
    let title = match &route.backup {
        Some(label) => format!("{name}, {}", plain(label)),
        None => name,
    };
    let commands = route.commands;
    let body = if commands.is_empty() {
        view! { <p class="note">"The command isn’t known here: it is restored with its own tool."</p> }.into_any()
    } else {
        let rows: Vec<_> = commands.iter().map(command).collect();
        view! { <ol class="steps">{rows}</ol> }.into_any()
    };
    view! {
        <details class="way" open=index == 0>
            <summary><b>"Without Muster: "{title}</b></summary>
            {body}
        </details>
    }
    .into_any()
}

fn command(command: &Command) -> AnyView {
    let line = command_line(&command.argv);
    let (about, shown) = (visible(&command.about), visible(&line));
    view! {
        <li>
            {about}"."
            <pre><bdi>{shown}</bdi></pre>
            <CopyButton text=line what="command" />
        </li>
    }
    .into_any()
}
