//! How well rehearsed a deployment is: what its drills have shown so far, and whether the next one is due.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Drill;
use crate::time::Timestamp;

/// The share of its limit from which on the next drill is due.
const DUE_FROM: i32 = 10;

/// The newest drill of each verdict. Cancelled ones and those without a verdict have shown nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rehearsals {
    pub passed: Option<Drill>,
    pub failed: Option<Drill>,
    pub environment_broken: Option<Drill>,
}

impl Rehearsals {
    /// The newest of all.
    #[must_use]
    pub fn newest(&self) -> Option<&Drill> {
        let all = [&self.passed, &self.failed, &self.environment_broken];
        all.into_iter().flatten().max_by_key(|drill| drill.finished_at)
    }

    /// When one last passed.
    #[must_use]
    pub fn passed_at(&self) -> Option<Timestamp> {
        self.passed.as_ref()?.finished_at
    }

    /// The newest that failed, unless one has passed since.
    #[must_use]
    pub fn standing_failure(&self) -> Option<&Drill> {
        self.since_passed(self.failed.as_ref())
    }

    /// The newest whose sandbox was broken, unless one has passed since.
    #[must_use]
    pub fn standing_environment(&self) -> Option<&Drill> {
        self.since_passed(self.environment_broken.as_ref())
    }

    fn since_passed<'a>(&self, drill: Option<&'a Drill>) -> Option<&'a Drill> {
        drill.filter(|drill| drill.finished_at > self.passed_at())
    }

    /// Whether the next drill is due. Only one that passed counts. `every`: the longest time that may lie between two of them.
    #[must_use]
    pub fn freshness(&self, every: Option<TimeDelta>, now: Timestamp) -> Freshness {
        let Some(at) = self.passed_at() else {
            return match self.newest() {
                Some(_) => Freshness::NeverPassed,
                None => Freshness::NeverRun,
            };
        };
        let Some(every) = every else {
            return Freshness::Undeclared { passed: at };
        };
        let by = at + every;
        match by - now {
            left if left < TimeDelta::zero() => Freshness::Overdue { by },
            left if left < every / DUE_FROM => Freshness::Due { by },
            _ => Freshness::Fresh { by },
        }
    }
}

/// How old the proof is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Freshness {
    /// The next one has to have passed by then.
    Fresh {
        by: Timestamp,
    },
    /// So little of the time is left that the next one should begin.
    Due {
        by: Timestamp,
    },
    Overdue {
        by: Timestamp,
    },
    /// Some ran, none has passed.
    NeverPassed,
    NeverRun,
    /// Nobody declared how often.
    Undeclared {
        passed: Timestamp,
    },
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::drill::{Choice, Trigger};
    use crate::ids::DrillId;
    use crate::role::Actor;

    fn day(day: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + day)
    }

    fn on(finished: i64) -> Option<Drill> {
        let schedule = Actor::job("schedule");
        let asked = (Trigger::Schedule, schedule.person, schedule.name);
        let mut drill = Drill::queued(DrillId(Uuid::nil()), "demo", Choice::Random, asked, day(finished));
        drill.finished_at = Some(day(finished));
        Some(drill)
    }

    #[test]
    fn only_one_that_passed_makes_it_fresh() {
        let every = Some(TimeDelta::days(90));
        let mut known = Rehearsals::default();
        assert_eq!(known.freshness(every, day(0)), Freshness::NeverRun);
        known.failed = on(0);
        assert_eq!(known.freshness(every, day(1)), Freshness::NeverPassed);
        known.passed = on(2);
        for (now, expected) in [
            (3, Freshness::Fresh { by: day(92) }),
            (84, Freshness::Due { by: day(92) }),
            (93, Freshness::Overdue { by: day(92) }),
        ] {
            assert_eq!(known.freshness(every, day(now)), expected);
        }
        assert_eq!(
            known.freshness(None, day(900)),
            Freshness::Undeclared { passed: day(2) }
        );
    }

    #[test]
    fn a_failure_stands_until_one_passes_and_a_broken_sandbox_ends_none() {
        let mut known = Rehearsals {
            failed: on(1),
            environment_broken: on(2),
            passed: None,
        };
        assert_eq!(known.standing_failure(), on(1).as_ref());
        assert_eq!(known.newest(), on(2).as_ref());
        known.passed = on(3);
        assert_eq!((known.standing_failure(), known.standing_environment()), (None, None));
        known.failed = on(4);
        assert_eq!(known.standing_failure(), on(4).as_ref());
    }
}
