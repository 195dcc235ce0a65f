use chrono::DateTime;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::drill::{Choice, Drill, PhaseName, PhaseStatus, Trigger, names};
use crate::ids::{DrillId, Person};

const MANDATORY: [&str; 6] = [
    names::RECOVERY,
    names::SERVER,
    names::TABLES,
    names::ROWS,
    names::KEY,
    names::AUTHORITY,
];

fn drill(checks: Vec<Check>, failure: Option<Failure>) -> Drill {
    let at = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
    let person = Person {
        issuer: "i".into(),
        subject: "s".into(),
    };
    let asked = (Trigger::Person, person, "ada".into());
    let mut drill = Drill::queued(DrillId(Uuid::nil()), "demo", Choice::Latest, asked, at);
    drill.phases.push(Phase {
        name: PhaseName::Fetch,
        started_at: at,
        finished_at: Some(at),
        status: PhaseStatus::Ok,
        detail: String::new(),
        failure,
    });
    drill.checks = checks;
    drill
}

fn all_ok() -> Vec<Check> {
    MANDATORY.iter().map(|name| Check::ok(*name, "fine")).collect()
}

fn with(change: Check) -> Vec<Check> {
    let mut checks = all_ok();
    match checks.iter_mut().find(|check| check.name == change.name) {
        Some(place) => *place = change,
        None => checks.push(change),
    }
    checks
}

#[test]
fn the_verdict_follows_the_worst_that_is_known_of_the_backup() {
    let table = [
        (all_ok(), None, Verdict::Passed, None),
        (
            with(Check::not_run(names::AGENTS, "no launcher")),
            None,
            Verdict::Passed,
            None,
        ),
        (
            with(Check::broken(names::KEY, "opens 0 of 9")),
            None,
            Verdict::Failed,
            Some("check:key"),
        ),
        (
            with(Check::broken(names::AUDIT, "rewound")),
            None,
            Verdict::Failed,
            Some("check:audit"),
        ),
        (
            with(Check::not_run(names::KEY, "denied")),
            None,
            Verdict::EnvironmentBroken,
            Some("not-run:key"),
        ),
        (
            with(Check::broken(names::TABLES, "no postgis").remedied_by("install it")),
            None,
            Verdict::EnvironmentBroken,
            Some("not-run:tables"),
        ),
        (Vec::new(), None, Verdict::EnvironmentBroken, Some("not-run:recovery")),
        (
            Vec::new(),
            Some(Failure::of_backup("wal-gap", "0001 is missing")),
            Verdict::Failed,
            Some("wal-gap"),
        ),
        (
            Vec::new(),
            Some(Failure::of_environment("disk-full", "no room", "make room")),
            Verdict::EnvironmentBroken,
            Some("disk-full"),
        ),
    ];
    for (checks, failure, verdict, code) in table {
        let (found, why) = judge(&drill(checks, failure));
        assert_eq!(found, verdict, "{why:?}");
        assert_eq!(why.map(|why| why.code).as_deref(), code);
    }
}

#[test]
fn a_broken_environment_always_says_what_to_do() {
    let (_, why) = judge(&drill(with(Check::not_run(names::KEY, "denied")), None));
    assert!(why.expect("a reason").remedy.is_some());
}

#[test]
fn what_was_not_tested_stands_beside_the_verdict() {
    let mut drill = drill(with(Check::not_run(names::AGENTS, "no launcher")), None);
    drill.verdict = Some(judge(&drill).0);
    assert_eq!(drill.sentence(), "passed; not tested: agents");
}

proptest! {
    #[test]
    fn nothing_passes_unless_all_that_must_be_is_ok_and_nothing_is_broken(
        statuses in prop::collection::vec((0usize..9, 0u8..3), 0..12),
    ) {
        let known = [MANDATORY.as_slice(), &[names::AUDIT, names::AGENTS, names::TLS]].concat();
        let mut checks: Vec<Check> = Vec::new();
        for (name, status) in statuses {
            if checks.iter().any(|check| check.name == known[name]) {
                continue;
            }
            checks.push(match status {
                0 => Check::ok(known[name], ""),
                1 => Check::broken(known[name], ""),
                _ => Check::not_run(known[name], ""),
            });
        }
        let is_ok = |name: &str| checks.iter().any(|check| check.name == name && check.status == CheckStatus::Ok);
        let may_pass = MANDATORY.iter().all(|name| is_ok(name))
            && checks.iter().all(|check| check.status != CheckStatus::Broken);
        prop_assert_eq!(judge(&drill(checks, None)).0 == Verdict::Passed, may_pass);
    }
}
