//! What the source tells of a backup. What it doesn't tell is not known, never guessed.

use domain::backup::{Backup, Kind};
use domain::time::span;
use leptos::prelude::*;
use recovery::overview::BackupView;

use super::list::{children, moment, size};
use crate::components::{Fact, Facts, Sheet, visible};
use crate::pages::overview::Links;

#[component]
pub fn FactsOf(seen: BackupView, links: Links) -> impl IntoView {
    let BackupView { view, backup, .. } = seen;
    let now = view.now;
    let (parent, children) = (parent(&backup, &links), children(&view.inventory.backups, &backup));
    let (took, wal) = (took(&backup), wal(&backup));
    let is_dump = backup.kind == Kind::Dump;
    let of_start = is_dump.then(|| view! { <span class="sub">"its data are of this moment"</span> });
    view! {
        <Sheet id="facts" title="What it is">
            <Facts>
                <Fact name="Source"><bdi class="label">{visible(&backup.source)}</bdi></Fact>
                <Fact name="Tool">{visible(&backup.tool)}</Fact>
                <Fact name="Kind">{backup.kind.word()}</Fact>
                <Fact name="Started">{moment(backup.started_at, now)}{of_start}</Fact>
                <Fact name="Finished">{moment(backup.stopped_at, now)}</Fact>
                <Fact name="Took">{took}</Fact>
                <Fact name="Size of the data">{size(backup.size_bytes)}</Fact>
                <Fact name="Stored">{size(backup.stored_bytes)}</Fact>
                <Fact name="WAL it needs"><span class="label">{wal}</span></Fact>
                <Fact name="Builds on">{parent}</Fact>
                <Fact name="Builds on it">{children}</Fact>
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
    let (href, parent) = (links.backup(&backup.source, parent), visible(parent));
    view! { <a class="label" href=href><bdi>{parent}</bdi></a> }.into_any()
}
