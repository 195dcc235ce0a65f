use super::world::*;
use crate::policy::Standing::{Broken, Ok, Unknown, Unset};
use crate::policy::{PassedDrill, Recovery, Rule};

#[test]
fn a_drill_passed_lately() {
    check(
        Rule::DrillFreshness,
        &[
            ("twenty days ago", |_| {}, Ok),
            (
                "overdue",
                |w| w.facts.drill = Some(PassedDrill { at: days_ago(91) }),
                Broken,
            ),
            ("none since Muster is here", |w| w.facts.drill = None, Broken),
            (
                "none, but Muster is new",
                |w| {
                    w.facts.drill = None;
                    w.facts.observed_since = Some(days_ago(89));
                },
                Unknown,
            ),
            (
                "none, and nobody knows since when",
                |w| {
                    w.facts.drill = None;
                    w.facts.observed_since = None;
                },
                Unknown,
            ),
            (
                "in the future",
                |w| w.facts.drill = Some(PassedDrill { at: days_ago(-1) }),
                Unknown,
            ),
            ("no limit", |w| w.promises.drill_every = None, Unset),
        ],
    );
}

fn took(days: i64, seconds: u32) -> Recovery {
    Recovery {
        at: days_ago(days),
        seconds,
        what: "restore of full-20".into(),
    }
}

#[test]
fn the_newest_recovery_was_fast_enough() {
    check(
        Rule::Rto,
        &[
            ("25 minutes", |_| {}, Ok),
            ("five hours", |w| w.facts.recoveries = vec![took(3, 18_000)], Broken),
            (
                "five hours once, faster since",
                |w| w.facts.recoveries = vec![took(3, 600), took(9, 18_000)],
                Ok,
            ),
            ("never measured", |w| w.facts.recoveries.clear(), Unknown),
            ("in the future", |w| w.facts.recoveries = vec![took(-3, 600)], Unknown),
            ("no limit", |w| w.promises.rto = None, Unset),
        ],
    );
}
