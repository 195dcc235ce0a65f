//! The findings about drills: each for its own reason, and only a drill that passes resolves them.

use uuid::Uuid;

use super::*;
use crate::drill::{Choice, Drill, Failure, Rehearsals, Trigger, Verdict};
use crate::ids::DrillId;
use crate::role::Actor;

const CODES: [&str; 4] = ["drill-failed", "drill-environment", "drill-overdue", "drill-never-run"];

/// One that ended so many days ago.
pub fn drill(days_ago: i64, verdict: Verdict) -> Drill {
    let schedule = Actor::job("schedule");
    let asked = (Trigger::Schedule, schedule.person, schedule.name);
    let at = now() - TimeDelta::days(days_ago);
    let failure = match verdict {
        Verdict::Passed => None,
        Verdict::Failed => Some(Failure::of_backup("check:key", "key: no key opens it")),
        Verdict::EnvironmentBroken => Some(Failure::of_environment("no-room", "the disk is full", "free 3 GB")),
    };
    Drill {
        finished_at: Some(at),
        verdict: Some(verdict),
        failure,
        ..Drill::queued(DrillId(Uuid::nil()), "demo", Choice::Random, asked, at)
    }
}

/// The codes that are found now.
fn found(rehearsals: &Rehearsals) -> Vec<&'static str> {
    let mut world = World::healthy();
    world.promises.drill_every = Some(TimeDelta::days(90));
    world.rehearsals = rehearsals.clone();
    CODES
        .into_iter()
        .filter(|code| matches!(world.says(code), Ok(Some(_))))
        .collect()
}

#[test]
fn each_standing_has_its_own_finding_and_only_a_pass_ends_it() {
    let mut known = Rehearsals::default();
    assert_eq!(found(&known), ["drill-never-run"]);
    known.environment_broken = Some(drill(9, Verdict::EnvironmentBroken));
    assert_eq!(found(&known), ["drill-environment"]);
    known.failed = Some(drill(8, Verdict::Failed));
    assert_eq!(found(&known), ["drill-failed", "drill-environment"]);
    known.passed = Some(drill(7, Verdict::Passed));
    assert!(found(&known).is_empty());
    known.passed = Some(drill(91, Verdict::Passed));
    known.failed = None;
    known.environment_broken = Some(drill(92, Verdict::EnvironmentBroken));
    assert_eq!(found(&known), ["drill-overdue"]);
}

#[test]
fn a_finding_that_another_one_explains_is_not_ruled_out() {
    let mut world = World::healthy();
    world.promises.drill_every = Some(TimeDelta::days(90));
    world.rehearsals = Rehearsals {
        failed: Some(drill(1, Verdict::Failed)),
        ..Rehearsals::default()
    };
    assert_eq!(world.says("drill-overdue"), Err(Silence::Explained("drill-failed")));
}

#[test]
fn a_drill_that_ended_in_any_way_is_one_that_ran() {
    for verdict in [Verdict::Passed, Verdict::Failed, Verdict::EnvironmentBroken] {
        let mut world = World::healthy();
        let ended = Some(drill(1, verdict));
        match verdict {
            Verdict::Passed => world.rehearsals.passed = ended,
            Verdict::Failed => world.rehearsals.failed = ended,
            Verdict::EnvironmentBroken => world.rehearsals.environment_broken = ended,
        }
        assert_eq!(world.says("drill-never-run"), Ok(None), "{verdict:?}");
    }
}

#[test]
fn a_broken_sandbox_brings_its_remedy() {
    let mut world = World::healthy();
    world.rehearsals.environment_broken = Some(drill(1, Verdict::EnvironmentBroken));
    let says = world.says("drill-environment").expect("told").expect("found");
    assert_eq!(says.steps[0].text, "Free 3 GB.");
    assert!(
        says.recovery().contains("muster drill run --deployment 'ampora'"),
        "{}",
        says.recovery()
    );
}

#[test]
fn without_sources_there_is_nothing_to_rehearse_and_without_a_promise_nothing_is_overdue() {
    let mut world = World::healthy();
    assert!(matches!(world.says("drill-overdue"), Err(Silence::Unset(_))));
    world.sources.clear();
    for code in CODES {
        assert!(matches!(world.says(code), Err(Silence::Unset(_))), "{code}");
    }
}
