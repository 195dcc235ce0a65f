//! What a rule says: how it stands, the figure it went by, and why.

use chrono::TimeDelta;

use super::Standing;
use crate::time::{Timestamp, span};

/// Clocks of two machines are never quite the same. Further ahead than this one of them is off, and no age can be told.
const SKEW: TimeDelta = TimeDelta::seconds(5);
/// Names listed in one sentence; there may be thousands.
const NAMED: usize = 3;

/// The answer of one rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Verdict {
    pub standing: Standing,
    pub actual: Option<String>,
    pub detail: String,
}

impl Verdict {
    pub fn new(standing: Standing, detail: impl Into<String>) -> Self {
        Self {
            standing,
            actual: None,
            detail: detail.into(),
        }
    }

    pub fn ok(detail: impl Into<String>) -> Self {
        Self::new(Standing::Ok, detail)
    }

    pub fn broken(detail: impl Into<String>) -> Self {
        Self::new(Standing::Broken, detail)
    }

    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::new(Standing::Unknown, reason)
    }

    /// Nothing is configured that the rule could look at; `how` says which key sets it up.
    pub fn unset(how: impl Into<String>) -> Self {
        Self::new(Standing::Unset, how)
    }

    /// As good as its worst part, told by the parts that are no better than that. Nothing was looked at where there are no parts.
    pub fn of_parts(parts: &[Self]) -> Self {
        let worst = [Standing::Broken, Standing::Unknown, Standing::Ok]
            .into_iter()
            .find(|standing| parts.iter().any(|part| part.standing == *standing));
        let worst = worst.unwrap_or_default();
        let why = parts.iter().filter(|part| part.standing == worst);
        Self::new(worst, few(why.map(|part| part.detail.as_str())))
    }

    /// The same, with the figure it went by.
    pub fn at(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }
}

/// The first few of them, and how many there are beside.
pub(super) fn few<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    let more = names.len().saturating_sub(NAMED);
    let listed = names.iter().take(NAMED).copied().collect::<Vec<_>>().join("; ");
    match more {
        0 => listed,
        _ => format!("{listed}; and {more} more"),
    }
}

/// How long ago, never less than nothing.
pub(super) fn age(of: Timestamp, now: Timestamp) -> TimeDelta {
    (now - of).max(TimeDelta::zero())
}

/// A span in words.
pub(super) fn words(delta: TimeDelta) -> String {
    span(delta.num_seconds())
}

/// The objection to a time that lies in the future: then nothing may be called young, or kept.
pub(super) fn ahead(what: &str, at: Timestamp, now: Timestamp) -> Option<String> {
    (at - now > SKEW).then(|| format!("a clock is off: {what} is {} in the future", words(at - now)))
}
