//! Backup × key version: which key opens which backup. Backups with equal cells that follow each other are one row, and rows come in pages,
//! so that ten thousand of them are still a page.

use domain::backup::{Backup, Kind};
use domain::coverage::Urgency;
use domain::inventory::{CoverageStatus, KeyVersion};
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::View;

mod needs;
mod select;

use super::Proof;
use crate::components::{Address, Blank, FingerprintCode, Moment, Pager, Sheet, StatusWord, Word, page_links, visible};
use crate::pages::overview::{Links, count};
use needs::{Group, groups, number};
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
    let of = |urgency| number(groups.iter().filter(|group| group.urgency() == urgency));
    let all = count(number(groups), "backup", "backups");
    let (at_risk, unknown) = (of(Urgency::AtRisk), of(Urgency::Unknown));
    format!("{all}: {at_risk} missing or at risk, {unknown} unknown")
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
        .map(|group| row(group, &columns, proof.now, links))
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
    let spoken_of = |index: usize| rows.iter().any(|group| group.version(index).is_some());
    let columns = (0..versions.len()).filter(|index| versions[*index].current || spoken_of(*index));
    columns.take(COLUMNS).collect()
}

#[component]
fn Words() -> impl IntoView {
    view! {
        <p class="note">
            <b>"proven"</b>": envelopes of this very backup opened with it. "
            <b>"expected"</b>": it was in use at the moment of the backup, and nobody has tried. "
            <b>"tried, no"</b>": envelopes of this backup did not open with it. "
            <b>"missing"</b>": no version in the manager opens it. "
            <b>"until"</b>": the manager drops the version then, and the backup is kept for longer."
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

fn row(group: &Group<'_>, columns: &[usize], now: Timestamp, links: &Links) -> AnyView {
    let cells: Vec<_> = columns
        .iter()
        .map(|index| cell(group.version(*index), group.proven_at, now))
        .collect();
    let (word, says) = group.answer();
    // What is said of one isn't said of its neighbours: it counts their envelopes and names their days.
    let alone = group.backups.len() == 1;
    let told = alone || matches!(word, Word::Unknown | Word::Missing);
    let detail = (told && !group.detail.is_empty()).then(|| visible(group.detail));
    let warning = match (group.gone_at, alone) {
        (Some(at), false) => Some(view! { "its version goes "<Moment at now /> }.into_any()),
        _ => group.warning.map(|warning| visible(warning).into_any()),
    };
    view! {
        <tr>
            <th scope="row">{names(group, now, links)}</th>
            <td data-wash=word.tone()>
                <StatusWord word text=says />
                {warning.map(|warning| view! { <span class="sub ground">{warning}</span> })}
                {detail.map(|detail| view! { <span class="sub">{detail}</span> })}
            </td>
            {cells}
        </tr>
    }
    .into_any()
}

fn cell(version: Option<(CoverageStatus, Option<Timestamp>)>, proven_at: Option<Timestamp>, now: Timestamp) -> AnyView {
    let Some((status, gone_at)) = version else {
        return view! { <td>"–"</td> }.into_any();
    };
    // A key that doesn't open a backup is no fault of the key: another one does, or the first column says that none does.
    if status == CoverageStatus::Refuted {
        return view! { <td><StatusWord word=Word::Cancelled text="tried, no" /></td> }.into_any();
    }
    let word = if gone_at.is_some() {
        Word::Warning
    } else {
        Word::from(status)
    };
    let since = proven_at.filter(|_| status == CoverageStatus::Proven);
    view! {
        <td data-wash=word.tone()>
            <StatusWord word text=status.word() />
            {since.map(|at| view! { <span class="sub"><Moment at now /></span> })}
            {gone_at.map(|at| view! { <span class="sub">"until "<Moment at now /></span> })}
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
