//! The cells of one backup in one answer: what opens it, how sure that is, and what will take it away.

use std::collections::BTreeMap;

use crate::custody::Keep;
use crate::inventory::{Coverage, CoverageStatus, Keys};
use crate::time::Timestamp;

/// How urgent a look is, the most urgent first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Urgency {
    /// Nothing in the manager opens it, or not for as long as it is kept, or something has to be done first.
    AtRisk,
    Unknown,
    /// It opens, or should.
    Opens,
}

/// What the cells of one backup say together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer<'a> {
    pub urgency: Urgency,
    /// As of today: a version that will be gone is still there.
    pub status: CoverageStatus,
    /// Versions that open it, or should. Several are alternatives, or all needed: `detail` says which.
    pub versions: Vec<&'a str>,
    /// How that is known.
    pub detail: &'a str,
    pub warning: Option<&'a str>,
    /// When what opens it is gone.
    pub gone_at: Option<Timestamp>,
    pub proven_at: Option<Timestamp>,
}

impl<'a> Answer<'a> {
    /// The answer of these cells, which are of one backup. Of none it is that nobody knows.
    #[must_use]
    pub fn of(cells: &[&'a Coverage]) -> Self {
        let having = |status| cells.iter().filter(move |cell| cell.today() == status);
        let order = [
            CoverageStatus::Missing,
            CoverageStatus::Unknown,
            CoverageStatus::Proven,
            CoverageStatus::Expected,
        ];
        let status = order.into_iter().find(|status| having(*status).next().is_some());
        let status = status.unwrap_or(CoverageStatus::Unknown);
        let telling: Vec<_> = having(status).collect();
        let opens = matches!(status, CoverageStatus::Proven | CoverageStatus::Expected);
        let warned = cells.iter().find(|cell| cell.warning.is_some());
        let missing = cells.iter().any(|cell| cell.status == CoverageStatus::Missing);
        Self {
            urgency: match status {
                _ if missing || warned.is_some() => Urgency::AtRisk,
                CoverageStatus::Proven | CoverageStatus::Expected => Urgency::Opens,
                _ => Urgency::Unknown,
            },
            status,
            versions: telling
                .iter()
                .filter(|_| opens)
                .filter_map(|cell| cell.version.as_deref())
                .collect(),
            detail: telling
                .first()
                .map_or("no key was tried on it", |cell| cell.detail.as_str()),
            warning: warned.and_then(|cell| cell.warning.as_deref()),
            gone_at: cells.iter().filter_map(|cell| cell.at).min(),
            proven_at: telling.iter().filter_map(|cell| cell.proven_at).max(),
        }
    }
}

/// The cells of each backup, by its label.
#[must_use]
pub fn by_backup(cells: &[Coverage]) -> BTreeMap<&str, Vec<&Coverage>> {
    let mut backups: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for cell in cells {
        backups.entry(&cell.backup).or_default().push(cell);
    }
    backups
}

/// A version that some rule of the manager takes away, and what depends on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ending<'a> {
    pub version: &'a str,
    /// When, where that has a date.
    pub at: Option<Timestamp>,
    pub keep: &'a Keep,
    /// Backups that are warned about it.
    pub backups: usize,
    /// Those of them that are kept for longer than the version.
    pub outlive: usize,
}

/// Versions that go before every backup has done without them: those with a date first, the soonest of these first.
#[must_use]
pub fn endings(keys: &Keys) -> Vec<Ending<'_>> {
    let of_version = |version: &str| {
        let warned = keys.coverage.iter().filter(|cell| cell.warning.is_some());
        let own: Vec<_> = warned.filter(|cell| cell.version.as_deref() == Some(version)).collect();
        own
    };
    let ending = |version: &crate::inventory::KeyVersion| {
        version.keep.ends() || keys.secret.as_ref().is_some_and(|secret| secret.gone_at.is_some())
    };
    let ending = keys
        .versions
        .iter()
        .filter(|version| ending(version))
        .filter_map(|version| {
            let cells = of_version(&version.version);
            (!cells.is_empty()).then(|| Ending {
                version: &version.version,
                at: cells.iter().filter_map(|cell| cell.at).min(),
                keep: &version.keep,
                backups: cells.len(),
                outlive: cells
                    .iter()
                    .filter(|cell| cell.status == CoverageStatus::Missing)
                    .count(),
            })
        });
    let mut endings: Vec<_> = ending.collect();
    endings.sort_by_key(|ending| (ending.at.is_none(), ending.at));
    endings
}
