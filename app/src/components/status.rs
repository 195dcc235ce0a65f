//! The words of status. There is no default among them, ok least of all: whoever writes a page has to say which one is meant.

use domain::audit::{Outcome, Phase};
use domain::inventory::CoverageStatus;
use domain::policy::Standing;
use domain::run::{RunState, StepState};
use domain::status::Status;
use leptos::prelude::*;

use super::mark::{Mark, StatusMark};

/// What can be said of a fact, a check, a step or a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// Read within its limit, and good.
    Ok,
    /// Read within its limit, and not good.
    Broken,
    /// Unread, too old, or not understood.
    Unknown,
    /// A check that did not happen.
    NotRun,
    /// Nobody declared a limit.
    Unset,
    /// A rule that somebody switched off.
    Off,
    /// The rehearsal room failed, not the backup.
    EnvironmentBroken,
    /// Should open, by its time.
    Expected,
    /// A trial has opened it.
    Proven,
    /// Not where it has to be.
    Missing,
    Running,
    Waiting,
    Done,
    Failed,
    Refused,
    Cancelled,
    /// A person must look.
    NeedsYou,
    /// A person must decide.
    WaitsForYou,
    Warning,
    Info,
}

impl Word {
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
            Self::NotRun => "not run",
            Self::Unset => "unset",
            Self::Off => "off",
            Self::EnvironmentBroken => "environment broken",
            Self::Expected => "expected",
            Self::Proven => "proven",
            Self::Missing => "missing",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::NeedsYou => "needs you",
            Self::WaitsForYou => "waits for you",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    #[must_use]
    pub const fn mark(self) -> Mark {
        match self {
            Self::Ok | Self::Proven | Self::Done => Mark::Ok,
            Self::Broken | Self::Missing | Self::Failed | Self::Refused => Mark::Broken,
            Self::Unknown => Mark::Unknown,
            Self::NotRun | Self::Cancelled => Mark::NotRun,
            Self::Unset => Mark::Unset,
            Self::Off => Mark::Off,
            Self::EnvironmentBroken => Mark::Environment,
            Self::Expected => Mark::Expected,
            Self::Running => Mark::Running,
            Self::Waiting => Mark::Waiting,
            Self::NeedsYou | Self::WaitsForYou => Mark::Person,
            Self::Warning => Mark::Warning,
            Self::Info => Mark::Info,
        }
    }

    /// The hue that agrees with the mark: value of `data-tone`.
    #[must_use]
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Ok | Self::Proven | Self::Done => "ok",
            Self::Broken | Self::Missing | Self::Failed | Self::Refused => "broken",
            Self::Unknown | Self::NotRun | Self::EnvironmentBroken | Self::Warning => "unknown",
            Self::Expected | Self::Running | Self::Info => "sea",
            Self::NeedsYou | Self::WaitsForYou => "call",
            Self::Unset | Self::Off | Self::Waiting | Self::Cancelled => "quiet",
        }
    }

    /// How a tile or a row that says it is drawn: value of `data-status`.
    #[must_use]
    pub const fn status(self) -> &'static str {
        match self {
            Self::Broken | Self::Missing | Self::Failed | Self::Refused => "broken",
            Self::Unknown | Self::NotRun | Self::EnvironmentBroken => "unknown",
            Self::Unset | Self::Off => "unset",
            _ => "ok",
        }
    }
}

impl From<Status> for Word {
    fn from(status: Status) -> Self {
        match status {
            Status::Ok => Self::Ok,
            Status::Unknown => Self::Unknown,
            Status::Broken => Self::Broken,
        }
    }
}

impl From<Standing> for Word {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Ok => Self::Ok,
            Standing::Broken => Self::Broken,
            Standing::Unknown => Self::Unknown,
            Standing::Unset => Self::Unset,
            Standing::Off => Self::Off,
        }
    }
}

impl From<CoverageStatus> for Word {
    fn from(status: CoverageStatus) -> Self {
        match status {
            CoverageStatus::Proven => Self::Proven,
            CoverageStatus::Expected => Self::Expected,
            CoverageStatus::Refuted => Self::Broken,
            CoverageStatus::Missing => Self::Missing,
            CoverageStatus::Unknown => Self::Unknown,
        }
    }
}

impl From<&StepState> for Word {
    fn from(state: &StepState) -> Self {
        match state {
            StepState::Waiting => Self::Waiting,
            StepState::Running { .. } => Self::Running,
            StepState::Done { .. } => Self::Done,
            StepState::Failed { .. } => Self::Failed,
        }
    }
}

impl From<&RunState> for Word {
    fn from(state: &RunState) -> Self {
        match state {
            RunState::Queued => Self::Waiting,
            RunState::Running => Self::Running,
            RunState::Paused { .. } => Self::NeedsYou,
            RunState::Succeeded { .. } => Self::Done,
            RunState::Failed { .. } => Self::Failed,
            RunState::Cancelled { .. } => Self::Cancelled,
            RunState::Refused { .. } => Self::Refused,
            RunState::NeedsHuman { .. } => Self::NeedsYou,
        }
    }
}

impl Word {
    /// Of an audit entry. An intent only announces; an outcome that isn't written is unknown.
    #[must_use]
    pub const fn of_entry(phase: Phase, outcome: Option<Outcome>) -> Self {
        match (phase, outcome) {
            (Phase::Intent, _) => Self::Waiting,
            (_, Some(Outcome::Ok)) => Self::Done,
            (_, Some(Outcome::Refused)) => Self::Refused,
            (_, Some(Outcome::Failed)) => Self::Failed,
            (_, None) => Self::Unknown,
        }
    }
}

/// Mark and word. `text` says more than the word alone, such as “not in Vault”; the mark stays the word's.
#[component]
pub fn StatusWord(#[prop(into)] word: Word, #[prop(optional, into)] text: Option<String>) -> impl IntoView {
    let text = text.unwrap_or_else(|| word.text().into());
    view! {
        <span class="status" data-tone=word.tone()>
            <StatusMark mark=word.mark() />
            <span>{text}</span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_drawn_as_loud_as_what_is_broken_and_never_as_ok() {
        for word in [Word::Unknown, Word::NotRun, Word::EnvironmentBroken] {
            assert_eq!(word.status(), "unknown", "{word:?}");
        }
        assert_eq!(Word::of_entry(Phase::Outcome, None).status(), "unknown");
        assert_eq!(Word::from(Status::Unknown), Word::Unknown);
        assert_eq!(Word::from(CoverageStatus::Unknown), Word::Unknown);
    }

    #[test]
    fn an_intent_is_no_outcome() {
        assert_eq!(Word::of_entry(Phase::Intent, None), Word::Waiting);
    }
}
