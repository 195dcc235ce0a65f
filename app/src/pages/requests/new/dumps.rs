//! The dumps to choose from, each with whether it was read to its end and which key opens it. What can't be restored is listed, not offered.

use domain::backup::{Backup, Kind};
use domain::status::Status;
use domain::time::{Timestamp, bytes};
use leptos::prelude::*;
use recovery::overview::View;

use super::asked::Asked;
use crate::components::{Blank, Fact, Facts, Moment, Show, StatusWord, visible};
use crate::pages::overview::{Opens, count};

/// The choice, newest first.
#[component]
pub fn Dumps(view: View, asked: Asked) -> impl IntoView {
    let mut dumps: Vec<_> = view
        .inventory
        .backups
        .iter()
        .filter(|backup| backup.kind == Kind::Dump)
        .collect();
    dumps.sort_by_key(|dump| std::cmp::Reverse((dump.started_at, dump.label.clone())));
    let (broken, offered): (Vec<_>, Vec<_>) = dumps.into_iter().partition(|dump| dump.status == Status::Broken);
    let chosen = chosen(&offered, &asked);
    let choices: Vec<_> = offered
        .iter()
        .map(|dump| choice(dump, &view, chosen == Some(*dump)))
        .collect();
    let broken: Vec<_> = broken.into_iter().map(not_offered).collect();
    if choices.is_empty() && broken.is_empty() {
        return none().into_any();
    }
    let withheld = (!broken.is_empty()).then(|| {
        let title = format!("{} not offered", count(broken.len(), "dump", "dumps"));
        view! { <details><summary>{title}</summary><Facts>{broken}</Facts></details> }
    });
    view! {
        <fieldset class="field">
            <legend>"Dump"</legend>
            <div class="choices">{choices}</div>
            {withheld}
        </fieldset>
    }
    .into_any()
}

/// The one that was asked for; if none was, the newest that was read to its end. The plan names it, and a second person reads that.
fn chosen<'a>(offered: &[&'a Backup], asked: &Asked) -> Option<&'a Backup> {
    let newest = offered.iter().find(|dump| dump.status == Status::Ok).copied();
    let named = |dump: &&&Backup| asked.source == dump.source && asked.backup == dump.label;
    if asked.backup.is_empty() {
        newest
    } else {
        offered.iter().find(named).copied()
    }
}

fn none() -> impl IntoView {
    view! {
        <Blank title="No dump is known">
            "A physical backup sets the whole cluster back, which is asked for above as something else. Configure a source of kind dumps, or look \
             at the Backups page for what the sources said."
        </Blank>
    }
}

fn choice(dump: &Backup, view: &View, chosen: bool) -> AnyView {
    let opens = Opens::backup(view.proven.as_ref(), &dump.label);
    let size = dump
        .size_bytes
        .or(dump.stored_bytes)
        .map_or_else(|| "size not known".into(), bytes);
    let read = view.inventory.sources.iter().find(|source| source.name == dump.source);
    let read = read.and_then(|source| source.observed_at);
    let key = format!("key: {}", opens.short());
    view! {
        <label>
            <input type="radio" name="dump" value=format!("{}/{}", dump.source, dump.label) checked=chosen required=true />
            <span>
                <bdi class="label">{visible(&dump.label)}</bdi>
                <span class="sub">{begun(dump, view.now)}", "{size}" · "<bdi>{visible(&dump.source)}</bdi>{age(read, view.now)}</span>
                <span class="sub"><StatusWord word=dump.status />" "{visible(&dump.detail)}</span>
                <span class="sub"><StatusWord word=opens.word() text=key /></span>
            </span>
        </label>
    }
    .into_any()
}

fn begun(dump: &Backup, now: Timestamp) -> AnyView {
    match dump.started_at {
        Some(at) => view! { "of "<Moment at now /> }.into_any(),
        None => "of a time not known".into_any(),
    }
}

fn age(read: Option<Timestamp>, now: Timestamp) -> AnyView {
    match read {
        Some(at) => view! { ", read "<Moment at now show=Show::Ago /> }.into_any(),
        None => ", not read yet".into_any(),
    }
}

fn not_offered(dump: &Backup) -> AnyView {
    let (status, detail) = (dump.status, visible(&dump.detail));
    view! { <Fact name=dump.label.clone()><StatusWord word=status /><span class="sub">{detail}</span></Fact> }
        .into_any()
}
