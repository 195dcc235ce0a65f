//! What the plot of restorable time shows of a deployment: the span in sight, the windows, and where the key is known to open them.

use std::collections::BTreeMap;

use chrono::Duration;
use domain::backup::{Backup, Kind};
use domain::inventory::{Coverage, CoverageStatus, Keys, Source};
use domain::observation::Known;
use domain::status::Status;
use domain::time::Timestamp;
use domain::window::{Gap, Window};
use recovery::overview::View;

use super::opens::Opens;
use super::text::plain;
use crate::plots::{Copies, KeyLane, KeySpan, Reading, Restorable};

/// Spans to choose from: as in the address, in words after “the last”, in minutes.
pub const RANGES: [Range; 8] = [
    ("10m", "10 minutes", 10),
    ("1h", "hour", 60),
    ("6h", "6 hours", 6 * 60),
    ("1d", "day", DAY),
    ("7d", "7 days", 7 * DAY),
    ("14d", "14 days", 14 * DAY),
    ("35d", "35 days", 35 * DAY),
    ("1y", "year", 366 * DAY),
];
const DAY: i64 = 24 * 60;
/// Marks of one lane. More can't be told apart on the widest drawing.
const MARKS: i64 = 300;
/// Upgrades that are drawn: the newest.
const UPGRADES: usize = 200;

/// A span as it is called in addresses and headings.
pub type Range = (&'static str, &'static str, i64);

/// The span of this name, else the smallest that holds everything that could be restored, and the picked time.
#[must_use]
pub fn range(view: &View, asked: Option<&str>, picked: Option<Timestamp>) -> Range {
    if let Some(range) = RANGES.into_iter().find(|(name, ..)| Some(*name) == asked) {
        return range;
    }
    let oldest = oldest(view).into_iter().chain(picked).min().unwrap_or(view.now);
    let fits = RANGES
        .into_iter()
        .find(|(.., minutes)| view.now - oldest <= Duration::minutes(*minutes));
    fits.unwrap_or(RANGES[RANGES.len() - 1])
}

/// The oldest moment that something is kept of.
fn oldest(view: &View) -> Option<Timestamp> {
    let windows = view.inventory.windows.iter().chain(&view.past_windows);
    let windows = windows.map(|window| window.from);
    let backups = view
        .inventory
        .backups
        .iter()
        .filter_map(|backup| backup.started_at.or(backup.stopped_at));
    windows.chain(backups).min()
}

/// The plot of a span. `id` is unique in the page.
#[must_use]
pub fn plot(view: &View, id: &str, (.., minutes): Range) -> Restorable {
    let from = view.now - Duration::minutes(minutes);
    // Room behind now, so that its line isn't the edge.
    let to = view.now + Duration::seconds(minutes * 2);
    let windows = view.inventory.windows.iter().chain(&view.past_windows).cloned();
    let windows = windows.map(|window| Window {
        source: plain(&window.source),
        ..window
    });
    let gaps = view.inventory.gaps.iter().cloned().map(|gap| Gap {
        source: plain(&gap.source),
        ..gap
    });
    Restorable {
        id: id.into(),
        from,
        to,
        now: view.now,
        picked: None,
        sources: readings(view),
        windows: windows.collect(),
        gaps: gaps.collect(),
        copies: copies(&view.inventory.backups, from, to),
        upgrades: view.upgrades.iter().rev().take(UPGRADES).rev().cloned().collect(),
        key: oldest(view).map(|oldest| key_lane(view, oldest.max(from))),
    }
}

/// Whether the sources that can have windows were read. Folders of dumps have none, unless there is nothing else.
fn readings(view: &View) -> Vec<(String, Reading)> {
    let sources = &view.inventory.sources;
    let mut with_windows: Vec<_> = sources.iter().filter(|source| source.kind != "dumps").collect();
    if with_windows.is_empty() {
        with_windows = sources.iter().collect();
    }
    let reading = |source: &Source| match (source.status, source.observed_at) {
        (Status::Unknown, None) => Reading::Never,
        (Status::Unknown, Some(at)) => Reading::NotSince(at),
        _ => Reading::Fresh,
    };
    with_windows
        .into_iter()
        .map(|source| (plain(&source.name), reading(source)))
        .collect()
}

/// One mark for each place where one can be seen, of the backup that matters most there.
fn copies(backups: &[Backup], from: Timestamp, to: Timestamp) -> Vec<Copies> {
    let width = ((to - from).num_seconds() / MARKS).max(1);
    let mut places: BTreeMap<(bool, i64), (&Backup, Copies)> = BTreeMap::new();
    for backup in backups {
        let is_moment = matches!(backup.kind, Kind::Dump | Kind::Snapshot);
        let at = if is_moment {
            backup.started_at.or(backup.stopped_at)
        } else {
            backup.stopped_at
        };
        let Some(at) = at.filter(|at| (from..=to).contains(at)) else {
            continue;
        };
        let mark = |count| Copies {
            at,
            kind: backup.kind,
            status: backup.status,
            count,
        };
        let place = (is_moment, (at - from).num_seconds() / width);
        let (shown, copies) = places.entry(place).or_insert((backup, mark(0)));
        let count = copies.count + 1;
        if weight(backup) > weight(shown) {
            (*shown, *copies) = (backup, mark(count));
        }
        copies.count = count;
    }
    places.into_values().map(|(_, copies)| copies).collect()
}

/// What is not good stands out, then what others build on.
const fn weight(backup: &Backup) -> (Status, u8) {
    let kind = match backup.kind {
        Kind::Full => 2,
        Kind::Diff => 1,
        Kind::Incr | Kind::Dump | Kind::Snapshot => 0,
    };
    (backup.status, kind)
}

/// Between two trials with one result the same is drawn; between two that differ nobody knows when they parted.
fn key_lane(view: &View, from: Timestamp) -> KeyLane {
    let trials = trials(view);
    let mut spans: Vec<KeySpan> = Vec::new();
    if let Some((first, _)) = trials.first()
        && *first > from
    {
        spans.push(span(from, *first, Status::Unknown));
    }
    for pair in trials.windows(2) {
        let [(at, opens), (until, next)] = pair else { continue };
        spans.push(span(*at, *until, if opens == next { *opens } else { Status::Unknown }));
    }
    match trials.last() {
        Some((at, opens)) => spans.push(span(*at, view.now, *opens)),
        None => spans.push(span(from, view.now, Status::Unknown)),
    }
    KeyLane {
        name: "The manager’s current key opens it".into(),
        spans: joined(spans),
    }
}

const fn span(from: Timestamp, to: Timestamp, opens: Status) -> KeySpan {
    KeySpan { from, to, opens }
}

/// Neighbours of one status become one span.
fn joined(spans: Vec<KeySpan>) -> Vec<KeySpan> {
    let mut joined: Vec<KeySpan> = Vec::new();
    for span in spans.into_iter().filter(|span| span.to > span.from) {
        match joined.last_mut().filter(|last| last.opens == span.opens) {
            Some(last) => last.to = span.to,
            None => joined.push(span),
        }
    }
    joined
}

/// When data of which moment were tried with the current key, and whether it opened them. In order of time.
fn trials(view: &View) -> Vec<(Timestamp, Status)> {
    let Some(keys) = &view.proven else { return Vec::new() };
    let cells: BTreeMap<_, _> = current_cells(keys).collect();
    let dumps = view.inventory.backups.iter().filter_map(|backup| {
        let opens = cells.get(backup.label.as_str())?;
        Some((backup.started_at.or(backup.stopped_at)?, *opens))
    });
    let mut trials: Vec<_> = dumps.collect();
    if let Known::Fresh { at, .. } = view.keys.known(view.now) {
        let live = match Opens::live(view) {
            Opens::Current { .. } | Opens::Rotating => Status::Ok,
            Opens::Expected { .. } | Opens::Unknown { .. } => Status::Unknown,
            Opens::Other { .. } | Opens::Several | Opens::Locked { .. } => Status::Broken,
        };
        trials.push((at, live));
    }
    trials.sort_unstable();
    trials
}

/// The cells of the matrix that speak of the manager's current version.
fn current_cells(keys: &Keys) -> impl Iterator<Item = (&str, Status)> {
    let current = keys.versions.iter().find(|version| version.current);
    let is_current =
        move |cell: &&Coverage| current.is_some_and(|version| cell.version.as_ref() == Some(&version.version));
    keys.coverage.iter().filter(is_current).filter_map(|cell| {
        let opens = match cell.today() {
            CoverageStatus::Proven => Status::Ok,
            CoverageStatus::Refuted => Status::Broken,
            _ => return None,
        };
        Some((cell.backup.as_str(), opens))
    })
}
