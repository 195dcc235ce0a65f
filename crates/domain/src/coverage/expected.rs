//! Backups that nobody tried: what was in use at their moment lets expect what opens them.

use std::collections::BTreeSet;

use super::{Stock, cell, is_gone, moment, unknown};
use crate::backup::Backup;
use crate::custody::State;
use crate::drift::Verdict;
use crate::inventory::{Coverage, CoverageStatus, KeyVersion};
use crate::key::Fingerprint;
use crate::rotation::{Held, Span};
use crate::time::Timestamp;

/// What looks around a moment tell of the keys at that moment.
enum Seen<'a> {
    /// All of these were in use.
    Keys(BTreeSet<&'a Fingerprint>),
    /// It was changed about then, from one of these to another.
    OneOf(BTreeSet<&'a Fingerprint>),
    /// None that could be reached opened what there was.
    Nobodys,
    /// Nobody looked before then.
    TooEarly,
    Unknown(&'a str),
}

impl Stock<'_> {
    pub(super) fn expected(&self, backup: &Backup) -> Vec<Coverage> {
        let Some(at) = moment(backup) else {
            return vec![unknown(backup, "its source doesn’t tell of which moment it is")];
        };
        let mut seen = seen_at(self.envelopes, at);
        if matches!(seen, Seen::TooEarly | Seen::Unknown(_)) {
            let in_use = seen_at(self.in_use, at);
            if !matches!(in_use, Seen::TooEarly | Seen::Unknown(_)) {
                seen = in_use;
            }
        }
        match seen {
            Seen::Keys(keys) => keys.into_iter().flat_map(|key| self.of_key(backup, key)).collect(),
            Seen::OneOf(keys) => self.one_of(backup, &keys),
            Seen::Nobodys => vec![self.nobodys(backup, at)],
            Seen::TooEarly => vec![self.by_time(backup, at)],
            Seen::Unknown(why) => vec![unknown(backup, format!("which key was in use then isn’t known: {why}"))],
        }
    }

    fn of_key(&self, backup: &Backup, key: &Fingerprint) -> Vec<Coverage> {
        let versions = self.with_key(key);
        if versions.is_empty() {
            return vec![self.without_version(backup, key)];
        }
        let expected = |version: &KeyVersion| {
            let expected = Coverage {
                detail: format!("key {} was in use then", key.short()),
                ..cell(backup, Some(version), CoverageStatus::Expected)
            };
            self.ending(backup, expected, key)
        };
        versions.into_iter().map(expected).collect()
    }

    /// Expected of each that there is. That another is missing can't be said: it may not be the one.
    fn one_of(&self, backup: &Backup, keys: &BTreeSet<&Fingerprint>) -> Vec<Coverage> {
        let (there, gone): (Vec<_>, Vec<_>) = keys.iter().partition(|key| !self.with_key(key).is_empty());
        let names: Vec<_> = keys.iter().map(|key| key.short()).collect();
        let why = format!("the key was changed about then: it is one of {}", names.join(", "));
        let mut cells: Vec<_> = there.into_iter().flat_map(|key| self.of_key(backup, key)).collect();
        for cell in &mut cells {
            cell.detail.clone_from(&why);
        }
        if !gone.is_empty() {
            cells.push(unknown(backup, why));
        }
        cells
    }

    fn nobodys(&self, backup: &Backup, at: Timestamp) -> Coverage {
        let came_later = |version: &&KeyVersion| version.created_at.is_none_or(|created_at| created_at > at);
        let why = "no key that could be reached then opened the live database";
        if self.there().any(|version| came_later(&version)) || self.unread().is_some() {
            return unknown(backup, why);
        }
        Coverage {
            detail: why.into(),
            ..cell(backup, None, CoverageStatus::Missing)
        }
    }

    /// A backup from before anybody looked: the version that was the newest then, as long as manager and Ampora go together.
    fn by_time(&self, backup: &Backup, at: Timestamp) -> Coverage {
        let versions = match self.by_their_times() {
            Ok(versions) => versions,
            Err(why) => return unknown(backup, format!("it is older than what Muster has seen, and {why}")),
        };
        let newest = versions
            .into_iter()
            .take_while(|(created_at, _)| *created_at <= at)
            .last();
        match newest {
            None => Coverage {
                detail: "it is older than every version that the manager still has".into(),
                ..cell(backup, None, CoverageStatus::Missing)
            },
            Some((_, version)) if is_gone(version) => Coverage {
                detail: "the version of its time is gone".into(),
                ..cell(backup, Some(version), CoverageStatus::Missing)
            },
            Some((_, version)) => {
                let expected = Coverage {
                    detail: "the newest version of its time".into(),
                    ..cell(backup, Some(version), CoverageStatus::Expected)
                };
                self.ending_of(backup, expected, &[version])
            }
        }
    }

    /// The versions that were in use at some time, oldest first; or why their times tell nothing.
    fn by_their_times(&self) -> Result<Vec<(Timestamp, &KeyVersion)>, &'static str> {
        if !self.dated {
            return Err("files don’t tell when a key came into use");
        }
        if self.keys.verdict != Verdict::InSync {
            return Err("the manager isn’t in step with Ampora");
        }
        let used = self
            .keys
            .versions
            .iter()
            .filter(|version| version.state != State::Pending.word());
        let timed: Option<Vec<_>> = used.map(|version| Some((version.created_at?, version))).collect();
        let mut timed = timed.ok_or("not every version tells its time")?;
        timed.sort_by_key(|(created_at, _)| *created_at);
        Ok(timed)
    }
}

/// What the looks around a moment tell.
fn seen_at(spans: &[Span], at: Timestamp) -> Seen<'_> {
    let behind = spans.partition_point(|span| span.from <= at);
    let Some((last, before)) = spans[..behind].split_last() else {
        return Seen::TooEarly;
    };
    let reason = match &last.held {
        Held::Nobodys => return Seen::Nobodys,
        Held::Several { strangers: true, .. } => "some envelopes opened with no key that could be reached",
        Held::Several { keys, .. } if keys.is_empty() => "what was written down names no key",
        Held::Key(_) | Held::Several { .. } => return Seen::Keys(last.held.keys().collect()),
        Held::Unknown(why) => why,
    };
    // Nobody knew then, but the same key before and after says enough.
    let known = |span: &&Span| matches!(span.held, Held::Key(_));
    let earlier = before.iter().rev().find(known).map(|span| &span.held);
    let later = spans[behind..].iter().find(known).map(|span| &span.held);
    match (earlier, later) {
        (Some(earlier), Some(later)) if earlier == later => Seen::Keys(earlier.keys().collect()),
        (Some(earlier), Some(later)) => Seen::OneOf(earlier.keys().chain(later.keys()).collect()),
        _ => Seen::Unknown(reason),
    }
}
