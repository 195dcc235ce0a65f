//! A moment that nothing reaches: why, and which ones around it can be reached.

use super::{Stock, copies};
use crate::time::Timestamp;
use crate::window::Gap;

/// What there is instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missed {
    /// The last moment before it that can be reached. `None`: nothing reaches back that far.
    pub before: Option<Nearest>,
    /// The first one after it. `None`: nothing is that new.
    pub after: Option<Nearest>,
    /// Holes in the WAL that the moment lies in.
    pub gaps: Vec<Gap>,
}

/// A moment that can be reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nearest {
    pub at: Timestamp,
    pub source: String,
    /// 0: the source has no repositories.
    pub repo: u32,
    /// The copy whose moment it is; `None`: the end or the beginning of a window.
    pub label: Option<String>,
}

/// The moments around `at`. A copy that doesn't tell its moment is no landmark.
pub(super) fn missed(at: Timestamp, stock: &Stock<'_>) -> Missed {
    let ends = stock
        .windows
        .iter()
        .flat_map(|window| [window.from, window.to].map(|at| (at, window)));
    let ends = ends.map(|(at, window)| Nearest {
        at,
        source: window.source.clone(),
        repo: window.repo,
        label: None,
    });
    let own = copies::usable(stock).filter(|(_, exact, _)| *exact);
    let own = own.map(|(at, _, backup)| Nearest {
        at,
        source: backup.source.clone(),
        repo: backup.repo.unwrap_or(0),
        label: Some(backup.label.clone()),
    });
    let (before, after): (Vec<_>, Vec<_>) = ends
        .chain(own)
        .filter(|near| near.at != at)
        .partition(|near| near.at < at);
    let gaps = stock
        .gaps
        .iter()
        .filter(|gap| gap.from <= at && gap.to.is_none_or(|to| at <= to));
    Missed {
        before: before.into_iter().max_by_key(|near| near.at),
        after: after.into_iter().min_by_key(|near| near.at),
        gaps: gaps.cloned().collect(),
    }
}
