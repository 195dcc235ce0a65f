//! What the source tells of a backup. What it doesn't tell is not known, never guessed.

use domain::backup::Kind;
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
    let took = backup
        .stopped_at
        .zip(backup.started_at)
        .map(|(stopped, started)| span((stopped - started).num_seconds()));
    let lsns = backup
        .start_lsn
        .zip(backup.stop_lsn)
        .map(|(start, stop)| format!("{start} … {stop}"));
    let parent = match &backup.parent {
        Some(parent) => {
            let href = links.backup(&backup.source, parent);
            view! { <a class="label" href=href><bdi>{visible(parent)}</bdi></a> }.into_any()
        }
        None => "nothing: it stands alone".into_any(),
    };
    let children = children(&view.inventory.backups, &backup);
    let not_known = || "not known".to_owned();
    let is_dump = backup.kind == Kind::Dump;
    let of_start = is_dump.then(|| view! { <span class="sub">"its data are of this moment"</span> });
    let wal = if is_dump {
        "none: a dump needs no WAL".into()
    } else {
        lsns.unwrap_or_else(not_known)
    };
    view! {
        <Sheet id="facts" title="What it is">
            <Facts>
                <Fact name="Source"><bdi class="label">{visible(&backup.source)}</bdi></Fact>
                <Fact name="Tool">{visible(&backup.tool)}</Fact>
                <Fact name="Kind">{backup.kind.word()}</Fact>
                <Fact name="Started">{moment(backup.started_at, now)}{of_start}</Fact>
                <Fact name="Finished">{moment(backup.stopped_at, now)}</Fact>
                <Fact name="Took">{took.unwrap_or_else(not_known)}</Fact>
                <Fact name="Size of the data">{size(backup.size_bytes)}</Fact>
                <Fact name="Stored">{size(backup.stored_bytes)}</Fact>
                <Fact name="WAL it needs"><span class="label">{wal}</span></Fact>
                <Fact name="Builds on">{parent}</Fact>
                <Fact name="Builds on it">{children}</Fact>
            </Facts>
        </Sheet>
    }
}
