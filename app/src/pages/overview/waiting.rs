//! Requests that are not settled, as the reader of the page sees them: what they may do about each.

use domain::approval::State;
use domain::run::RunState;
use domain::time::{Timestamp, ago, span};
use recovery::approvals::Listed;

use super::links::Links;
use super::text::plain;
use crate::components::{Call, Word};
use crate::pages::{Reader, Standing};

/// One request that somebody has to do something about, or that runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    pub number: i64,
    pub title: String,
    pub requester: String,
    pub created_at: Timestamp,
    pub own: bool,
    pub standing: Standing,
    /// What comes of it if nobody does anything.
    pub otherwise: String,
}

impl Waiting {
    /// `None` if there is nothing left to do about it.
    #[must_use]
    pub fn of(reader: &Reader, listed: &Listed) -> Option<Self> {
        let Listed { stored, run } = listed;
        let left = |until: Timestamp| span((until - reader.now).num_seconds());
        let otherwise = match (stored.request.state_at(reader.now), run.as_ref().map(|run| &run.state)) {
            (State::Pending { expires_at, .. }, _) => format!("Silence ends it in {}.", left(expires_at)),
            (State::Approved { run_by, .. }, _) => format!("It can be run once, within {}.", left(run_by)),
            (State::Consumed { .. }, Some(RunState::NeedsHuman { seen, .. })) => {
                format!("Stopped, nothing goes on by itself: {}.", plain(seen))
            }
            (State::Consumed { .. }, Some(RunState::Paused { .. })) => "It waits until somebody decides.".into(),
            (State::Consumed { .. }, Some(RunState::Queued | RunState::Running)) => "It goes on by itself.".into(),
            _ => return None,
        };
        Some(Self {
            number: stored.request.number,
            title: stored.plan.pinned.title(),
            requester: stored.request.requester_name.clone(),
            created_at: stored.request.created_at,
            own: reader.owns(stored),
            standing: reader.standing(stored, run.as_ref()),
            otherwise,
        })
    }

    #[must_use]
    pub fn call(&self, links: &Links, now: Timestamp) -> Call {
        let who = if self.own { "You".into() } else { plain(&self.requester) };
        let action = match self.standing.word {
            Word::WaitsForYou => "Read the plan",
            Word::NeedsYou => "See the run",
            _ => "See request",
        };
        Call {
            word: self.standing.word,
            urgency: self.standing.says.clone(),
            title: plain(&self.title),
            text: format!("{who} asked {}. {}", ago(self.created_at, now), self.otherwise),
            href: links.to(&format!("/requests/{}", self.number)).to_string(),
            action: action.into(),
        }
    }
}
