//! Every usable way back, the best one first. It goes as near to now as its source allows; where no key opens that, the newest state that
//! one does open is a way of its own.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::backup::Kind;
use crate::inventory::CoverageStatus;
use crate::route::{Stock, Way, ways_to};
use crate::status::Status;
use crate::time::Timestamp;

/// A drill that passed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rehearsal {
    pub source: String,
    pub at: Timestamp,
    /// From its start to the last check that had to pass.
    pub seconds: Option<u32>,
}

/// What the last drill of a source has shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "drilled", rename_all = "snake_case")]
pub enum Drilled {
    Passed {
        at: Timestamp,
        seconds: Option<u32>,
    },
    Never,
    /// Muster's database doesn't answer.
    Unknown,
}

/// Until when a way is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "expires", rename_all = "snake_case")]
pub enum Expires {
    /// The source itself tells.
    At { at: Timestamp },
    /// The tool keeps a number of full backups: it goes once so many newer ones are there.
    AfterBackups { more: u32 },
    /// The policy promises so; whether the tool keeps it is another question.
    Promised { at: Timestamp },
    /// Nothing tells.
    Unknown {
        #[serde(default)]
        why: String,
    },
}

impl Expires {
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into() }
    }
}

/// What a tool keeps by its own settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retention {
    Days(u32),
    /// So many full backups, the newest ones.
    Fulls(u32),
}

/// For how long backups stay.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// By source and repository, as the source tells, or why it doesn't.
    pub told: BTreeMap<(String, u32), Result<Retention, String>>,
    /// As the policy promises for full backups.
    pub promised: Option<TimeDelta>,
}

/// A way with what else decides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WayBack {
    pub way: Way,
    pub drilled: Drilled,
    pub expires: Expires,
}

/// Every way. `rehearsals`: drills that passed; `None`: not known.
#[must_use]
pub fn ways_back(now: Timestamp, stock: &Stock<'_>, rehearsals: Option<&[Rehearsal]>, kept: &Kept) -> Vec<WayBack> {
    let mut ways = newest(now, stock);
    for source in shut_only(&ways) {
        ways.extend(open(&source, now, stock));
    }
    let mut back: Vec<_> = ways
        .into_iter()
        .map(|way| WayBack {
            drilled: drilled(&way, rehearsals),
            expires: expires(&way, stock, kept),
            way,
        })
        .collect();
    back.sort_by_cached_key(rank);
    back.dedup_by(|one, other| one.way == other.way);
    back
}

/// The nearest ways of each source: to the end of each newest window, and each newest copy.
fn newest(now: Timestamp, stock: &Stock<'_>) -> Vec<Way> {
    let mut ends: BTreeMap<(&str, u32), Timestamp> = BTreeMap::new();
    for window in stock.windows.iter().filter(|window| window.from <= now) {
        let reaches = window.to.min(now);
        let end = ends.entry((&window.source, window.repo)).or_insert(reaches);
        *end = (*end).max(reaches);
    }
    let replayed = ends.into_iter().flat_map(|((source, repo), end)| {
        let ways = ways_to(end, stock).ways.into_iter();
        ways.filter(move |way| !is_copy(way) && way.source == source && way.repo == repo && way.reaches == end)
            .take(1)
    });
    let replayed: Vec<_> = replayed.collect();
    let copies = ways_to(now, stock).ways.into_iter().filter(is_copy);
    replayed.into_iter().chain(copies).collect()
}

/// A dump or a snapshot: it shows its own moment.
fn is_copy(way: &Way) -> bool {
    way.target == crate::route::Target::AsTaken
}

fn is_shut(way: &Way) -> bool {
    let shut = |status| matches!(status, CoverageStatus::Missing | CoverageStatus::Refuted);
    way.key.as_ref().is_some_and(|key| shut(key.today()))
}

/// Sources all of whose ways lead to what no key opens.
fn shut_only(ways: &[Way]) -> Vec<String> {
    let mut sources: Vec<_> = ways
        .iter()
        .filter(|way| is_shut(way))
        .map(|way| way.source.clone())
        .collect();
    sources.sort();
    sources.dedup();
    let all_shut = |source: &String| ways.iter().filter(|way| way.source == *source).all(is_shut);
    sources.retain(all_shut);
    sources
}

/// The newest state of this source that a key opens or should open.
fn open(source: &str, now: Timestamp, stock: &Stock<'_>) -> Option<Way> {
    let opened = |label: &str| {
        let own = stock.coverage.iter().filter(|coverage| coverage.backup == label);
        own.map(|coverage| coverage.today())
            .any(|status| matches!(status, CoverageStatus::Proven | CoverageStatus::Expected))
    };
    let usable = stock
        .backups
        .iter()
        .filter(|backup| backup.source == source && backup.status == Status::Ok && opened(&backup.label));
    let mut ends: Vec<_> = usable
        .filter_map(|backup| Some((backup.stopped_at?, backup.label.as_str())))
        .filter(|(stopped, _)| *stopped <= now)
        .collect();
    ends.sort_by_key(|(stopped, _)| Reverse(*stopped));
    ends.into_iter().find_map(|(stopped, label)| {
        let ways = ways_to(stopped, stock).ways.into_iter();
        let mut own = ways.filter(|way| way.source == source && way.backup() == Some(label) && !is_shut(way));
        own.next()
    })
}

fn drilled(way: &Way, rehearsals: Option<&[Rehearsal]>) -> Drilled {
    let Some(rehearsals) = rehearsals else {
        return Drilled::Unknown;
    };
    let own = rehearsals.iter().filter(|drill| drill.source == way.source);
    own.max_by_key(|drill| drill.at)
        .map_or(Drilled::Never, |drill| Drilled::Passed {
            at: drill.at,
            seconds: drill.seconds,
        })
}

/// A way is gone with the first part of its chain.
fn expires(way: &Way, stock: &Stock<'_>, kept: &Kept) -> Expires {
    let parts = stock.backups.iter().filter(|backup| {
        backup.source == way.source
            && backup.repo.is_none_or(|repo| repo == way.repo)
            && way.chain.contains(&backup.label)
    });
    let begun = parts.filter_map(|backup| backup.stopped_at).min();
    let told = kept.told.get(&(way.source.clone(), way.repo));
    match (told, begun, kept.promised) {
        (Some(Ok(Retention::Days(days))), ..) => Expires::At {
            at: begun.unwrap_or(way.reaches) + TimeDelta::days((*days).into()),
        },
        (Some(Ok(Retention::Fulls(fulls))), Some(begun), _) => Expires::AfterBackups {
            more: fulls.saturating_sub(newer_fulls(way, begun, stock)),
        },
        (_, Some(begun), Some(promised)) => Expires::Promised { at: begun + promised },
        (Some(Err(why)), ..) => Expires::unknown(why),
        _ => Expires::unknown("nothing tells how long it is kept"),
    }
}

/// Full backups that are there already and count before the one that a way begins with.
fn newer_fulls(way: &Way, begun: Timestamp, stock: &Stock<'_>) -> u32 {
    let newer = stock.backups.iter().filter(|backup| {
        backup.source == way.source
            && backup.repo.is_none_or(|repo| repo == way.repo)
            && backup.kind == Kind::Full
            && backup.stopped_at.is_some_and(|stopped| stopped > begun)
    });
    u32::try_from(newer.count()).unwrap_or(u32::MAX)
}

/// What no key opens comes last; then what loses least, the surest, the one that was rehearsed, the fastest.
fn rank(back: &WayBack) -> (bool, Reverse<Timestamp>, bool, bool, u32, String, u32, Option<String>) {
    let way = &back.way;
    let seconds = match back.drilled {
        Drilled::Passed { seconds, .. } => seconds,
        Drilled::Never | Drilled::Unknown => way.takes.map(|took| took.max),
    };
    (
        is_shut(way),
        Reverse(way.reaches),
        !way.exact,
        !matches!(back.drilled, Drilled::Passed { .. }),
        seconds.unwrap_or(u32::MAX),
        way.source.clone(),
        way.repo,
        way.backup().map(str::to_owned),
    )
}

#[cfg(test)]
mod tests;
