//! What a way loses, what it takes and which key it needs, in words that say how well each is known.

use domain::inventory::{Coverage, CoverageStatus};
use domain::plan::{Basis, DataLoss, Range};
use domain::route::{Took, Way};
use domain::time::Timestamp;
use domain::time::{ago, span};

use crate::components::Word;
use crate::pages::overview::{count, plain};

/// How sure the loss is, and how much it is.
pub fn lost(loss: &DataLoss, now: Timestamp) -> (Word, String) {
    let read = format!("production as read {}", ago(loss.as_of, now));
    let Some(Range { min, max }) = loss.seconds else {
        return (
            Word::Unknown,
            "not known: no commit of production is known by its time".into(),
        );
    };
    match (loss.basis, max) {
        (Basis::Unknown, _) => (Word::Unknown, "not known".into()),
        (_, Some(0)) => (
            Word::Info,
            format!("nothing that is known: production committed nothing later; {read}"),
        ),
        (Basis::Exact, _) => (Word::Info, format!("{} of commits; {read}", span(min))),
        (Basis::Bounded, Some(max)) => (
            Word::Warning,
            format!("{} to {} of commits; {read}", span(min), span(max)),
        ),
        (Basis::Bounded, None) => (Word::Warning, format!("{} of commits at least; {read}", span(min))),
    }
}

/// How long it takes, by restores that were done.
pub fn takes(way: &Way) -> (Word, String) {
    match way.takes {
        None => (
            Word::Unknown,
            "not known: no restore from this source was measured yet".into(),
        ),
        Some(Took { min, max, of }) if min == max => {
            let restores = count(of, "restore", "restores");
            (Word::Info, format!("about {}, in {restores} like it", span(min.into())))
        }
        Some(Took { min, max, of }) => {
            let (min, max) = (span(min.into()), span(max.into()));
            (Word::Info, format!("{min} to {max}, in {of} restores like it"))
        }
    }
}

/// Which version of the key opens what comes back.
pub fn key(key: Option<&Coverage>) -> (Word, String) {
    let untried = "not known: no key was tried on this backup";
    let Some(cell) = key else {
        return (Word::Unknown, untried.into());
    };
    let version = cell
        .version
        .as_deref()
        .map_or_else(|| "a version".into(), |name| format!("version {}", plain(name)));
    match cell.today() {
        CoverageStatus::Proven => (Word::Proven, format!("{version} opens it")),
        CoverageStatus::Expected => (Word::Expected, format!("{version} should open it; it was not tried")),
        CoverageStatus::Refuted => (
            Word::Broken,
            format!("{version} was tried and does not open it, and no other does"),
        ),
        CoverageStatus::Missing => (Word::Missing, "the version it needs is not in the manager".into()),
        CoverageStatus::Unknown if cell.detail.is_empty() => (Word::Unknown, untried.into()),
        CoverageStatus::Unknown => (Word::Unknown, format!("not known: {}", plain(&cell.detail))),
    }
}

/// Where it ends, and how sure that is.
pub fn reaches(way: &Way) -> &'static str {
    use domain::route::Target;
    match (way.target, way.exact) {
        (Target::Time, true) => "this moment",
        (Target::Time, false) => {
            "about this moment: how far the last WAL goes is known by its arrival only; at worst it shows the backup’s own moment"
        }
        (Target::Latest, _) => "the end of the archived WAL: no later commit is known",
        (Target::AsTaken, true) => "its own moment, and nothing after it",
        (Target::AsTaken, false) => "a moment before this one: when it was begun is not known",
    }
}
