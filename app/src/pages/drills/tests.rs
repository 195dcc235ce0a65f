use chrono::TimeDelta;
use domain::drill::{Drill, Freshness, Rehearsals};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::drills::{Comparison, DrillState, Listed};

use super::compare::{CompareContent, Compared};
use super::detail::{DrillContent, OneDrill};
use super::list::{Drills, DrillsContent};
use super::samples::{
    environment_broken, failed, hostile, id, log, managed, measured, passed, running, seen, standing, stored, waiting,
};
use super::start::Startable;
use crate::components::{Address, Place};
use crate::pages::overview::proofs::{document, holds, main, nothing_is_ok, text};
use crate::pages::overview::samples::{DAY, HOSTILE, ago};

const DECLARED: (Option<TimeDelta>, Option<TimeDelta>) = (Some(TimeDelta::hours(1)), Some(TimeDelta::minutes(15)));

fn one(name: &str, drill: Drill, state: DrillState, cannot: Option<&str>) -> String {
    let page = OneDrill {
        seen: seen(drill, state),
        log: Ok(log()),
        declared: DECLARED,
        cannot: cannot.map(str::to_owned),
        address: Address::new("/drills/x", ParamsMap::new()),
        now: ago(0),
    };
    let html = document(Place::Drills, move || view! { <DrillContent page /> }.into_any());
    holds(&format!("drill-{name}"), &html);
    main(&html)
}

fn startable(cannot: Option<&str>) -> Startable {
    Startable {
        deployment: "ampora-prod".into(),
        deployments: vec!["ampora-prod".into(), "ampora-test".into()],
        cannot: cannot.map(str::to_owned),
    }
}

fn list(name: &str, listed: Listed, params: &[(&'static str, &str)], cannot: Option<&str>) -> String {
    let address = Address::new("/drills", ParamsMap::new());
    let address = params
        .iter()
        .fold(address, |address, (name, value)| address.with(name, *value));
    let page = Drills {
        listed,
        measured: measured(),
        declared: DECLARED,
        deployments: vec!["ampora-prod".into(), HOSTILE.into()],
        startable: startable(cannot),
        address,
        now: ago(0),
    };
    let html = document(Place::Drills, move || view! { <DrillsContent page /> }.into_any());
    holds(&format!("drills-{name}"), &html);
    main(&html)
}

fn listed() -> Listed {
    let drills = vec![
        stored(waiting(9), DrillState::Queued),
        stored(running(8), DrillState::Running),
        stored(hostile(7), DrillState::Finished),
        stored(failed(6, 2), DrillState::Finished),
        stored(environment_broken(5, 3), DrillState::Finished),
        stored(running(4), DrillState::Cancelled),
        stored(passed(3, 30), DrillState::Finished),
    ];
    let failing = Rehearsals {
        failed: Some(failed(6, 2)),
        passed: Some(passed(3, 30)),
        environment_broken: Some(hostile(7)),
    };
    Listed {
        open: drills[..2].to_vec(),
        next: drills.last().map(recovery::drills::StoredDrill::place),
        drills,
        sources: vec!["pgbr-main".into(), HOSTILE.into()],
        standings: vec![
            standing("ampora-prod", Freshness::Fresh { by: ago(-60 * DAY) }, failing),
            standing(HOSTILE, Freshness::NeverRun, Rehearsals::default()),
            standing(
                "ampora-test",
                Freshness::Overdue { by: ago(DAY) },
                Rehearsals::default(),
            ),
        ],
    }
}

#[test]
fn a_drill_of_a_managed_database_names_its_moment_and_its_instance() {
    let html = one("managed", managed(3, 30), DrillState::Finished, None);
    for words in [
        "managed as of 2026-11-20T10:00:00Z, the latest that AWS restores to",
        "ampora-prod as of 2026-11-20T10:00:00Z came back in",
        "a moment of ampora-prod, restored by AWS",
        "Wait for the instance",
        "arn:aws:rds:eu-central-1:123456789012:db:copy (db-COPY)",
        "elsewhere",
    ] {
        assert!(text(&html).contains(words), "{words}: {html}");
    }
    // Neither a backup of this label nor WAL of it is to be found anywhere.
    assert!(!html.contains("/backups/") && !html.contains("WAL segments"), "{html}");
    let lost = {
        let mut drill = managed(3, 30);
        drill.instance.as_mut().expect("one").gone_at = None;
        one("managed-left", drill, DrillState::Finished, None)
    };
    assert!(lost.contains("not known to be deleted"), "{lost}");
}

#[test]
fn the_list_says_first_who_is_not_rehearsed() {
    let html = list("all", listed(), &[], None);
    assert!(
        html.contains(
            "1 of 3 failed its last drill, 1 of 3 was never rehearsed, 1 of 3 is overdue. One drill runs now."
        ),
        "{html}"
    );
    for word in [
        "waits",
        "running",
        "failed",
        "environment broken",
        "cancelled",
        "passed",
        "never run",
        "overdue",
    ] {
        assert!(html.contains(&format!(">{word}<")), "{word}");
    }
    assert!(
        html.contains("Fri 1 Jan 2027, 03:00 CET") && html.contains("Europe/Berlin"),
        "{html}"
    );
    assert!(
        html.contains("not tested: A server starts, an agent connects"),
        "{html}"
    );
    assert!(
        html.contains(">Start drill</button>") && html.contains("action=\"/drills\""),
        "{html}"
    );
    assert!(html.contains("before=1"), "the older ones have an address: {html}");
}

#[test]
fn a_viewer_is_told_why_the_button_is_dead() {
    let html = list(
        "viewer",
        listed(),
        &[],
        Some("To start or cancel a drill takes the role operator."),
    );
    assert!(
        html.contains("disabled") && html.contains("takes the role operator"),
        "{html}"
    );
    assert!(!html.contains("method=\"post\""), "{html}");
}

#[test]
fn nothing_yet_and_nothing_that_fits_are_told_apart() {
    let nothing = Listed {
        drills: Vec::new(),
        open: Vec::new(),
        next: None,
        sources: Vec::new(),
        standings: vec![standing("ampora-prod", Freshness::NeverRun, Rehearsals::default())],
    };
    assert!(list("none", nothing.clone(), &[], None).contains("No drill has run yet"));
    assert!(list("narrow", nothing, &[("verdict", "passed"), ("from", "soon")], None).contains("No drill fits"));
}

#[test]
fn a_verdict_stands_first_with_its_reason_and_with_what_was_not_tested() {
    let html = one("failed", failed(1, 2), DrillState::Finished, None);
    assert!(text(&html).contains("Failed. key: version 3 opens 0 of 214."), "{html}");
    assert!(
        html.contains("Not tested") && html.contains("Authority fits its key"),
        "{html}"
    );
    assert!(
        html.contains("not reached") && html.contains("Compare with the one before"),
        "{html}"
    );
    let html = one("passed", passed(2, 2), DrillState::Finished, None);
    assert!(
        text(&html).contains(
            "Passed. 20261005-220003F came back in 36 min 40 s, all but the last 1 min 58 s, and the key opens it."
        ),
        "{}",
        text(&html)
    );
    assert!(html.contains("A server starts, an agent connects"), "{html}");
    assert!(html.contains("muster receipt verify drill-"), "{html}");
}

#[test]
fn a_broken_sandbox_says_nothing_of_the_backup_and_brings_its_remedy() {
    let html = one("environment", environment_broken(3, 2), DrillState::Finished, None);
    assert!(
        html.contains("It says nothing about the backup") && html.contains("install postgresql-16-partman"),
        "{html}"
    );
    assert!(text(&html).contains("not run, usually 7 min 46 s"), "{html}");
}

#[test]
fn one_that_is_under_way_can_be_stopped_and_calls_nothing_good() {
    let html = one("running", running(4), DrillState::Running, None);
    assert!(
        html.contains(">Cancel drill</button>") && html.contains("Fetch the backup; 0 of its checks"),
        "{html}"
    );
    let html = one("waiting", waiting(5), DrillState::Queued, None);
    assert!(html.contains("One drill has its place before this one."), "{html}");
    nothing_is_ok("drill-waiting", &html);
    let html = one("cancelled", running(4), DrillState::Cancelled, Some("no"));
    assert!(
        html.contains("so it shows nothing") && html.contains("disabled"),
        "{html}"
    );
}

#[test]
fn what_tools_and_sites_say_stays_text() {
    let html = one("hostile", hostile(6), DrillState::Finished, None);
    assert!(
        html.contains("page 2 of 3") && html.contains("?log=1#tool-log"),
        "{html}"
    );
    assert!(html.contains("class=\"redacted\""), "{html}");
}

#[test]
fn two_drills_stand_side_by_side() {
    let page = Compared {
        compared: Some(Comparison::of(passed(1, 30), failed(2, 2))),
        recent: vec![stored(hostile(3), DrillState::Finished)],
        now: ago(0),
    };
    let html = document(Place::Drills, move || view! { <CompareContent page /> }.into_any());
    holds("drills-compare", &html);
    let html = main(&html);
    assert!(html.contains("First passed, then failed."), "{html}");
    assert!(
        html.contains(&id(1).to_string()) && html.contains(&id(2).to_string()),
        "{html}"
    );
}
