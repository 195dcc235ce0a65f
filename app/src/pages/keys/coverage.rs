//! Backup × key version: which key opens which backup. Backups with equal cells that follow each other are one row, so that ten thousand
//! of them are still a page.

use std::collections::BTreeMap;

use domain::backup::{Backup, Kind};
use domain::inventory::{Coverage, CoverageStatus, KeyVersion, Keys};
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::View;

use super::Proof;
use crate::components::{FingerprintCode, Moment, Sheet, StatusWord, Word, visible};
use crate::pages::overview::{Links, count, plain};

/// Rows of the matrix. What is older is found on the Backups page.
const ROWS: usize = 24;

/// What is known of one backup: per version, and apart from the versions.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Needs {
    versions: Vec<Option<CoverageStatus>>,
    /// `Missing`: it needs a key the manager lacks. `Unknown`: no key was tried on it.
    outside: Option<CoverageStatus>,
}

impl Needs {
    /// The answer for the whole row: the version that opens it, best the current one. `versions` as in the table.
    fn answer(&self, versions: &[&KeyVersion]) -> (Word, String) {
        let proven = self
            .versions
            .iter()
            .zip(versions)
            .filter(|(status, _)| **status == Some(CoverageStatus::Proven));
        let best = proven.map(|(_, version)| version).max_by_key(|version| version.current);
        match (best, self.outside) {
            (Some(version), _) => (Word::Proven, plain(&version.version)),
            (None, Some(CoverageStatus::Missing)) => (Word::Missing, "missing".into()),
            (None, _) => (Word::Unknown, "unknown".into()),
        }
    }
}

/// Backups that follow each other and need the same.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Group<'a> {
    needs: Needs,
    /// Newest first.
    backups: Vec<&'a Backup>,
    proven_at: Option<Timestamp>,
}

/// The matrix with its legend.
#[component]
pub fn Matrix(view: View, proof: Proof, links: Links) -> impl IntoView {
    if proof.past.is_some() {
        return view! {
            <Sheet id="coverage" title="Coverage: backup × key version">
                <p><StatusWord word=Word::Unknown />" Which key opens which backup can’t be said while the proof is past its limit."</p>
            </Sheet>
        }
        .into_any();
    }
    let versions: Vec<_> = proof.keys.versions.iter().rev().collect();
    let groups = groups(&view.inventory.backups, &proof.keys);
    let heads: Vec<_> = versions.iter().map(|version| head(version)).collect();
    let shown = groups.iter().take(ROWS);
    let rows: Vec<_> = shown.map(|group| row(group, &versions, view.now, &links)).collect();
    let (note, older) = (summary(&groups), older(&groups, &links));
    view! {
        <Sheet id="coverage" title="Coverage: backup × key version" note>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Coverage of the backups">
                <table class="matrix">
                    <thead><tr><th scope="col">"Backups"</th><th scope="col">"Opens with"</th>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {older}
            <Words />
        </Sheet>
    }
    .into_any()
}

fn number(groups: &[Group<'_>]) -> usize {
    groups.iter().map(|group| group.backups.len()).sum()
}

fn summary(groups: &[Group<'_>]) -> String {
    let all = count(number(groups), "backup", "backups");
    let missing = count_of(groups, CoverageStatus::Missing);
    let unknown = count_of(groups, CoverageStatus::Unknown);
    format!("{all}: {missing} need a key the manager lacks, {unknown} were not tried")
}

/// The way to what the matrix has no row for.
fn older(groups: &[Group<'_>], links: &Links) -> Option<AnyView> {
    let more = number(groups.get(ROWS..)?);
    let text = format!("{} more, older ones", count(more, "backup", "backups"));
    let href = links.to("/backups").to_string();
    (more > 0).then(|| view! { <p class="note"><a href=href>{text}</a></p> }.into_any())
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
    let current = version.current.then_some(", current");
    view! { <th scope="col"><bdi>{visible(&version.version)}</bdi>{current}{fingerprint}</th> }
}

fn count_of(groups: &[Group<'_>], status: CoverageStatus) -> usize {
    groups
        .iter()
        .filter(|group| group.needs.outside == Some(status))
        .map(|group| group.backups.len())
        .sum()
}

fn groups<'a>(backups: &'a [Backup], keys: &Keys) -> Vec<Group<'a>> {
    let mut cells: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for cell in &keys.coverage {
        cells.entry(&cell.backup).or_default().push(cell);
    }
    // What no key was tried on has nothing to tell apart: it comes last, as one row.
    let tried = |backup: &&Backup| {
        cells
            .get(backup.label.as_str())
            .is_some_and(|cells| cells.iter().any(|cell| cell.version.is_some()))
    };
    let mut in_order: Vec<_> = backups.iter().collect();
    in_order.sort_by_key(|backup| (!tried(backup), std::cmp::Reverse(backup.stopped_at)));
    let mut groups: Vec<Group<'_>> = Vec::new();
    for backup in in_order {
        let cells = cells.get(backup.label.as_str()).map_or(&[][..], Vec::as_slice);
        let needs = needs(cells, keys);
        let proven_at = cells.iter().filter_map(|cell| cell.proven_at).max();
        match groups.last_mut().filter(|group| group.needs == needs) {
            Some(group) => {
                group.backups.push(backup);
                group.proven_at = group.proven_at.max(proven_at);
            }
            None => groups.push(Group {
                needs,
                backups: vec![backup],
                proven_at,
            }),
        }
    }
    groups
}

fn needs(cells: &[&Coverage], keys: &Keys) -> Needs {
    let of = |name: Option<&String>| {
        cells
            .iter()
            .find(|cell| cell.version.as_ref() == name)
            .map(|cell| cell.status)
    };
    let outside = of(None).or_else(|| cells.is_empty().then_some(CoverageStatus::Unknown));
    Needs {
        versions: keys
            .versions
            .iter()
            .rev()
            .map(|version| of(Some(&version.version)))
            .collect(),
        outside,
    }
}

fn row(group: &Group<'_>, versions: &[&KeyVersion], now: Timestamp, links: &Links) -> AnyView {
    let cells: Vec<_> = group
        .needs
        .versions
        .iter()
        .map(|status| cell(*status, group.proven_at, now))
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
