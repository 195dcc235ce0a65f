//! What drills last showed of a deployment, as far as sentences say it.

use domain::drill::{Drill, Rehearsals, Verdict};
use domain::ids::DrillId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The newest drill, and the newest that passed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rehearsed {
    pub newest: Option<Shown>,
    pub passed: Option<Shown>,
}

/// One drill in short.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shown {
    pub drill: DrillId,
    pub at: Timestamp,
    pub verdict: Verdict,
    pub backup: String,
    pub rto_seconds: Option<u32>,
    pub rpo_seconds: Option<u32>,
    /// Names of the checks that were not run.
    pub untested: Vec<String>,
    /// Why it didn't pass.
    pub why: Option<String>,
}

impl Rehearsed {
    #[must_use]
    pub fn of(rehearsals: &Rehearsals) -> Self {
        Self {
            newest: rehearsals.newest().and_then(Shown::of),
            passed: rehearsals.passed.as_ref().and_then(Shown::of),
        }
    }

    /// The newest drill, where it passed: only then its figures may be counted on.
    #[must_use]
    pub fn proof(&self) -> Option<&Shown> {
        self.newest.as_ref().filter(|shown| shown.verdict == Verdict::Passed)
    }
}

impl Shown {
    fn of(drill: &Drill) -> Option<Self> {
        Some(Self {
            drill: drill.id,
            at: drill.finished_at?,
            verdict: drill.verdict?,
            backup: drill
                .backup
                .as_ref()
                .map_or_else(String::new, |backup| backup.label.clone()),
            rto_seconds: drill.figures.rto_seconds,
            rpo_seconds: drill.figures.rpo_seconds,
            untested: drill.untested().into_iter().map(str::to_owned).collect(),
            why: drill.failure.as_ref().map(|failure| failure.words.clone()),
        })
    }
}
