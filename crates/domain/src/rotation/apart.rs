//! When the manager's key and the live ones parted, for how long, and whether they joined again.

use std::collections::BTreeSet;

use chrono::Datelike;

use super::{Held, Span};
use crate::key::Fingerprint;
use crate::time::{Timestamp, span};

/// A time in which the manager's current key was not the one in use, or didn't open every envelope.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Apart {
    /// The first look that saw it.
    pub at: Timestamp,
    pub began: Began,
    pub ended: Ended,
    /// In a part of it nobody knew.
    pub unsure: bool,
}

/// What was known before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Began {
    /// The look before, at this time, saw them together.
    After(Timestamp),
    /// They were seen together last at this time, and then nobody knew for a while.
    NotSeenSince(Timestamp),
    /// They were never seen together.
    BeforeTheFirstLook,
}

/// How it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// They are still apart.
    Not,
    /// The first look that saw them together again.
    Joined(Timestamp),
    /// Since then nobody knows.
    OutOfSight(Timestamp),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    Together,
    Apart,
    Unknown,
}

/// Every parting that was seen, oldest first. A lane that nobody configured is empty.
#[must_use]
pub fn partings(manager: &[Span], in_use: &[Span], envelopes: &[Span]) -> Vec<Apart> {
    let lanes = [manager, in_use, envelopes];
    let cuts: BTreeSet<_> = lanes
        .iter()
        .flat_map(|lane| lane.iter().flat_map(|span| [span.from, span.until]))
        .collect();
    let mut found: Vec<Apart> = Vec::new();
    let mut before = Began::BeforeTheFirstLook;
    let mut was = Standing::Unknown;
    for at in cuts {
        let is = standing(lanes.map(|lane| held(lane, at)));
        if was == Standing::Together && is != was {
            before = Began::After(last_look(&lanes, at));
        }
        let open = found.last_mut().filter(|last| !matches!(last.ended, Ended::Joined(_)));
        match (is, open) {
            (Standing::Together, Some(last)) => last.end(Ended::Joined(at)),
            (Standing::Apart, Some(last)) => last.end(Ended::Not),
            (Standing::Unknown, Some(last)) if last.ended == Ended::Not => last.ended = Ended::OutOfSight(at),
            (Standing::Apart, None) => found.push(Apart {
                at,
                began: before,
                ended: Ended::Not,
                unsure: false,
            }),
            _ => {}
        }
        if let (Standing::Unknown, Began::After(seen)) = (is, before) {
            before = Began::NotSeenSince(seen);
        }
        was = is;
    }
    found
}

/// What a lane held at a moment. The last moment belongs to its last span.
fn held(lane: &[Span], at: Timestamp) -> Option<&Held> {
    let last = lane.last()?;
    let there = lane.iter().rev().find(|span| span.from <= at)?;
    (at < there.until || (there == last && at == last.until)).then_some(&there.held)
}

/// When the lane that changed at `at` was looked at before.
fn last_look(lanes: &[&[Span]; 3], at: Timestamp) -> Timestamp {
    let ended = lanes
        .iter()
        .flat_map(|lane| lane.iter())
        .filter(|span| span.until == at && span.from < at);
    ended.map(|span| span.looked).min().unwrap_or(at)
}

/// A difference is known as soon as two lanes are; that all is one key takes the manager's and the envelopes', which are the proof.
fn standing([manager, in_use, envelopes]: [Option<&Held>; 3]) -> Standing {
    let Some(Held::Key(current @ Fingerprint::Keyed(_))) = manager else {
        return Standing::Unknown;
    };
    let same = |held: Option<&Held>| match held? {
        Held::Key(Fingerprint::Weak) | Held::Unknown(_) => None,
        Held::Key(key) => Some(key == current),
        Held::Several { .. } | Held::Nobodys => Some(false),
    };
    match (same(in_use), same(envelopes)) {
        (Some(false), _) | (_, Some(false)) => Standing::Apart,
        (_, Some(true)) => Standing::Together,
        _ => Standing::Unknown,
    }
}

impl Apart {
    fn end(&mut self, ended: Ended) {
        self.unsure |= matches!(self.ended, Ended::OutOfSight(_));
        self.ended = ended;
    }

    /// For how many seconds, as far as anybody saw.
    #[must_use]
    pub fn seconds(&self, now: Timestamp) -> i64 {
        let until = match self.ended {
            Ended::Not => now,
            Ended::Joined(at) | Ended::OutOfSight(at) => at,
        };
        (until - self.at).num_seconds().max(0)
    }

    /// `parted 12 Nov 03:10, for 9 d 2 h`, in UTC.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        let minute = |at| minute(at, now);
        let began = match self.began {
            Began::After(_) => format!("parted {}", minute(self.at)),
            Began::NotSeenSince(seen) => format!("parted between {} and {}", minute(seen), minute(self.at)),
            Began::BeforeTheFirstLook => format!("apart when first seen, {}", minute(self.at)),
        };
        let lasted = span(self.seconds(now));
        let ended = match self.ended {
            Ended::Not => format!(", for {lasted}"),
            Ended::Joined(at) => format!(", joined again {}, after {lasted}", minute(at)),
            Ended::OutOfSight(at) => format!(", for {lasted}; not known since {}", minute(at)),
        };
        let unsure = if self.unsure {
            "; for a part of it nobody knows"
        } else {
            ""
        };
        format!("{began}{ended}{unsure}")
    }
}

/// To the minute: a change lies between two looks anyway.
fn minute(at: Timestamp, now: Timestamp) -> String {
    let form = if at.year() == now.year() {
        "%-d %b %H:%M"
    } else {
        "%-d %b %Y %H:%M"
    };
    at.format(form).to_string()
}
