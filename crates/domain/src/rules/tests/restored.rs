//! What a restore left to be done is found until each line of its report is settled.

use super::world::{World, now};
use super::*;
use crate::gap::{Aftermath, GapReport};
use crate::plan::{DataLoss, Range, Resurrection, Revived};

fn aftermath(revived: &[Revived], events: Option<Range>) -> Aftermath {
    let lost = DataLoss {
        audit_events: events,
        ..DataLoss::unknown(now())
    };
    let revived = revived
        .iter()
        .map(|kind| Resurrection::unlisted(*kind, "nobody looked"));
    Aftermath {
        request: 12,
        ended_at: now(),
        report: GapReport::new("demo", now(), Some(lost), revived.collect()),
        settled: std::collections::BTreeSet::new(),
    }
}

const CODES: [&str; 3] = [
    "restore-revived-certificates",
    "restore-not-settled",
    "restore-lost-events",
];

fn found(world: &World) -> Vec<&'static str> {
    CODES.into_iter().filter(|code| world.finds(code).is_some()).collect()
}

#[test]
fn each_line_is_found_until_it_is_settled() {
    let mut world = World::healthy();
    assert!(found(&world).is_empty(), "no restore, nothing to do");
    let kinds = [Revived::RevokedCertificate, Revived::RedeemedToken];
    world.restored = vec![aftermath(&kinds, Some(Range::at_least(3)))];
    assert_eq!(found(&world), CODES);
    assert_eq!(world.finds(CODES[0]), Some(Severity::Error));
    for (line, left) in [(0, &CODES[1..]), (1, &CODES[2..]), (2, &[])] {
        world.restored[0].settled.insert(line);
        assert_eq!(found(&world), left, "line {line} is settled");
    }
}

#[test]
fn a_finding_says_which_request_it_is_settled_at_and_how_much_is_lost() {
    let mut world = World::healthy();
    world.restored = vec![aftermath(&[Revived::RevokedCertificate], Some(Range::exactly(7)))];
    let told = |code| world.says(code).expect("told").expect("found");
    let steps = told(CODES[0]).steps;
    assert!(
        steps.iter().any(|step| step.text.contains("/requests/12#gap")),
        "{steps:?}"
    );
    assert_eq!(told(CODES[2]).title, "7 audit events are lost");
}

#[test]
fn what_is_not_known_to_be_lost_is_no_clean_bill() {
    let mut world = World::healthy();
    world.restored = vec![aftermath(&[], None)];
    assert_eq!(found(&world), ["restore-lost-events"], "how many isn't known");
    world.restored = vec![aftermath(&[], Some(Range::exactly(0)))];
    assert!(found(&world).is_empty(), "none were lost");
}
