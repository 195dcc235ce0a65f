//! `[approvals]`: how many people must agree, and how fresh their login has to be. Configuration can only make this stricter.

use chrono::TimeDelta;
use domain::approval::Quorum;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{KeyPath, Notes, Span};

/// Oldest login that may carry a decision. A site can ask for a fresher one, never for an older one.
const OLDEST_LOGIN: TimeDelta = TimeDelta::minutes(5);
/// Most that the identity provider's clock may differ.
const WIDEST_SKEW: TimeDelta = TimeDelta::seconds(60);

/// Rules for requests and decisions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Approvals {
    /// Distinct people who must agree, the requester counted.
    #[serde(deserialize_with = "quorum")]
    #[schemars(
        with = "u8",
        range(min = 2),
        extend("x-why" = "one person alone must never be able to restore or to take a key; the requester counts as one")
    )]
    pub quorum: Quorum,
    /// A request that nobody decides on expires after this; silence never approves.
    pub request_ttl: Span,
    /// An approved request can be run for this long.
    pub execution_window: Span,
    /// Oldest login that is accepted with a decision. At most 5m.
    pub login_max_age: Span,
    /// Operators approve other people's requests. If false only approvers do.
    pub operators_approve: bool,
    /// A claim with one value for all accounts of one person, e.g. an employee number. Two accounts with the same value count as one person.
    pub person_claim: Option<String>,
    pub reveal: Reveal,
    /// How far the identity provider's clock may differ. At most 60s.
    pub clock_skew: Span,
}

/// How a retrieved master key reaches the person who asked for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reveal {
    /// Encrypted to an age recipient that the request names.
    #[default]
    Sealed,
    /// On one page, once, after a fresh login. Sealing stays possible.
    Shown,
}

impl Default for Approvals {
    fn default() -> Self {
        Self {
            quorum: Quorum::TWO,
            request_ttl: Span(TimeDelta::hours(24)),
            execution_window: Span(TimeDelta::hours(1)),
            login_max_age: Span(OLDEST_LOGIN),
            operators_approve: true,
            person_claim: None,
            reveal: Reveal::Sealed,
            clock_skew: Span(TimeDelta::seconds(5)),
        }
    }
}

impl Approvals {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        let spans = [
            ("request_ttl", self.request_ttl),
            ("execution_window", self.execution_window),
            ("login_max_age", self.login_max_age),
        ];
        for (key, Span(span)) in spans {
            if span < TimeDelta::seconds(30) {
                notes.refuse(
                    &at.key(key),
                    "is shorter than 30s: no decision could ever be made in time",
                );
            }
        }
        if self.login_max_age.0 > OLDEST_LOGIN {
            notes.refuse(
                &at.key("login_max_age"),
                "is longer than 5m: a decision needs a login of its own, made for it",
            );
        }
        if self.clock_skew.0 > WIDEST_SKEW {
            notes.refuse(
                &at.key("clock_skew"),
                "is longer than 60s: set the clocks of this host and of the identity provider instead",
            );
        }
    }
}

fn quorum<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Quorum, D::Error> {
    let people = u8::deserialize(deserializer)?;
    Quorum::new(people).ok_or_else(|| serde::de::Error::custom("at least 2 people must agree"))
}
