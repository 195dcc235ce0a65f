//! The plot in words, for those who don't see it and for those who want the times.

use std::collections::BTreeSet;

use domain::key::Fingerprint;
use domain::rotation::{Ended, Held, Lane, Span};
use domain::time::Timestamp;

use super::Rotation;

/// What the plot is called.
pub const TITLE: &str = "Fingerprints of the master key over time";
/// Names of versions that are longer say nothing at a glance.
const LONGEST: usize = 6;

pub const fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Manager => "Secret manager, current version",
        Lane::InUse => "Ampora runs with",
        Lane::Envelopes => "Envelopes open with",
    }
}

/// `version 3, 7d2c 91ab`.
pub fn key(key: &Fingerprint, plot: &Rotation) -> String {
    let version = plot.versions.get(key).filter(|name| name.chars().count() <= LONGEST);
    match version {
        Some(name) => format!("version {name}, {}", key.short()),
        None => key.short(),
    }
}

pub fn held(held: &Held, plot: &Rotation) -> String {
    match held {
        Held::Key(Fingerprint::Weak) => "a key that can be guessed".into(),
        Held::Key(one) => key(one, plot),
        Held::Several { keys, strangers } => {
            let mut names: Vec<_> = keys.iter().map(|one| key(one, plot)).collect();
            names.extend(strangers.then(|| "keys that nobody has".to_owned()));
            names.join(" and ")
        }
        Held::Nobodys => "no key that can be reached".into(),
        Held::Unknown(reason) => format!("unknown: {reason}"),
    }
}

/// One row of the table: what each lane held from a moment on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    pub from: Timestamp,
    /// In the order of the lanes.
    pub held: Vec<Option<Held>>,
    /// They were apart.
    pub apart: bool,
}

/// The moments at which a lane changed, newest first, with what is in sight of the oldest.
pub fn lines(plot: &Rotation) -> Vec<Line> {
    let spans = plot.lanes.iter().flat_map(|(_, spans)| spans);
    let begins = spans.filter(|span| span.until >= plot.from).map(|span| span.from);
    let begins: BTreeSet<_> = begins.collect();
    let at = |spans: &[Span], at| {
        let there = spans.iter().rev().find(|span| span.from <= at);
        there.map(|span| span.held.clone())
    };
    let line = |from| Line {
        from,
        held: plot.lanes.iter().map(|(_, spans)| at(spans, from)).collect(),
        apart: plot.partings.iter().any(|apart| {
            let begun = apart.at <= from;
            begun && !matches!(apart.ended, Ended::Joined(end) | Ended::OutOfSight(end) if end <= from)
        }),
    };
    begins.into_iter().rev().map(line).collect()
}

/// The plot in a few sentences: what each lane holds now, and when they parted.
pub fn sentence(plot: &Rotation) -> String {
    let now = plot.lanes.iter().map(|(which, spans)| {
        let held_now = spans
            .last()
            .map_or_else(|| "never looked at".into(), |span| held(&span.held, plot));
        format!("{}: {held_now}.", lane(*which))
    });
    let mut said: Vec<_> = now.collect();
    let apart = plot
        .apart_in_sight()
        .map(|apart| format!("They {}, in UTC.", apart.words(plot.now)));
    said.extend(apart);
    if plot.partings.is_empty() {
        said.push("They were never seen apart.".into());
    }
    said.join(" ")
}
