//! Backup × key version: which key opens which backup. Backups with equal cells that follow each other are one row, and rows come in pages,
//! so that ten thousand of them are still a page.

use domain::backup::{Backup, Kind};
use domain::inventory::{CoverageStatus, KeyVersion};
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::View;

mod needs;
mod select;

use super::Proof;
use crate::components::{Address, Blank, FingerprintCode, Moment, Pager, Sheet, StatusWord, Word, page_links, visible};
use crate::pages::overview::{Links, count};
use needs::{Class, Group, groups, number};
use select::{PAGE, Selection, choices};

/// Columns of versions. A manager may keep a hundred; those that no row speaks of are left out first.
const COLUMNS: usize = 8;

/// The matrix with its legend.
#[component]
pub fn Matrix(view: View, proof: Proof, links: Links, address: Address) -> impl IntoView {
    if proof.past.is_some() {
        return view! {
            <Sheet id="coverage" title="Coverage: backup × key version">
                <p><StatusWord word=Word::Unknown />" Which key opens which backup can’t be said while the proof is past its limit."</p>
            </Sheet>
        }
        .into_any();
    }
    let groups = groups(&view.inventory.backups, &proof.keys);
    let selection = Selection::of(&address, &groups);
    let note = summary(&groups);
    let choices = choices(selection, &groups, &address);
    let shown = shown(&proof, &groups, selection, &links, &address);
    view! {
        <Sheet id="coverage" title="Coverage: backup × key version" note hold=true>
            {choices}
            {shown}
            <Words />
        </Sheet>
    }
    .into_any()
}

fn summary(groups: &[Group<'_>]) -> String {
    let of = |class| number(groups.iter().filter(|group| group.class == class));
    let all = count(number(groups), "backup", "backups");
    format!(
        "{all}: {} need a key the manager lacks, {} were not tried",
        of(Class::AtRisk),
        of(Class::Unknown)
    )
}

/// One page of the rows that were asked for.
fn shown(proof: &Proof, groups: &[Group<'_>], selection: Selection, links: &Links, address: &Address) -> AnyView {
    let matching: Vec<_> = groups.iter().filter(|group| selection.lets_through(group)).collect();
    if matching.is_empty() {
        return view! {
            <Blank title="No such backup">"Of the backups that Muster knows, none is of this kind: choose another one above."</Blank>
        }
        .into_any();
    }
    let pages = matching.len().div_ceil(PAGE);
    let page = selection.page.clamp(1, pages);
    let rows = &matching[(page - 1) * PAGE..matching.len().min(page * PAGE)];
    let versions: Vec<_> = proof.keys.versions.iter().rev().collect();
    let columns = columns(&versions, rows);
    let left_out = versions.len() - columns.len();
    let heads: Vec<_> = columns.iter().map(|index| head(versions[*index])).collect();
    let body: Vec<_> = rows
        .iter()
        .map(|group| row(group, &versions, &columns, proof.now, links))
        .collect();
    let shows = format!(
        "{} of {}",
        count(number(rows.iter().copied()), "backup", "backups"),
        number(matching.iter().copied())
    );
    let pager = (pages > 1).then(|| view! { <Pager shows links=page_links(address, page, pages) /> });
    let left_out = (left_out > 0).then(|| view! { <p class="note">{format!("{} left out, which no row here names.", count(left_out, "version is", "versions are"))}</p> });
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label="Coverage of the backups">
            <table class="matrix">
                <thead><tr><th scope="col">"Backups"</th><th scope="col">"Opens with"</th>{heads}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        {pager}
        {left_out}
    }
    .into_any()
}

/// The versions that these rows speak of and the current one, as indices. Where those are too many, the newest.
fn columns(versions: &[&KeyVersion], rows: &[&Group<'_>]) -> Vec<usize> {
    let spoken_of = |index: usize| {
        rows.iter()
            .any(|group| group.needs.versions.get(index).is_some_and(Option::is_some))
    };
    let columns = (0..versions.len()).filter(|index| versions[*index].current || spoken_of(*index));
    columns.take(COLUMNS).collect()
}

#[component]
fn Words() -> impl IntoView {
    view! {
        <p class="note">
            <b>"proven"</b>": envelopes of this very backup opened with it. "<b>"tried, no"</b>": they did not. "
            <b>"missing"</b>": no version in the manager opens it. "
            <b>"unknown"</b>": only dumps are tried when they are read; a full, diff or incr backup takes a drill."
        </p>
    }
}

fn head(version: &KeyVersion) -> impl IntoView + use<> {
    let fingerprint = version
        .fingerprint
        .clone()
        .map(|fingerprint| view! { <span class="sub"><FingerprintCode fingerprint /></span> });
    let state = format!(
        ", {}",
        if version.current {
            "current"
        } else {
            version.state.as_str()
        }
    );
    view! { <th scope="col"><bdi>{visible(&version.version)}</bdi>{visible(&state)}{fingerprint}</th> }
}

fn row(group: &Group<'_>, versions: &[&KeyVersion], columns: &[usize], now: Timestamp, links: &Links) -> AnyView {
    let status = |index: &usize| group.needs.versions.get(*index).copied().flatten();
    let cells: Vec<_> = columns
        .iter()
        .map(|index| cell(status(index), group.proven_at, now))
        .collect();
    let (word, says) = group.needs.answer(versions);
    view! {
        <tr>
            <th scope="row">{names(group, now, links)}</th>
            <td data-wash=word.tone()><StatusWord word text=says /></td>
            {cells}
        </tr>
    }
    .into_any()
}

fn cell(status: Option<CoverageStatus>, proven_at: Option<Timestamp>, now: Timestamp) -> AnyView {
    let Some(status) = status else {
        return view! { <td>"–"</td> }.into_any();
    };
    // A key that doesn't open a backup is no fault of the key: another one does, or the first column says that none does.
    if status == CoverageStatus::Refuted {
        return view! { <td><StatusWord word=Word::Cancelled text="tried, no" /></td> }.into_any();
    }
    let word = Word::from(status);
    let since = proven_at.filter(|_| status == CoverageStatus::Proven);
    view! {
        <td data-wash=word.tone()>
            <StatusWord word />
            {since.map(|at| view! { <span class="sub"><Moment at now /></span> })}
        </td>
    }
    .into_any()
}

/// One backup by its label, several by their span of time and their kinds.
fn names(group: &Group<'_>, now: Timestamp, links: &Links) -> AnyView {
    if let [backup] = group.backups.as_slice() {
        let href = links.backup(&backup.source, &backup.label);
        return view! {
            <a class="label" href=href><bdi>{visible(&backup.label)}</bdi></a>
            <span class="sub">{backup.kind.word()}</span>
        }
        .into_any();
    }
    let times = group.backups.iter().filter_map(|backup| backup.stopped_at);
    let span = times.clone().min().zip(times.max());
    let span = span.map(|(from, to)| view! { <Moment at=from now />" to "<Moment at=to now /> });
    view! { {span}<span class="sub">{kinds(&group.backups)}</span> }.into_any()
}

/// `3 full, 12 incr, 2 dump`.
fn kinds(backups: &[&Backup]) -> String {
    let all = [Kind::Full, Kind::Diff, Kind::Incr, Kind::Dump, Kind::Snapshot];
    let counted = all.into_iter().filter_map(|kind| {
        let number = backups.iter().filter(|backup| backup.kind == kind).count();
        (number > 0).then(|| format!("{number} {}", kind.word()))
    });
    counted.collect::<Vec<_>>().join(", ")
}
