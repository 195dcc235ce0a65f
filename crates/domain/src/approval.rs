//! Two people. A request waits until enough distinct people agreed to exactly its plan; one rejection or silence ends it. A decision
//! counts only with a login of its own, begun after it was asked for, whose ID token commits to request, digest and decision.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{Duration, SubsecRound};
use serde::{Deserialize, Serialize};

use crate::ids::{ChallengeId, Person, RequestId, RunId, Sha256};
use crate::role::{Action, Actor, Forbidden, Rules};
use crate::time::Timestamp;

mod login;
mod state;

pub use login::{Login, LoginRefused, LoginRules};
pub use state::{Approval, State};

/// What a login can commit to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    Approve,
    Reject,
    /// The requester of an approved key retrieval asks to see the key.
    Reveal,
    /// A restore waits at its target: the copy shall take the place of the cluster.
    Promote,
    /// The copy shall go, and the cluster stay.
    #[serde(rename = "give-up")]
    GiveUp,
}

impl Decision {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Reveal => "reveal",
            Self::Promote => "promote",
            Self::GiveUp => "give-up",
        }
    }
}

/// An asked-for login. Its nonce reaches the identity provider and comes back inside the signed token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    pub id: ChallengeId,
    pub request: RequestId,
    pub digest: Sha256,
    pub decision: Decision,
    pub random: [u8; 32],
    pub created_at: Timestamp,
    /// Whose session asked for it.
    pub person: Person,
}

impl Challenge {
    /// `base64url(SHA-256("muster-approval/1" ‖ request id ‖ digest ‖ decision ‖ random))`; the id as its 36 characters, the decision as its word.
    #[must_use]
    pub fn nonce(&self) -> String {
        let request = self.request.to_string();
        let Sha256(hash) = Sha256::of(&[
            b"muster-approval/1",
            request.as_bytes(),
            &self.digest.0,
            self.decision.word().as_bytes(),
            &self.random,
        ]);
        URL_SAFE_NO_PAD.encode(hash)
    }
}

/// How many distinct people must agree, the requester counted. Two at least: this type can't hold less.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Quorum(u8);

impl Quorum {
    pub const TWO: Self = Self(2);

    /// `None` below two: a quorum of one is no quorum.
    #[must_use]
    pub const fn new(people: u8) -> Option<Self> {
        if people < 2 { None } else { Some(Self(people)) }
    }

    #[must_use]
    pub const fn people(self) -> usize {
        self.0 as usize
    }
}

/// What a site has decided about approvals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    pub quorum: Quorum,
    /// A request nobody decides on expires after this.
    pub request_ttl: Duration,
    /// An approved request can be run for this long.
    pub execution_window: Duration,
    pub login: LoginRules,
    pub roles: Rules,
}

/// A plan put up for approval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub id: RequestId,
    /// The number in its URL.
    pub number: i64,
    pub deployment: String,
    pub digest: Sha256,
    pub requester: Person,
    pub requester_name: String,
    pub created_at: Timestamp,
    pub state: State,
}

/// Why somebody may not do this to this request. The text is what they read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("Own request: no one decides on their own request, whatever the role.")]
    Own,
    #[error("You have decided already: each person counts once.")]
    Twice,
    #[error("Nothing to decide: this request is {0}.")]
    NotPending(&'static str),
    #[error("Nothing to run: this request is {0}.")]
    NotApproved(&'static str),
    #[error("Only the person who asked can withdraw a request or see its key.")]
    NotYours,
    #[error(transparent)]
    Role(#[from] Forbidden),
}

impl Request {
    /// The state at `now`: what has run out is expired, whether or not anybody has written that down yet.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> State {
        match &self.state {
            State::Pending { expires_at, .. } if *expires_at <= now => State::Expired { at: *expires_at },
            State::Approved { run_by, .. } if *run_by <= now => State::Expired { at: *run_by },
            other => other.clone(),
        }
    }

    /// Whether `actor` could decide now. Asked before the login is begun and again, on locked rows, when it comes back.
    ///
    /// # Errors
    /// With the rule that forbids it.
    pub fn may_decide(&self, actor: &Actor, rules: Rules, now: Timestamp) -> Result<(), Refusal> {
        let state = self.state_at(now);
        let State::Pending { approvals, .. } = &state else {
            return Err(Refusal::NotPending(state.word()));
        };
        if actor.person == self.requester {
            return Err(Refusal::Own);
        }
        actor.may(Action::Decide, rules)?;
        if approvals.iter().any(|approval| approval.person == actor.person) {
            return Err(Refusal::Twice);
        }
        Ok(())
    }

    /// Takes in an approval; with the last one that was missing the request is approved.
    ///
    /// # Errors
    /// As [`Self::may_decide`].
    pub fn approve(mut self, actor: &Actor, at: Timestamp, note: &str, policy: &Policy) -> Result<Self, Refusal> {
        self.may_decide(actor, policy.roles, at)?;
        if let State::Pending {
            mut approvals,
            expires_at,
        } = self.state
        {
            approvals.push(Approval {
                person: actor.person.clone(),
                name: actor.name.clone(),
                at,
                note: note.into(),
            });
            let people = approvals.len() + 1;
            self.state = if people >= policy.quorum.people() {
                State::Approved {
                    approvals,
                    run_by: at + policy.execution_window,
                }
            } else {
                State::Pending { approvals, expires_at }
            };
        }
        Ok(self)
    }

    /// One rejection ends a request.
    ///
    /// # Errors
    /// As [`Self::may_decide`].
    pub fn reject(mut self, actor: &Actor, at: Timestamp, note: &str, rules: Rules) -> Result<Self, Refusal> {
        self.may_decide(actor, rules, at)?;
        self.state = State::Rejected {
            person: actor.person.clone(),
            name: actor.name.clone(),
            at,
            note: note.into(),
        };
        Ok(self)
    }

    /// # Errors
    /// If it isn't the actor's own, or already over.
    pub fn withdraw(mut self, actor: &Actor, at: Timestamp) -> Result<Self, Refusal> {
        if actor.person != self.requester {
            return Err(Refusal::NotYours);
        }
        match self.state_at(at) {
            State::Pending { .. } | State::Approved { .. } => self.state = State::Withdrawn { at },
            over => return Err(Refusal::NotPending(over.word())),
        }
        Ok(self)
    }

    /// Ends an approval that stands. Whoever may decide may end it, and the person who asked.
    ///
    /// # Errors
    /// If it isn't approved, its time is over, or the role doesn't allow decisions.
    pub fn revoke(mut self, actor: &Actor, at: Timestamp, rules: Rules) -> Result<Self, Refusal> {
        let state = self.state_at(at);
        if !matches!(state, State::Approved { .. }) {
            return Err(Refusal::NotApproved(state.word()));
        }
        if actor.person == self.requester {
            self.state = State::Withdrawn { at };
            return Ok(self);
        }
        actor.may(Action::Decide, rules)?;
        self.state = State::Rejected {
            person: actor.person.clone(),
            name: actor.name.clone(),
            at,
            note: "The approval was revoked.".into(),
        };
        Ok(self)
    }

    /// # Errors
    /// If it isn't approved, its time is over, or the role doesn't allow runs.
    pub fn may_run(&self, actor: &Actor, rules: Rules, now: Timestamp) -> Result<(), Refusal> {
        let state = self.state_at(now);
        if !matches!(state, State::Approved { .. }) {
            return Err(Refusal::NotApproved(state.word()));
        }
        Ok(actor.may(Action::Run, rules)?)
    }

    /// Whether `actor` could decide how this request's run goes on from its pause: somebody else than who asked, as with the plan.
    ///
    /// # Errors
    /// With the rule that forbids it.
    pub fn may_go_on(&self, actor: &Actor, rules: Rules) -> Result<(), Refusal> {
        if actor.person == self.requester {
            return Err(Refusal::Own);
        }
        Ok(actor.may(Action::Decide, rules)?)
    }

    /// Uses the approval up. There is no way back from here: a second run needs a second request.
    ///
    /// # Errors
    /// As [`Self::may_run`].
    pub fn consume(mut self, run: RunId, actor: &Actor, rules: Rules, at: Timestamp) -> Result<Self, Refusal> {
        self.may_run(actor, rules, at)?;
        if let State::Approved { approvals, .. } = self.state {
            self.state = State::Consumed { approvals, run, at };
        }
        Ok(self)
    }

    /// A pinned fact moved after people agreed: they agreed to something else.
    #[must_use]
    pub fn stale(mut self, moved: Vec<String>, at: Timestamp) -> Self {
        self.state = State::Stale { moved, at };
        self
    }
}

/// Floor to the second, as identity providers count.
fn floor(time: Timestamp) -> Timestamp {
    time.trunc_subsecs(0)
}

#[cfg(test)]
mod tests;
