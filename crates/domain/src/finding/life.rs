//! The life of a finding: opened by evidence, changed by evidence, resolved by evidence. What can't be read neither opens nor resolves
//! anything; a finding that is open stays so, as unknown.

use serde::{Deserialize, Serialize};

use super::{Found, Severity};
use crate::rules::{Hysteresis, Silence};
use crate::time::Timestamp;

/// How a finding stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Seen, and not often enough in a row yet to be told.
    Suspected,
    #[default]
    Open,
    /// It was open when its facts could be read last.
    Unknown,
    Resolved,
}

impl State {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Suspected => "suspected",
            Self::Open => "open",
            Self::Unknown => "unknown",
            Self::Resolved => "resolved",
        }
    }
}

/// Somebody has read it and said why it may stand for a while. It counts all the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Acknowledged {
    pub by: String,
    pub reason: String,
    pub at: Timestamp,
    pub until: Timestamp,
}

/// One finding of one deployment, from its opening to its end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    pub code: String,
    pub state: State,
    pub found: Found,
    /// Why it is unknown, where it is.
    pub unknown: Option<String>,
    pub opened_at: Timestamp,
    /// When it was last seen to hold.
    pub seen_at: Timestamp,
    /// When title or severity last changed.
    pub changed_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    /// How often it came back after it was resolved.
    pub reopened: u32,
    /// Looks in a row that said the opposite of its state.
    pub looks: u32,
    pub acknowledged: Option<Acknowledged>,
}

/// What a rule said in one round.
pub type Heard = Result<Option<Found>, Silence>;

/// What the round made of a finding, for whoever is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    Opened,
    Reopened,
    Worse,
    Resolved,
    /// Written down, and nobody is told.
    Quiet,
}

impl Record {
    /// The first look that found it.
    #[must_use]
    pub fn new(code: &str, found: Found, hysteresis: Hysteresis, now: Timestamp) -> (Self, Change) {
        let at_once = hysteresis.open_after <= 1;
        let record = Self {
            code: code.into(),
            state: if at_once { State::Open } else { State::Suspected },
            found,
            unknown: None,
            opened_at: now,
            seen_at: now,
            changed_at: now,
            resolved_at: None,
            reopened: 0,
            looks: 1,
            acknowledged: None,
        };
        (record, if at_once { Change::Opened } else { Change::Quiet })
    }

    /// As it stands at a moment: an acknowledgement ends at its time, whether or not somebody has looked since.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        let acknowledged = self.acknowledged.filter(|one| one.until > now);
        Self { acknowledged, ..self }
    }

    /// Takes in what the rule said in a later round.
    #[must_use]
    pub fn after(self, heard: Heard, hysteresis: Hysteresis, now: Timestamp) -> (Self, Change) {
        let record = self.at(now);
        match heard {
            Ok(Some(found)) => record.found_again(found, hysteresis, now),
            Ok(None) | Err(Silence::Agreed(_)) => record.not_found(hysteresis, now),
            Err(silence) => (record.not_told(silence), Change::Quiet),
        }
    }

    fn found_again(self, found: Found, hysteresis: Hysteresis, now: Timestamp) -> (Self, Change) {
        let worse = found.severity > self.found.severity;
        let differs = worse || found.severity != self.found.severity || found.title != self.found.title;
        let seen = Self {
            changed_at: if differs { now } else { self.changed_at },
            seen_at: now,
            unknown: None,
            found,
            ..self
        };
        match seen.state {
            State::Open | State::Unknown => {
                let change = if worse { Change::Worse } else { Change::Quiet };
                // Whoever acknowledged a warning hasn't acknowledged an error.
                let acknowledged = seen.acknowledged.clone().filter(|_| !worse);
                let open = Self {
                    state: State::Open,
                    looks: 0,
                    acknowledged,
                    ..seen
                };
                (open, change)
            }
            State::Suspected | State::Resolved => seen.counted_towards_open(hysteresis, now),
        }
    }

    fn counted_towards_open(self, hysteresis: Hysteresis, now: Timestamp) -> (Self, Change) {
        let looks = self.looks + 1;
        if looks < hysteresis.open_after {
            return (Self { looks, ..self }, Change::Quiet);
        }
        let again = self.state == State::Resolved;
        let open = Self {
            state: State::Open,
            looks: 0,
            resolved_at: None,
            opened_at: if again { now } else { self.opened_at },
            reopened: self.reopened + u32::from(again),
            ..self
        };
        (open, if again { Change::Reopened } else { Change::Opened })
    }

    fn not_found(self, hysteresis: Hysteresis, now: Timestamp) -> (Self, Change) {
        match self.state {
            State::Resolved => (Self { looks: 0, ..self }, Change::Quiet),
            // Nobody was told of it, so nobody is told of its end.
            State::Suspected => (self.resolved(now), Change::Quiet),
            State::Open | State::Unknown => {
                let looks = self.looks + 1;
                if looks < hysteresis.resolve_after {
                    (Self { looks, ..self }, Change::Quiet)
                } else {
                    (self.resolved(now), Change::Resolved)
                }
            }
        }
    }

    fn resolved(self, now: Timestamp) -> Self {
        Self {
            state: State::Resolved,
            resolved_at: Some(now),
            unknown: None,
            looks: 0,
            acknowledged: None,
            ..self
        }
    }

    fn not_told(self, silence: Silence) -> Self {
        match self.state {
            State::Open | State::Unknown => Self {
                state: State::Unknown,
                unknown: Some(silence.reason().to_owned()),
                looks: 0,
                ..self
            },
            State::Suspected | State::Resolved => self,
        }
    }

    /// Whether it is one of those that people see.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open | State::Unknown)
    }

    /// Whether it is open and an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.is_open() && self.found.severity == Severity::Error
    }
}

#[cfg(test)]
mod tests;
