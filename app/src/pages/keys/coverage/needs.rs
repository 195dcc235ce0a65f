//! What each backup needs, and backups that need the same as one row: ten thousand of them are a handful of rows, as a rule.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::backup::Backup;
use domain::inventory::{Coverage, CoverageStatus, KeyVersion, Keys};
use domain::time::Timestamp;

use crate::components::Word;
use crate::pages::overview::plain;

/// How well a backup can be opened, the worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Class {
    /// Nothing in the manager opens it, or not for much longer.
    AtRisk,
    Unknown,
    Opens,
}

/// What is known of one backup: per version, and apart from the versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Needs {
    /// As the manager lists its versions, the newest first.
    pub versions: Vec<Option<CoverageStatus>>,
    /// `Missing`: it needs a key the manager lacks. `Unknown`: no key was tried on it.
    pub outside: Option<CoverageStatus>,
}

/// Backups that follow each other and need the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group<'a> {
    pub class: Class,
    pub needs: Needs,
    /// Newest first.
    pub backups: Vec<&'a Backup>,
    pub proven_at: Option<Timestamp>,
}

impl Needs {
    fn of(cells: &[&Coverage], keys: &Keys) -> Self {
        let of = |name: Option<&String>| {
            let cell = cells.iter().find(|cell| cell.version.as_ref() == name);
            cell.map(|cell| cell.status)
        };
        let versions = keys.versions.iter().rev();
        Self {
            versions: versions.map(|version| of(Some(&version.version))).collect(),
            outside: of(None).or_else(|| cells.is_empty().then_some(CoverageStatus::Unknown)),
        }
    }

    /// Every version that opens it, or should. `versions` as in the table.
    fn openers<'v>(&self, versions: &[&'v KeyVersion], status: CoverageStatus) -> Option<&'v KeyVersion> {
        let with = self
            .versions
            .iter()
            .zip(versions)
            .filter(|(is, _)| **is == Some(status));
        with.map(|(_, version)| *version).max_by_key(|version| version.current)
    }

    /// The answer for the whole row: the version that opens it, best a proven one, best the current one.
    pub fn answer(&self, versions: &[&KeyVersion]) -> (Word, String) {
        let named = |status| self.openers(versions, status).map(|version| plain(&version.version));
        match (
            named(CoverageStatus::Proven),
            named(CoverageStatus::Expected),
            self.outside,
        ) {
            (Some(version), ..) => (Word::Proven, version),
            (None, _, Some(CoverageStatus::Missing)) => (Word::Missing, "missing".into()),
            (None, Some(version), _) => (Word::Expected, version),
            (None, None, _) => (Word::Unknown, "unknown".into()),
        }
    }

    fn class(&self) -> Class {
        let any = |status| self.versions.contains(&Some(status)) || self.outside == Some(status);
        if any(CoverageStatus::Proven) {
            Class::Opens
        } else if any(CoverageStatus::Missing) {
            Class::AtRisk
        } else if any(CoverageStatus::Expected) {
            Class::Opens
        } else {
            Class::Unknown
        }
    }
}

/// All backups in rows: what is missing first, then what nobody knows, the newest of each first.
pub fn groups<'a>(backups: &'a [Backup], keys: &Keys) -> Vec<Group<'a>> {
    let mut cells: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for cell in &keys.coverage {
        cells.entry(&cell.backup).or_default().push(cell);
    }
    let each = backups.iter().map(|backup| {
        let cells = cells.get(backup.label.as_str()).map_or(&[][..], Vec::as_slice);
        let needs = Needs::of(cells, keys);
        Group {
            class: needs.class(),
            needs,
            backups: vec![backup],
            proven_at: cells.iter().filter_map(|cell| cell.proven_at).max(),
        }
    });
    let mut each: Vec<_> = each.collect();
    each.sort_by_key(|group| (group.class, Reverse(group.backups[0].stopped_at)));
    let mut groups: Vec<Group<'_>> = Vec::new();
    for group in each {
        match groups.last_mut().filter(|last| last.needs == group.needs) {
            Some(last) => {
                last.backups.extend(group.backups);
                last.proven_at = last.proven_at.max(group.proven_at);
            }
            None => groups.push(group),
        }
    }
    groups
}

/// Backups in these rows.
pub fn number<'a>(groups: impl IntoIterator<Item = &'a Group<'a>>) -> usize {
    groups.into_iter().map(|group| group.backups.len()).sum()
}
