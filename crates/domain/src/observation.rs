//! Facts with age and source. A value is only as good as its last reading: past its limit it turns unknown and says so, with the last
//! good value still at hand.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use crate::time::{Timestamp, span};

/// How long a reading may be believed: three intervals, and never less than five minutes (one slow answer is no outage).
#[must_use]
pub fn limit(interval: Duration) -> Duration {
    (interval * 3).max(Duration::minutes(5))
}

/// What is known of one thing from one source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Observation<T> {
    /// Name of the source, as configured.
    pub source: String,
    /// Seconds between two readings.
    pub interval_s: u32,
    /// The last value that was read, and when.
    pub last_good: Option<(T, Timestamp)>,
    /// When the latest attempt ended in an error, and what it said in words for a person. Cleared by the next good reading.
    pub failure: Option<(Timestamp, String)>,
}

/// An observation, judged at a point in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Known<'a, T> {
    /// Read within its limit.
    Fresh { value: &'a T, at: Timestamp },
    /// Not known now. `reason` says why; the last good value is for information only.
    Unknown {
        reason: String,
        last: Option<(&'a T, Timestamp)>,
    },
}

impl<T> Observation<T> {
    /// Nothing was read yet.
    pub fn never(source: impl Into<String>, interval_s: u32) -> Self {
        Self {
            source: source.into(),
            interval_s,
            last_good: None,
            failure: None,
        }
    }

    /// What may be said about it at `now`.
    pub fn known(&self, now: Timestamp) -> Known<'_, T> {
        let last = self.last_good.as_ref().map(|(value, at)| (value, *at));
        if let Some((_, what)) = &self.failure {
            return Known::Unknown {
                reason: what.clone(),
                last,
            };
        }
        let Some((value, at)) = last else {
            return Known::Unknown {
                reason: "not read yet".into(),
                last: None,
            };
        };
        let limit = limit(Duration::seconds(self.interval_s.into()));
        if now - at > limit {
            let age = span((now - at).num_seconds());
            return Known::Unknown {
                reason: format!("expired: read {age} ago, the limit is {}", span(limit.num_seconds())),
                last,
            };
        }
        Known::Fresh { value, at }
    }

    /// Takes in a new reading: a value replaces the last good one, an error stands beside it.
    #[must_use]
    pub fn updated(mut self, reading: Result<T, String>, at: Timestamp) -> Self {
        match reading {
            Ok(value) => {
                self.last_good = Some((value, at));
                self.failure = None;
            }
            Err(what) => self.failure = Some((at, what)),
        }
        self
    }
}

impl<'a, T> Known<'a, T> {
    /// The value, if it may be believed.
    pub fn fresh(&self) -> Option<&'a T> {
        match self {
            Self::Fresh { value, .. } => Some(value),
            Self::Unknown { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).expect("in range")
    }

    #[test]
    fn a_value_is_believed_up_to_its_limit_and_not_a_second_longer() {
        let seen = Observation::never("pgbr-main", 200).updated(Ok(7), at(0));
        assert_eq!(seen.known(at(600)), Known::Fresh { value: &7, at: at(0) });
        assert!(matches!(seen.known(at(601)), Known::Unknown { last: Some((7, _)), .. }));
    }

    #[test]
    fn short_intervals_get_five_minutes() {
        let seen = Observation::never("db", 10).updated(Ok(7), at(0));
        assert!(seen.known(at(300)).fresh().is_some());
        assert!(seen.known(at(301)).fresh().is_none());
    }

    #[test]
    fn a_failed_reading_makes_it_unknown_at_once_and_keeps_the_last_value() {
        let seen = Observation::never("db", 60)
            .updated(Ok(7), at(0))
            .updated(Err("refused".into()), at(60));
        assert_eq!(
            seen.known(at(61)),
            Known::Unknown {
                reason: "refused".into(),
                last: Some((&7, at(0)))
            }
        );
        assert!(seen.updated(Ok(8), at(120)).known(at(121)).fresh().is_some());
    }
}
