//! Who needs a backup: what builds on it, and the windows that begin with it. Whoever deletes it loses these too.

use domain::backup::Backup;
use domain::window::{Window, place};
use leptos::prelude::*;
use recovery::overview::BackupView;

use super::list::moment;
use crate::components::{Moment, Sheet, StatusWord, visible};
use crate::pages::overview::{Links, count};

/// Rows that are shown.
const ROWS: usize = 20;

/// What builds on it, directly.
#[must_use]
pub fn children<'a>(backups: &'a [Backup], of: &Backup) -> Vec<&'a Backup> {
    let same = backups
        .iter()
        .filter(|backup| (&backup.source, backup.repo) == (&of.source, of.repo));
    let mut children: Vec<_> = same
        .filter(|backup| backup.parent.as_deref() == Some(&of.label))
        .collect();
    children.sort_by_key(|backup| std::cmp::Reverse(backup.stopped_at));
    children
}

/// Windows that would begin later without it.
fn windows<'a>(view: &'a recovery::overview::View, of: &Backup) -> Vec<&'a Window> {
    let windows = view.inventory.windows.iter().chain(&view.past_windows);
    let of_it = |window: &&Window| {
        window.source == of.source
            && of.repo.is_none_or(|repo| repo == window.repo)
            && of.stopped_at == Some(window.from)
    };
    windows.filter(of_it).collect()
}

/// Left out for what nothing needs.
#[component]
pub fn NeededBy(seen: BackupView, links: Links) -> impl IntoView {
    let BackupView { view, backup, .. } = seen;
    let now = view.now;
    let begins: Vec<_> = windows(&view, &backup)
        .into_iter()
        .map(|window| {
            let place = place(&window.source, window.repo);
            view! { <p>"The window of "<bdi>{visible(&place)}</bdi>" up to "<Moment at=window.to now />" begins with it."</p> }
        })
        .collect();
    let children = children(&view.inventory.backups, &backup);
    let note = format!(
        "{}: without it they can’t be restored",
        count(children.len(), "backup", "backups")
    );
    let note = if children.is_empty() { String::new() } else { note };
    let more = children.len().saturating_sub(ROWS);
    let rows: Vec<_> = children
        .into_iter()
        .take(ROWS)
        .map(|child| row(child, now, &links))
        .collect();
    let table = (!rows.is_empty()).then(|| view! {
        <table>
            <thead><tr><th scope="col">"Backup"</th><th scope="col">"Status"</th><th scope="col" class="c2">"Finished"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="note">{format!("{more} older ones are not shown.")}</p> })}
    });
    (table.is_some() || !begins.is_empty()).then(|| {
        view! {
            <Sheet id="needed-by" title="What needs it" note>{begins}{table}</Sheet>
        }
    })
}

fn row(backup: &Backup, now: domain::time::Timestamp, links: &Links) -> AnyView {
    let href = links.backup_in(&backup.source, backup.repo, &backup.label);
    let word = crate::components::Word::from(backup.status);
    view! {
        <tr data-status=word.status()>
            <th scope="row"><a class="label" href=href><bdi>{visible(&backup.label)}</bdi></a><span class="sub">{backup.kind.word()}</span></th>
            <td><StatusWord word /></td>
            <td class="c2">{moment(backup.stopped_at, now)}</td>
        </tr>
    }
    .into_any()
}
