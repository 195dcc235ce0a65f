//! The execution of an approved plan: its states, and the one decision that must be right after a crash.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Where a run stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunState {
    /// Waits for a worker.
    Queued,
    /// A worker holds it by a lease.
    Running,
    /// Nobody works on it: a person has to decide how it goes on. The deployment stays locked.
    Paused {
        since: Timestamp,
        seen: String,
    },
    Succeeded {
        at: Timestamp,
    },
    Failed {
        at: Timestamp,
        reason: String,
    },
    Cancelled {
        at: Timestamp,
    },
    /// The runner found that it must not: evidence that doesn't verify, or a fact that moved.
    Refused {
        at: Timestamp,
        reason: String,
    },
    /// A step ended in a way that only a person can judge.
    NeedsHuman {
        at: Timestamp,
        seen: String,
    },
}

impl RunState {
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused { .. } => "waiting for a decision",
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Cancelled { .. } => "cancelled",
            Self::Refused { .. } => "refused",
            Self::NeedsHuman { .. } => "needs human",
        }
    }

    #[must_use]
    pub const fn is_over(&self) -> bool {
        !matches!(self, Self::Queued | Self::Running | Self::Paused { .. })
    }

    /// What is to be read beside the word.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Failed { reason, .. } | Self::Refused { reason, .. } => Some(reason),
            Self::NeedsHuman { seen, .. } | Self::Paused { seen, .. } => Some(seen),
            _ => None,
        }
    }
}

/// How far a step came.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StepState {
    Waiting,
    Running {
        since: Timestamp,
    },
    Done {
        since: Timestamp,
        at: Timestamp,
        detail: String,
    },
    Failed {
        since: Timestamp,
        at: Timestamp,
        detail: String,
    },
}

impl StepState {
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running { .. } => "running",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
        }
    }
}

/// What a worker does with a run that another worker left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recovery {
    /// Go on with this step. If it had begun, it is idempotent.
    Resume { step: usize },
    /// This destructive step had begun and nobody knows how it ended. It is never repeated by itself.
    NeedsHuman { step: usize },
    /// A step had failed; the run only has to be closed.
    CloseFailed { step: usize },
    /// All steps were done; the run only has to be closed.
    CloseSucceeded,
}

/// Decides from what was written down before the crash. `destructive` stands beside each step.
#[must_use]
pub fn after_crash(steps: &[(bool, StepState)]) -> Recovery {
    for (step, (destructive, state)) in steps.iter().enumerate() {
        match state {
            StepState::Done { .. } => {}
            StepState::Failed { .. } => return Recovery::CloseFailed { step },
            StepState::Running { .. } if *destructive => return Recovery::NeedsHuman { step },
            StepState::Running { .. } | StepState::Waiting => return Recovery::Resume { step },
        }
    }
    Recovery::CloseSucceeded
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn a_destructive_step_of_unknown_outcome_is_never_repeated() {
        let t = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
        let done = || StepState::Done {
            since: t,
            at: t,
            detail: String::new(),
        };
        let running = || StepState::Running { since: t };
        let failed = || StepState::Failed {
            since: t,
            at: t,
            detail: String::new(),
        };
        let table = [
            (vec![], Recovery::CloseSucceeded),
            (vec![(false, StepState::Waiting)], Recovery::Resume { step: 0 }),
            (vec![(true, StepState::Waiting)], Recovery::Resume { step: 0 }),
            (vec![(false, done()), (false, running())], Recovery::Resume { step: 1 }),
            (
                vec![(false, done()), (true, running())],
                Recovery::NeedsHuman { step: 1 },
            ),
            (
                vec![(true, done()), (false, StepState::Waiting)],
                Recovery::Resume { step: 1 },
            ),
            (
                vec![(false, done()), (true, failed())],
                Recovery::CloseFailed { step: 1 },
            ),
            (vec![(false, done()), (true, done())], Recovery::CloseSucceeded),
        ];
        for (steps, expected) in table {
            assert_eq!(after_crash(&steps), expected, "{steps:?}");
        }
    }
}
