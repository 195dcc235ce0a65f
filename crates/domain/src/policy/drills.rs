//! What was rehearsed, and how long it took.

use chrono::TimeDelta;

use super::Facts;
use super::verdict::{Verdict, age, ahead, words};
use crate::time::Timestamp;

/// `drill-freshness`: the last drill that passed isn't overdue. Others don't count.
pub(super) fn drill_freshness(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let Some(drill) = facts.drill else {
        return match facts.observed_since {
            Some(since) if age(since, now) > limit => {
                Verdict::broken(format!("overdue: none has passed in {}", words(age(since, now)))).at("none")
            }
            _ => Verdict::unknown("no drill has passed yet").at("none"),
        };
    };
    if let Some(objection) = ahead("the last drill", drill.at, now) {
        return Verdict::unknown(objection);
    }
    let passed = age(drill.at, now);
    let verdict = if passed <= limit {
        Verdict::ok("time since the last drill that passed")
    } else {
        Verdict::broken("overdue: time since the last drill that passed")
    };
    verdict.at(words(passed))
}

/// `rto`: what the newest recovery took.
pub(super) fn rto(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let Some(newest) = facts.recoveries.iter().max_by_key(|recovery| recovery.at) else {
        return Verdict::unknown("no recovery was measured yet");
    };
    if let Some(objection) = ahead(&newest.what, newest.at, now) {
        return Verdict::unknown(objection);
    }
    let took = TimeDelta::seconds(newest.seconds.into());
    let detail = format!("{}, {} ago", newest.what, words(age(newest.at, now)));
    let verdict = if took <= limit {
        Verdict::ok(detail)
    } else {
        Verdict::broken(detail)
    };
    verdict.at(words(took))
}
