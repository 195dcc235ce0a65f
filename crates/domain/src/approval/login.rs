//! The proof behind a decision: a login that happened after it was asked for, by the person who was asked.

use std::collections::BTreeSet;

use chrono::Duration;

use super::{Challenge, floor};
use crate::ids::Person;
use crate::role::Role;
use crate::time::{Timestamp, span};

/// What a verified ID token says. Whoever builds this has checked signature, issuer and audience.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Login {
    pub person: Person,
    pub name: String,
    pub roles: BTreeSet<Role>,
    pub nonce: String,
    /// When the person proved who they are. Never filled from `iat`.
    pub auth_time: Option<Timestamp>,
    pub issued_at: Timestamp,
}

/// How fresh a login has to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoginRules {
    /// Oldest login that is accepted for a decision.
    pub max_age: Duration,
    /// How far the provider's clock may lag behind.
    pub skew: Duration,
}

/// Why a login proves nothing here.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoginRefused {
    #[error("The login answers another question: it doesn’t commit to this request, this plan and this decision.")]
    Nonce,
    #[error("The login is another person’s: {0}. Sign in as the person who is asked.")]
    Person(String),
    #[error(
        "The identity provider didn’t say when you signed in (no auth_time), so the login proves nothing. Ask its operator to send auth_time."
    )]
    NoAuthTime,
    #[error("The login is older than the question by {0}: the identity provider didn’t ask you again.")]
    BeforeChallenge(String),
    #[error("The login took place {0} ago, the limit is {1}. Decide again.")]
    TooOld(String, String),
    #[error("The login lies {0} in the future: one of the clocks is off.")]
    InFuture(String),
}

impl LoginRules {
    /// Judges a login at the moment it is used. `lifetime` is how long it may have waited since: the maximal age for a decision that is
    /// being made, more for the runner, which verifies it again right before it acts.
    ///
    /// # Errors
    /// With the reason why it proves nothing.
    pub fn judge(
        &self,
        challenge: &Challenge,
        login: &Login,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<(), LoginRefused> {
        if login.nonce != challenge.nonce() {
            return Err(LoginRefused::Nonce);
        }
        if login.person != challenge.person {
            return Err(LoginRefused::Person(login.name.clone()));
        }
        let auth_time = login.auth_time.ok_or(LoginRefused::NoAuthTime)?;
        let earliest = floor(challenge.created_at) - self.skew;
        if auth_time < earliest {
            return Err(LoginRefused::BeforeChallenge(seconds(challenge.created_at - auth_time)));
        }
        if auth_time > now + self.skew.max(Duration::seconds(1)) {
            return Err(LoginRefused::InFuture(seconds(auth_time - now)));
        }
        if login.issued_at - auth_time > self.max_age || now - auth_time > lifetime {
            return Err(LoginRefused::TooOld(seconds(now - auth_time), seconds(lifetime)));
        }
        Ok(())
    }
}

fn seconds(duration: Duration) -> String {
    span(duration.num_seconds())
}
