//! What each backup needs, and backups that need the same as one row: ten thousand of them are a handful of rows, as a rule.

use std::cmp::Reverse;

use domain::backup::Backup;
use domain::coverage::{Answer, Urgency, by_backup};
use domain::inventory::{Coverage, CoverageStatus, Keys};
use domain::time::Timestamp;

use crate::components::Word;
use crate::pages::overview::plain;

/// What tells two backups apart: how each version does, as of today, and when it goes.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Needs {
    urgency: Urgency,
    status: CoverageStatus,
    versions: Vec<Option<(CoverageStatus, Option<Timestamp>)>>,
    warned: bool,
}

/// Backups that follow each other and need the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group<'a> {
    needs: Needs,
    /// Newest first.
    pub backups: Vec<&'a Backup>,
    /// Versions that open it, or should.
    openers: Vec<&'a str>,
    /// How that is known of the newest, and what it is warned of.
    pub detail: &'a str,
    pub warning: Option<&'a str>,
    pub gone_at: Option<Timestamp>,
    pub proven_at: Option<Timestamp>,
}

impl<'a> Group<'a> {
    fn of(backup: &'a Backup, cells: &[&'a Coverage], keys: &Keys) -> Self {
        let answer = Answer::of(cells);
        let of_version = |name: &str| {
            let cell = cells.iter().find(|cell| cell.version.as_deref() == Some(name));
            cell.map(|cell| (cell.today(), cell.at))
        };
        Self {
            needs: Needs {
                urgency: answer.urgency,
                status: answer.status,
                versions: keys.versions.iter().rev().map(|it| of_version(&it.version)).collect(),
                warned: answer.warning.is_some(),
            },
            backups: vec![backup],
            openers: answer.versions,
            detail: answer.detail,
            warning: answer.warning,
            gone_at: answer.gone_at,
            proven_at: answer.proven_at,
        }
    }

    pub const fn urgency(&self) -> Urgency {
        self.needs.urgency
    }

    /// Of the version at this place in the table: the newest first.
    pub fn version(&self, index: usize) -> Option<(CoverageStatus, Option<Timestamp>)> {
        self.needs.versions.get(index).copied().flatten()
    }

    /// The answer for the whole row, in a mark and a word.
    pub fn answer(&self) -> (Word, String) {
        let openers = plain(&self.openers.join(", "));
        match (self.needs.status, openers.is_empty()) {
            (CoverageStatus::Missing, _) => (Word::Missing, "missing".into()),
            (CoverageStatus::Proven, false) if self.urgency() == Urgency::AtRisk => (Word::Warning, openers),
            (CoverageStatus::Expected, false) if self.urgency() == Urgency::AtRisk => {
                (Word::Warning, format!("{openers}, expected"))
            }
            (CoverageStatus::Proven, false) => (Word::Proven, openers),
            (CoverageStatus::Expected, false) => (Word::Expected, format!("{openers}, expected")),
            (CoverageStatus::Expected, true) => (Word::Warning, "a copy elsewhere".into()),
            _ => (Word::Unknown, "unknown".into()),
        }
    }

    fn add(&mut self, other: Self) {
        self.backups.extend(other.backups);
        self.proven_at = self.proven_at.max(other.proven_at);
    }
}

/// All backups in rows: what is missing first, then what is at risk, then what nobody knows, the newest of each first.
pub fn groups<'a>(backups: &'a [Backup], keys: &'a Keys) -> Vec<Group<'a>> {
    let cells = by_backup(&keys.coverage);
    let of = |backup: &'a Backup| {
        let own = cells.get(backup.label.as_str()).map_or(&[][..], Vec::as_slice);
        Group::of(backup, own, keys)
    };
    let mut each: Vec<_> = backups.iter().map(of).collect();
    let there = |group: &Group<'_>| group.needs.status != CoverageStatus::Missing;
    each.sort_by_key(|group| (group.urgency(), there(group), Reverse(group.backups[0].stopped_at)));
    let mut groups: Vec<Group<'_>> = Vec::new();
    for group in each {
        match groups.last_mut().filter(|last| last.needs == group.needs) {
            Some(last) => last.add(group),
            None => groups.push(group),
        }
    }
    groups
}

/// Backups in these rows.
pub fn number<'a>(groups: impl IntoIterator<Item = &'a Group<'a>>) -> usize {
    groups.into_iter().map(|group| group.backups.len()).sum()
}
