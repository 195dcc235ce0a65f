//! From runs of looks to spans without holes.

use chrono::TimeDelta;

use super::Held;
use crate::history::Seen;
use crate::time::Timestamp;

/// A span in which one of the lanes held the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    pub held: Held,
    pub from: Timestamp,
    pub until: Timestamp,
    /// The last look up to its end.
    pub looked: Timestamp,
}

/// The runs of one lane as spans from its first look to `now`. A key is looked at as seldom as can be, and in between the last look is
/// believed: for `stands_for`, and never past the next one. What is left over nobody knows. A change lies between two looks and is dated by
/// the one that saw it.
#[must_use]
pub fn spans(runs: &[Seen], stands_for: TimeDelta, now: Timestamp) -> Vec<Span> {
    let mut runs: Vec<_> = runs.iter().filter(|run| run.since <= now).collect();
    runs.sort_by_key(|run| (run.since, run.until));
    let mut spans = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let next = runs.get(index + 1).map_or(now, |next| next.since);
        // Two workers that looked at once may have written runs that overlap.
        let looked = run.until.min(next);
        let until = next.min(looked + stands_for);
        push(&mut spans, Held::read(&run.value), (run.since, until), looked);
        if until < next {
            push(&mut spans, Held::Unknown("nobody looked".into()), (until, next), looked);
        }
    }
    spans
}

/// Neighbours that hold the same are one span; of reasons for not knowing, the last one counts.
fn push(spans: &mut Vec<Span>, held: Held, (from, until): (Timestamp, Timestamp), looked: Timestamp) {
    let same = |last: &&mut Span| match (&last.held, &held) {
        (Held::Unknown(_), Held::Unknown(_)) => true,
        (before, after) => before == after,
    };
    match spans.last_mut().filter(same) {
        Some(last) => (last.held, last.until, last.looked) = (held, until, looked),
        None => spans.push(Span {
            held,
            from,
            until,
            looked,
        }),
    }
}
