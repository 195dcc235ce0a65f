//! Which backups a list shows, and in which order: read from the address, so that every view of it can be sent to a colleague.

use std::cmp::Ordering;

use domain::backup::Backup;

use crate::components::{Address, Sort};

/// Backups on one page.
pub const PAGE: usize = 50;
/// What an address without `sort` means: the newest first.
const NEWEST_FIRST: &str = "-finished";

/// What somebody asked to see. A filter that isn't set lets everything through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    pub source: Option<String>,
    pub kind: Option<String>,
    pub status: Option<String>,
    /// Part of the label, the source, or the words about the status, in any case.
    pub text: Option<String>,
    pub sort: Sort,
    /// Counts from 1.
    pub page: usize,
}

/// The part of a list that is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub backups: Vec<Backup>,
    /// How many match.
    pub matching: usize,
    /// Counts from 1; never behind the last one.
    pub page: usize,
    pub pages: usize,
}

impl Selection {
    #[must_use]
    pub fn of(address: &Address) -> Self {
        let get = |name| address.get(name).map(str::to_owned);
        Self {
            source: get("source"),
            kind: get("kind"),
            status: get("status"),
            text: get("text"),
            sort: Sort::of(address, NEWEST_FIRST),
            page: address.get("page").and_then(|page| page.parse().ok()).unwrap_or(1),
        }
    }

    /// Whether anything is filtered out.
    #[must_use]
    pub const fn is_narrow(&self) -> bool {
        self.source.is_some() || self.kind.is_some() || self.status.is_some() || self.text.is_some()
    }

    fn lets_through(&self, backup: &Backup) -> bool {
        let equals = |asked: &Option<String>, is: &str| asked.as_ref().is_none_or(|asked| asked == is);
        let text = self.text.as_ref().map(|text| text.to_lowercase());
        let has = |words: &str| {
            text.as_ref()
                .is_none_or(|text| words.to_lowercase().contains(text.as_str()))
        };
        equals(&self.source, &backup.source)
            && equals(&self.kind, backup.kind.word())
            && equals(&self.status, backup.status.word())
            && (has(&backup.label) || has(&backup.source) || has(&backup.detail))
    }

    /// One page of what matches, sorted.
    #[must_use]
    pub fn part(&self, backups: &[Backup]) -> Part {
        let mut matching: Vec<_> = backups.iter().filter(|backup| self.lets_through(backup)).collect();
        matching.sort_by(|one, other| self.order(one, other));
        let pages = matching.len().div_ceil(PAGE).max(1);
        let page = self.page.clamp(1, pages);
        let shown = matching.iter().skip((page - 1) * PAGE).take(PAGE);
        Part {
            backups: shown.map(|backup| (*backup).clone()).collect(),
            matching: matching.len(),
            page,
            pages,
        }
    }

    /// What isn't known comes last, whichever way round. Equal ones stand by their labels, so that pages don't overlap.
    fn order(&self, one: &Backup, other: &Backup) -> Ordering {
        let by = |key: fn(&Backup) -> Option<i128>| match (key(one), key(other)) {
            (Some(one), Some(other)) if self.sort.descending => other.cmp(&one),
            (Some(one), Some(other)) => one.cmp(&other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        };
        let turned = |order: Ordering| if self.sort.descending { order.reverse() } else { order };
        let order = match self.sort.by.as_str() {
            "backup" => turned(one.label.cmp(&other.label)),
            "status" => turned(one.status.cmp(&other.status)),
            "started" => by(|backup| Some(backup.started_at?.timestamp_millis().into())),
            "size" => by(|backup| Some(backup.size_bytes?.into())),
            "stored" => by(|backup| Some(backup.stored_bytes?.into())),
            _ => by(|backup| Some(backup.stopped_at?.timestamp_millis().into())),
        };
        order
            .then_with(|| one.label.cmp(&other.label))
            .then_with(|| one.source.cmp(&other.source))
            .then_with(|| one.repo.cmp(&other.repo))
    }
}
