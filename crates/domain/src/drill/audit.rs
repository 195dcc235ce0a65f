//! Whether Ampora's audit log came back whole: no hour short of events, and nothing missing at its end.

use std::collections::BTreeMap;

use chrono::{DurationRound as _, TimeDelta};

use super::{Check, names};
use crate::time::{Timestamp, rfc3339};

/// Events of each hour, by its beginning.
pub type Hours = BTreeMap<Timestamp, u64>;

/// Hours that are named where many differ.
const NAMED: usize = 3;

/// What is known of the log in the copy and around the moment it is of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditFacts {
    pub newest: Option<Timestamp>,
    pub hours: Hours,
    /// The newest event that was seen in production before that moment.
    pub seen_before: Option<Timestamp>,
    /// The newest event that was seen behind it.
    pub seen_after: Option<Timestamp>,
    /// Events of each hour in production now. `None`: it can't be asked.
    pub production: Option<Hours>,
}

impl AuditFacts {
    /// Judges them.
    #[must_use]
    pub fn check(&self) -> Check {
        let Some(newest) = self.newest else {
            return match self.seen_before {
                Some(seen) => {
                    Check::broken(names::AUDIT, "the log came back empty").because("seen before", rfc3339(seen))
                }
                None => Check::not_run(
                    names::AUDIT,
                    "there is no audit event in the copy, and none was ever seen",
                ),
            };
        };
        if let Some(seen) = self.seen_before.filter(|seen| *seen > newest) {
            return Check::broken(
                names::AUDIT,
                format!(
                    "the log ends at {}, and an event of {} had been seen before",
                    rfc3339(newest),
                    rfc3339(seen)
                ),
            )
            .because("newest event", rfc3339(newest))
            .because("seen before", rfc3339(seen));
        }
        if let Some(seen) = self.seen_after.filter(|seen| *seen < newest) {
            return Check::broken(
                names::AUDIT,
                format!(
                    "the log holds an event of {}, later than any in production then",
                    rfc3339(newest)
                ),
            )
            .because("seen after", rfc3339(seen));
        }
        self.hours_check(newest)
    }

    fn hours_check(&self, newest: Timestamp) -> Check {
        let ok = |detail: String| Check::ok(names::AUDIT, detail).because("newest event", rfc3339(newest));
        let Some(production) = &self.production else {
            return match self.seen_before.or(self.seen_after) {
                Some(_) => ok(
                    "nothing is missing at its end; production can’t be asked, so the hours were not compared".into(),
                ),
                None => Check::not_run(
                    names::AUDIT,
                    "neither production nor an earlier reading is there to compare with",
                ),
            };
        };
        let last = newest.duration_trunc(TimeDelta::hours(1)).unwrap_or(newest);
        let whole = |hours: &Hours| -> Hours { hours.range(..last).map(|(hour, count)| (*hour, *count)).collect() };
        // The sweep deletes the oldest events meanwhile; what the copy has beyond production is no loss.
        let (copy, live) = (whole(&self.hours), whole(production));
        let short: Vec<_> = live
            .iter()
            .filter(|(hour, count)| copy.get(*hour).copied().unwrap_or_default() < **count)
            .map(|(hour, count)| {
                let had = copy.get(hour).copied().unwrap_or_default();
                format!("{}: {had} of {count}", rfc3339(*hour))
            })
            .collect();
        if short.is_empty() {
            return ok(format!("{} whole hours have all their events", live.len()));
        }
        let more = short.len().saturating_sub(NAMED);
        let more = if more > 0 {
            format!(" and {more} hours more")
        } else {
            String::new()
        };
        let named = short[..short.len().min(NAMED)].join(", ");
        Check::broken(names::AUDIT, format!("events are missing: {named}{more}"))
            .because("newest event", rfc3339(newest))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::drill::CheckStatus;

    fn at(minutes: i64) -> Timestamp {
        DateTime::from_timestamp(1_790_002_800 + minutes * 60, 0).expect("in range")
    }

    fn facts() -> AuditFacts {
        AuditFacts {
            newest: Some(at(130)),
            hours: [(at(0), 5), (at(60), 7), (at(120), 2)].into(),
            seen_before: Some(at(125)),
            seen_after: Some(at(200)),
            production: Some([(at(0), 5), (at(60), 7), (at(120), 9)].into()),
        }
    }

    #[test]
    fn a_log_without_a_hole_is_ok_though_its_last_hour_is_not_whole() {
        assert_eq!(facts().check().status, CheckStatus::Ok, "{:?}", facts().check());
    }

    #[test]
    fn each_fault_has_its_own_words() {
        type Change = fn(&mut AuditFacts);
        let table: [(Change, CheckStatus, &str); 6] = [
            (
                |f| f.newest = Some(at(100)),
                CheckStatus::Broken,
                "had been seen before",
            ),
            (|f| f.newest = None, CheckStatus::Broken, "came back empty"),
            (|f| f.seen_after = Some(at(126)), CheckStatus::Broken, "later than any"),
            (
                |f| {
                    f.hours.remove(&at(60));
                },
                CheckStatus::Broken,
                "0 of 7",
            ),
            (|f| f.production = None, CheckStatus::Ok, "can’t be asked"),
            (
                |f| (f.production, f.seen_before, f.seen_after) = (None, None, None),
                CheckStatus::NotRun,
                "neither",
            ),
        ];
        for (change, status, words) in table {
            let mut changed = facts();
            change(&mut changed);
            let check = changed.check();
            assert_eq!(check.status, status, "{check:?}");
            assert!(check.detail.contains(words), "{check:?}");
        }
    }
}
