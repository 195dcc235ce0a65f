//! Requests that are not settled, as the reader of the page sees them: what they may do about each.

use domain::approval::{Policy, Request, State};
use domain::role::Actor;
use domain::time::{Timestamp, ago, span};

use super::links::Links;
use super::text::plain;
use crate::components::{Call, Word};

/// One request, with what this reader can't do and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    pub number: i64,
    pub title: String,
    pub requester: String,
    pub created_at: Timestamp,
    /// As of the page's time.
    pub state: State,
    pub own: bool,
    pub cannot_decide: Option<String>,
    pub cannot_run: Option<String>,
}

impl Waiting {
    /// How the request stands for this reader at `now`.
    #[must_use]
    pub fn new(request: &Request, title: String, actor: &Actor, approvals: Policy, now: Timestamp) -> Self {
        let why = |refused: Result<(), domain::approval::Refusal>| refused.err().map(|why| why.to_string());
        Self {
            number: request.number,
            title,
            requester: request.requester_name.clone(),
            created_at: request.created_at,
            state: request.state_at(now),
            own: request.requester == actor.person,
            cannot_decide: why(request.may_decide(actor, approvals.roles, now)),
            cannot_run: why(request.may_run(actor, approvals.roles, now)),
        }
    }

    /// Nothing is left to do about the others.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Pending { .. } | State::Approved { .. })
    }

    /// What has to be done, and whether by this reader. `None` if it is settled.
    #[must_use]
    pub fn call(&self, links: &Links, now: Timestamp) -> Option<Call> {
        let asked = if self.own {
            format!("You asked {}.", ago(self.created_at, now))
        } else {
            format!("{} asked {}.", plain(&self.requester), ago(self.created_at, now))
        };
        let left = |until: Timestamp| span((until - now).num_seconds());
        let (word, urgency, rest, action) = match &self.state {
            State::Pending { expires_at, .. } => {
                let silence = format!("Silence ends it in {}.", left(*expires_at));
                if self.cannot_decide.is_none() {
                    (Word::WaitsForYou, "Waits for you", format!("You can be the second person. {silence}"), "Read the plan")
                } else {
                    (Word::Waiting, "Waits for another person", silence, "See request")
                }
            }
            State::Approved { run_by, .. } => {
                let until = format!("It can be run once, within {}.", left(*run_by));
                if self.cannot_run.is_none() {
                    (Word::WaitsForYou, "Agreed, waits to be run", until, "Open request")
                } else {
                    (Word::Waiting, "Agreed, not run yet", until, "See request")
                }
            }
            _ => return None,
        };
        Some(Call {
            word,
            urgency: urgency.into(),
            title: plain(&self.title),
            text: format!("{asked} {rest}"),
            href: links.to(&format!("/requests/{}", self.number)).to_string(),
            action: action.into(),
        })
    }
}
