//! The four answers in a few words each, for the strip on every page but the Overview.

use domain::time::{Timestamp, ago, clock, span};
use recovery::overview::{ComesBack, Gist, View};

use super::opens::Opens;
use super::rehearsed;
use super::took::Took;
use crate::components::{Answer, Word};

/// What the strip says of a deployment. `quorum`: how many people must agree, the requester counted.
#[must_use]
pub fn answers(gist: &Gist, now: Timestamp, quorum: usize) -> [Answer; 4] {
    [
        comes_back(gist, now),
        how_fast(gist, now),
        key(gist, now),
        people(gist, quorum),
    ]
}

fn answer(word: Word, says: impl Into<String>, grounds: impl Into<String>) -> Answer {
    Answer {
        word,
        says: says.into(),
        grounds: grounds.into(),
    }
}

fn comes_back(gist: &Gist, now: Timestamp) -> Answer {
    match &gist.comes_back {
        ComesBack::UpTo { window, lost_seconds } => {
            let about = if window.exact { "to" } else { "to about" };
            let lost = match lost_seconds {
                None => "how much is lost is not known".into(),
                Some(0) => "no later commit known".into(),
                Some(lost) => format!("{} lost", span(*lost)),
            };
            answer(
                Word::Ok,
                format!("{about} {} UTC", clock(window.to, now)),
                format!("{lost} · {}", read(gist, &window.source, now)),
            )
        }
        ComesBack::Copy { source, as_of, .. } => {
            let says = match as_of {
                Some(at) => format!("one backup, of {} UTC", clock(*at, now)),
                None => "one backup, of a time not known".into(),
            };
            answer(
                Word::Warning,
                says,
                format!("no restorable window · {}", read(gist, source, now)),
            )
        }
        ComesBack::Nothing => answer(Word::Broken, "nothing", "every source was read"),
        ComesBack::Unknown { reason } => answer(Word::Unknown, "not known", reason.clone()),
    }
}

/// When a source was last read.
pub(super) fn read_at(view: &View, source: &str) -> Option<Timestamp> {
    let line = view.inventory.sources.iter().find(|line| line.name == source)?;
    line.observed_at
}

fn read(gist: &Gist, source: &str, now: Timestamp) -> String {
    let line = gist.sources.iter().find(|line| line.name == source);
    match line.and_then(|line| line.observed_at) {
        Some(at) => format!("{}, {source}", ago(at, now)),
        None => format!("not read yet, {source}"),
    }
}

fn how_fast(gist: &Gist, now: Timestamp) -> Answer {
    rehearsed::answer(&gist.rehearsed, now).unwrap_or_else(|| restored(gist))
}

/// Without a drill: what restores took that were really done.
fn restored(gist: &Gist) -> Answer {
    match (Took::of(&gist.durations), &gist.comes_back) {
        (None, _) => answer(Word::Unknown, "not known", "no restore was done yet, and no drill"),
        (Some(took), ComesBack::Copy { .. }) => {
            answer(Word::Ok, took.about(), format!("{}, database only", took.range()))
        }
        (Some(took), _) => answer(
            Word::Unknown,
            "not known to the last second",
            format!("a dump: {}, {}", took.about(), took.range()),
        ),
    }
}

fn key(gist: &Gist, now: Timestamp) -> Answer {
    let opens = Opens::now(&gist.keys, now);
    let says = match &opens {
        Opens::Current { .. } => "yes".into(),
        Opens::Other { .. } | Opens::Several | Opens::Rotating | Opens::Expected { .. } | Opens::Locked { .. } => {
            opens.short()
        }
        Opens::Unknown { .. } => "not known".into(),
    };
    let grounds = match &opens {
        Opens::Unknown { reason } => reason.clone(),
        _ => match &gist.keys.last_good {
            Some((keys, at)) => format!("{} envelopes tried · {}", keys.envelopes.sampled, ago(*at, now)),
            None => "not read yet".into(),
        },
    };
    answer(opens.word(), says, grounds)
}

fn people(gist: &Gist, quorum: usize) -> Answer {
    let rule = "no one decides on their own request";
    match gist.waiting {
        0 => answer(Word::Ok, format!("{quorum} people together"), rule),
        1 => answer(Word::WaitsForYou, format!("{quorum} people; 1 request waits"), rule),
        waiting => answer(
            Word::WaitsForYou,
            format!("{quorum} people; {waiting} requests wait"),
            rule,
        ),
    }
}
