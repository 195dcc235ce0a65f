//! All backups: filter, sort, pages.

use domain::backup::Backup;
use domain::inventory::Keys;
use domain::status::Status;
use domain::time::{Timestamp, bytes, span};
use domain::window::place;
use leptos::prelude::*;
use recovery::overview::View;

use super::filters::{Filters, kinds};
use super::select::{PAGE, Part, Selection};
use crate::components::{Address, Blank, Moment, Pager, Sheet, Show, SortHead, StatusWord, page_links, visible};
use crate::pages::overview::{Links, Opens, all_sources};

/// The list, with what was asked for.
#[component]
pub fn List(view: View, links: Links, address: Address) -> impl IntoView {
    let selection = Selection::of(&address);
    let part = selection.part(&view.inventory.backups);
    let seen = all_sources(&view);
    let sources = view
        .inventory
        .sources
        .iter()
        .map(|source| source.name.clone())
        .collect();
    let kinds = kinds(&view.inventory.backups);
    let note = summary(&view.inventory.backups);
    let shown = shown(&view, &part, &selection, &address, &links);
    view! {
        <Sheet id="all" title="All backups" note seen hold=true>
            <Filters selection sources kinds address=address.clone() />
            {shown}
        </Sheet>
    }
}

/// `153 kept: 150 ok, 2 broken, 1 unknown`.
fn summary(backups: &[Backup]) -> String {
    let of = |status| backups.iter().filter(|backup| backup.status == status).count();
    let (ok, broken, unknown) = (of(Status::Ok), of(Status::Broken), of(Status::Unknown));
    format!("{} kept: {ok} ok, {broken} broken, {unknown} unknown", backups.len())
}

fn shown(view: &View, part: &Part, selection: &Selection, address: &Address, links: &Links) -> AnyView {
    if part.matching == 0 {
        return nothing(view, selection, links);
    }
    let rows: Vec<_> = part
        .backups
        .iter()
        .map(|backup| row(backup, view.proven.as_ref(), view.now, links))
        .collect();
    let first = (part.page - 1) * PAGE + 1;
    let shows = format!("{first} to {} of {}", first + part.backups.len() - 1, part.matching);
    let pages = page_links(address, part.page, part.pages);
    let sort = &selection.sort;
    let head = |by, label, class| view! { <SortHead by label address=address.clone() sort=sort.clone() class /> };
    view! {
        <table>
            <thead>
                <tr>
                    {head("backup", "Backup", "")}
                    {head("status", "Status", "")}
                    {head("started", "Started", "c4")}
                    {head("finished", "Finished", "c2")}
                    {head("size", "Size", "num c3")}
                    {head("stored", "Stored", "num c3")}
                    <th scope="col">"Opens with"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <Pager shows links=pages />
    }
    .into_any()
}

fn nothing(view: &View, selection: &Selection, links: &Links) -> AnyView {
    if selection.is_narrow() && !view.inventory.backups.is_empty() {
        let all = view! { <a class="button" href=links.to("/backups").to_string()>"Show all"</a> }.into_any();
        return view! { <Blank title="No backup matches" action=all>"The filters leave nothing over."</Blank> }
            .into_any();
    }
    view! {
        <Blank title="No backup is known">
            "Nothing can be restored from what Muster knows. Either no source is configured, or none of those that answer has a backup: the Overview lists them."
        </Blank>
    }
    .into_any()
}

fn row(backup: &Backup, keys: Option<&Keys>, now: Timestamp, links: &Links) -> AnyView {
    let status = (backup.status != Status::Ok).then(|| backup.status.word());
    let href = links.backup_in(&backup.source, backup.repo, &backup.label);
    let opens = Opens::backup(keys, &backup.label);
    // Of a source that can't be read nothing is known, whatever was tried once.
    let untried = matches!(opens, Opens::Unknown { .. }) && backup.status != Status::Unknown;
    let not_tried = untried.then(|| view! { <span class="sub">"not tried"</span> });
    let (opens_word, opens_says) = (opens.word_of_backup(), opens.short());
    let about = backup
        .parent
        .as_ref()
        .map_or_else(String::new, |parent| format!(" on {parent}"));
    let place = place(&backup.source, backup.repo.unwrap_or_default());
    let about = format!("{}{about}, {place}", backup.kind.word());
    view! {
        <tr data-status=status>
            <th scope="row">
                <a class="label" href=href><bdi>{visible(&backup.label)}</bdi></a>
                <span class="sub when-phone">{moment(backup.stopped_at, now)}</span>
                <span class="sub"><bdi>{visible(&about)}</bdi></span>
            </th>
            <td><StatusWord word=backup.status /><span class="sub">{visible(&backup.detail)}</span></td>
            <td class="c4">{moment(backup.started_at, now)}<span class="sub">{took(backup)}</span></td>
            <td class="c2">{moment(backup.stopped_at, now)}<span class="sub">{age(backup.stopped_at, now)}</span></td>
            <td class="num c3">{size(backup.size_bytes)}</td>
            <td class="num c3">{size(backup.stored_bytes)}</td>
            <td><StatusWord word=opens_word text=opens_says />{not_tried}</td>
        </tr>
    }
    .into_any()
}

/// `took 7 min 48 s`, where both ends are known.
fn took(backup: &Backup) -> Option<String> {
    let seconds = (backup.stopped_at? - backup.started_at?).num_seconds();
    Some(format!("took {}", span(seconds)))
}

fn age(at: Option<Timestamp>, now: Timestamp) -> Option<AnyView> {
    Some(view! { <Moment at=at? now show=Show::Ago /> }.into_any())
}

pub(super) fn moment(at: Option<Timestamp>, now: Timestamp) -> AnyView {
    at.map_or_else(|| "not known".into_any(), |at| view! { <Moment at now /> }.into_any())
}

pub(super) fn size(count: Option<u64>) -> String {
    count.map_or_else(|| "not known".into(), bytes)
}
