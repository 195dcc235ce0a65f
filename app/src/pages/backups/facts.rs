//! What the source tells of a backup. What it doesn't tell is not known, never guessed.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::backup::{Backup, Kind};
use domain::time::{Timestamp, span};
use leptos::prelude::*;
use recovery::overview::BackupView;

use super::list::{moment, size};
use crate::components::{Fact, Facts, Sheet, StatusWord, Word, visible};
use crate::pages::overview::Links;

#[component]
pub fn FactsOf(seen: BackupView, links: Links) -> impl IntoView {
    let BackupView { view, backup, .. } = seen.clone();
    let now = view.now;
    let parent = parent(&backup, &links);
    let (repo, image) = (repo(&backup), image(&seen.images));
    let (took, wal) = (took(&backup), wal(&backup));
    let is_dump = backup.kind == Kind::Dump;
    let own = if is_dump { backup.started_at } else { backup.stopped_at };
    let restore_to =
        own.map(|at| view! { <span class="sub"><a href=restoring(&links, at)>"Restore to its moment"</a></span> });
    let of_start = is_dump.then(|| view! { <span class="sub">"its data are of this moment"</span> });
    view! {
        <Sheet id="facts" title="What it is">
            <Facts>
                <Fact name="Source"><bdi class="label">{visible(&backup.source)}</bdi></Fact>
                <Fact name="Repository">{repo}</Fact>
                <Fact name="Tool">{visible(&backup.tool)}</Fact>
                <Fact name="Kind">{backup.kind.word()}</Fact>
                <Fact name="Started">{moment(backup.started_at, now)}{of_start}</Fact>
                <Fact name="Finished">{moment(backup.stopped_at, now)}{restore_to}</Fact>
                <Fact name="Took">{took}</Fact>
                <Fact name="Size of the data">{size(backup.size_bytes)}</Fact>
                <Fact name="Stored">{size(backup.stored_bytes)}</Fact>
                <Fact name="WAL it needs"><span class="label">{wal}</span></Fact>
                <Fact name="Builds on">{parent}</Fact>
                <Fact name="Image that wrote it">{image}</Fact>
                <Fact name="Proven by a drill"><StatusWord word=Word::NotRun text="none yet" /><span class="sub">"no drill is on record"</span></Fact>
            </Facts>
        </Sheet>
    }
}

fn took(backup: &Backup) -> String {
    let ends = backup.stopped_at.zip(backup.started_at);
    ends.map_or_else(
        || "not known".into(),
        |(stopped, started)| span((stopped - started).num_seconds()),
    )
}

fn wal(backup: &Backup) -> String {
    match (backup.kind, backup.start_lsn.zip(backup.stop_lsn)) {
        (Kind::Dump, _) => "none: a dump needs no WAL".into(),
        (_, Some((start, stop))) => format!("{start} … {stop}"),
        (_, None) => "not known".into(),
    }
}

fn parent(backup: &Backup, links: &Links) -> AnyView {
    let Some(parent) = &backup.parent else {
        return "nothing: it stands alone".into_any();
    };
    let (href, parent) = (links.backup_in(&backup.source, backup.repo, parent), visible(parent));
    view! { <a class="label" href=href><bdi>{parent}</bdi></a> }.into_any()
}

fn repo(backup: &Backup) -> String {
    backup
        .repo
        .map_or_else(|| "the only one".into(), |repo| format!("repo{repo}"))
}

/// By what was seen to run while it was taken; two where an upgrade fell into that time.
fn image(images: &BTreeSet<String>) -> AnyView {
    if images.is_empty() {
        return "not known: before Muster watched".into_any();
    }
    let images: Vec<_> = images
        .iter()
        .map(|image| view! { <bdi class="label">{visible(image)}</bdi>" " })
        .collect();
    images.into_any()
}

/// The ways to a moment. Rounded up to the second that can be typed, so that the backup itself is one of them.
fn restoring(links: &Links, at: Timestamp) -> String {
    let up = at + TimeDelta::milliseconds(i64::from((1000 - at.timestamp_subsec_millis() % 1000) % 1000));
    let typed = up.format("%Y-%m-%d %H:%M:%S").to_string();
    format!("{}#restore-to", links.to("/backups").with("at", typed))
}
