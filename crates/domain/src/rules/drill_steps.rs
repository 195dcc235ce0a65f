//! What the four rules about drills share: how a drill is quoted, and how the next one begins.

use super::place::Place;
use crate::drill::{Drill, Verdict};
use crate::finding::{Evidence, Step};
use crate::time::rfc3339;

/// One drill as evidence.
pub(super) fn evidence(drill: &Drill) -> Evidence {
    let why = drill.failure.as_ref().map(|failure| failure.words.as_str());
    let verdict = drill.verdict.map_or("no verdict", Verdict::words);
    Evidence {
        fact: format!("drill {}", drill.id),
        value: why.map_or_else(|| verdict.to_owned(), |why| format!("{verdict}: {why}")),
        observed_at: drill.finished_at,
        source: "drills".into(),
    }
}

/// When it ended, as far as it did.
pub(super) fn when(drill: &Drill) -> String {
    drill
        .finished_at
        .map_or_else(|| "a time that is not known".into(), rfc3339)
}

/// The next drill, the only thing that resolves any of these findings.
pub(super) fn start(place: &Place, text: &str) -> Step {
    let deployment = place.deployment.replace('\'', "'\\''");
    Step::anywhere(text, format!("muster drill run --deployment '{deployment}'"))
}
