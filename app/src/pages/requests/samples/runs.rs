//! Runs and their logs.

use domain::ids::RunId;
use domain::run::{RunState, StepState};
use recovery::approvals::Stored;
use recovery::runs::{LogLine, LogPage, LogStream, Run, StoredLine};
use uuid::Uuid;

use crate::pages::overview::samples::{HOSTILE, ago};

/// The run, `done` steps far.
pub fn run(stored: &Stored, state: RunState, done: usize) -> Run {
    let over = state.is_over();
    let steps = stored.plan.pinned.steps().iter().enumerate().map(|(index, step)| {
        let state = match index {
            index if index < done => StepState::Done {
                since: ago(15),
                at: ago(11),
                detail: "as approved".into(),
            },
            index if index == done && !over => StepState::Running { since: ago(11) },
            index if index == done => match &state {
                RunState::Failed { reason, .. } => StepState::Failed {
                    since: ago(11),
                    at: ago(4),
                    detail: reason.clone(),
                },
                RunState::NeedsHuman { .. } => StepState::Running { since: ago(11) },
                _ => StepState::Waiting,
            },
            _ => StepState::Waiting,
        };
        (step.clone(), state)
    });
    Run {
        id: RunId(Uuid::from_u128(9)),
        request: stored.request.id,
        number: stored.request.number,
        deployment: stored.request.deployment.clone(),
        kind: stored.plan.pinned.kind().into(),
        steps: steps.collect(),
        state,
        fence: 1,
        worker: Some("web-1".into()),
        lease_until: Some(ago(-20)),
        cancel_wanted: false,
        created_at: ago(16),
        started_at: Some(ago(15)),
        finished_at: over.then(|| ago(3)),
    }
}

/// A log with words of a tool that nobody vouches for.
pub fn log() -> LogPage {
    let line = |seq, stream, text: &str| StoredLine {
        seq,
        line: LogLine {
            at: ago(15 - seq),
            step: 2,
            stream,
            text: text.into(),
        },
    };
    LogPage {
        lines: vec![
            line(1, LogStream::Note, "2 of 2 people proven to agree"),
            line(2, LogStream::Err, "pg_restore: creating TABLE \"public.agents\""),
            line(3, LogStream::Err, &format!("pg_restore: warning: {HOSTILE}")),
            line(4, LogStream::Out, "password=redacted"),
        ],
        page: None,
        pages: 4,
        of: 1_204,
    }
}
