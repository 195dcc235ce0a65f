//! Requests made up for the tests of the pages: each state, other people's and one's own, with hostile words in them.

mod disaster;
mod plans;
mod runs;

use chrono::Duration;
use domain::approval::{Approval, Challenge, Decision, LoginRules, Policy, Quorum, Request, State};
use domain::ids::{ChallengeId, Person, RequestId, RunId};
use domain::plan::Plan;
use domain::role::{Actor, Role, Rules};
use recovery::approvals::{Decided, Seen, Stored};
use recovery::runs::Run;
use uuid::Uuid;

pub use disaster::disaster;
pub use plans::{catch_up, key, placed, repoint, repoint_of_service, restore, shares};
pub use runs::{log, run};

use crate::pages::overview::samples::{HOSTILE, ago};
use crate::pages::standing::Reader;

pub fn person(name: &str) -> Person {
    Person {
        issuer: "https://idp.example.org".into(),
        subject: format!("{name}-7f0e21c4"),
    }
}

/// Somebody who reads at the time of the samples.
pub fn reader(name: &str, role: Role) -> Reader {
    Reader {
        actor: Actor {
            person: person(name),
            name: name.into(),
            roles: [role].into(),
            address: None,
        },
        policy: Policy {
            quorum: Quorum::TWO,
            request_ttl: Duration::hours(24),
            execution_window: Duration::hours(1),
            login: LoginRules {
                max_age: Duration::minutes(5),
                skew: Duration::seconds(5),
            },
            roles: Rules {
                operators_approve: true,
            },
        },
        now: ago(0),
    }
}

pub fn pending() -> State {
    State::Pending {
        approvals: Vec::new(),
        expires_at: ago(48) + Duration::hours(24),
    }
}

fn approval() -> Approval {
    Approval {
        person: person("operator-b"),
        name: "operator-b".into(),
        at: ago(20),
        note: format!("Checked with operator-a by phone. {HOSTILE}"),
    }
}

pub fn approved() -> State {
    State::Approved {
        approvals: vec![approval()],
        run_by: ago(20) + Duration::hours(1),
    }
}

pub fn consumed() -> State {
    State::Consumed {
        approvals: vec![approval()],
        run: RunId(Uuid::from_u128(9)),
        at: ago(15),
    }
}

/// The request of `operator-a`, number 7.
pub fn stored(plan: Plan, state: State) -> Stored {
    Stored {
        request: Request {
            id: RequestId(Uuid::from_u128(7)),
            number: 7,
            deployment: "ampora-prod".into(),
            digest: plan.pinned.digest(),
            requester: person("operator-a"),
            requester_name: "operator-a".into(),
            created_at: ago(40),
            state,
        },
        plan,
        reason: "A clean-up deleted 1,912 configuration versions of tenant north; I want to read what they were."
            .into(),
    }
}

/// The login behind the approval of `operator-b`, or behind their rejection.
pub fn decided(stored: &Stored, decision: Decision) -> Decided {
    Decided {
        challenge: Challenge {
            id: ChallengeId(Uuid::from_u128(8)),
            request: stored.request.id,
            digest: stored.request.digest,
            decision,
            random: [7; 32],
            created_at: ago(32),
            person: person("operator-b"),
        },
        raw_id_token: None,
        name: "operator-b".into(),
        roles: [Role::Operator].into(),
        note: format!("Checked with operator-a by phone. {HOSTILE}"),
        at: ago(20),
    }
}

/// A request as `reader` sees it.
pub fn seen(stored: Stored, reader: &Reader, decision: Option<Decision>, run: Option<Run>) -> Seen {
    Seen {
        decisions: decision
            .map(|decision| decided(&stored, decision))
            .into_iter()
            .collect(),
        run,
        cannot_decide: reader.may_decide(&stored).err().map(|why| why.to_string()),
        cannot_run: reader.may_run(&stored).err().map(|why| why.to_string()),
        is_own: reader.owns(&stored),
        stored,
    }
}
