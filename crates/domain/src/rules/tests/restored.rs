//! What a restore left to be done is found until each line of its report is settled.

use super::world::{World, now};
use super::*;
use crate::gap::{Aftermath, GapReport};
use crate::plan::{DataLoss, Range, Resurrection, Revived};
use crate::traces::{Identity, LostHour, Traces};

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
    for code in CODES.into_iter().filter(|code| world.finds(code).is_some()) {
        assert_eq!(told(code).cure, Some(Cure::Settle { request: 12 }), "{code}");
    }
}

#[test]
fn what_is_not_known_to_be_lost_is_no_clean_bill() {
    let mut world = World::healthy();
    world.restored = vec![aftermath(&[], None)];
    assert_eq!(found(&world), ["restore-lost-events"], "how many isn't known");
    world.restored = vec![aftermath(&[], Some(Range::exactly(0)))];
    assert!(found(&world).is_empty(), "none were lost");
}

/// Forty events of the last hour are gone, which were there before the restore ended.
fn rewound() -> Traces {
    lost(&[(0, 40)])
}

/// So many events of each of these hours, counted back from now, are gone.
fn lost(hours: &[(i64, u64)]) -> Traces {
    let hour = |(back, events): &(i64, u64)| LostHour {
        hour: now() - TimeDelta::hours(*back),
        had: *events,
        has: 0,
        since: None,
        seen_at: now() - TimeDelta::minutes(1),
    };
    let mut traces = Traces::default();
    (traces.since, traces.at) = (Some(now() - TimeDelta::days(1)), Some(now()));
    traces.lost_hours = Sign::Known(hours.iter().map(hour).collect());
    traces.shortened = Sign::Known(None);
    traces.unrevoked = Sign::Known(Vec::new());
    traces.revived_tokens = Sign::Known(Vec::new());
    traces.revived_peers = Sign::Known(Vec::new());
    traces
}

/// A restore to ten minutes ago that left this many events behind.
fn left(events: Range) -> Aftermath {
    let mut left = aftermath(&[], Some(events));
    let point = left.report.lost.as_mut().expect("made above");
    point.restore_point = Some(now() - TimeDelta::minutes(10));
    left
}

#[test]
fn audit_events_that_a_restore_left_behind_are_told_once_and_by_its_own_finding() {
    let code = "audit-rewound";
    let mut world = World::healthy();
    world.traces = Some(rewound());
    assert_eq!(world.finds(code), Some(Severity::Error), "nobody restored anything");
    for events in [Range::exactly(40), Range::at_least(3)] {
        world.restored = vec![left(events)];
        assert_eq!(world.says(code), Err(Silence::Explained("restore-lost-events")));
    }
    let line = world.restored[0].report.loss_line().expect("a line");
    world.restored[0].settled.insert(line);
    assert!(matches!(world.says(code), Err(Silence::Agreed(how)) if how.contains("request 12")));
}

#[test]
fn what_a_restore_does_not_account_for_is_a_rewind_all_the_same() {
    let code = "audit-rewound";
    let mut world = World::healthy();
    world.traces = Some(rewound());
    world.restored = vec![left(Range::exactly(39))];
    assert_eq!(
        world.finds(code),
        Some(Severity::Error),
        "one more is gone than was agreed"
    );
    world.restored = vec![left(Range::exactly(40))];
    world.restored[0].ended_at = now() - TimeDelta::minutes(5);
    assert_eq!(
        world.finds(code),
        Some(Severity::Error),
        "they were seen after the restore"
    );
    world.restored = vec![left(Range::at_least(0))];
    world.traces = Some(lost(&[(0, 40), (5, 7)]));
    assert_eq!(
        world.finds(code),
        Some(Severity::Error),
        "an hour from before the moment that was restored"
    );
}

#[test]
fn the_sweep_after_a_restore_that_people_agreed_to_is_seen() {
    let code = "audit-sweep";
    let mut world = World::healthy();
    let mut traces = rewound();
    let oldest = now() - TimeDelta::days(100);
    traces.shortened = Sign::Known(Some((oldest, Some(now() - TimeDelta::days(30)))));
    world.traces = Some(traces);
    assert_eq!(world.says(code), Err(Silence::Explained("audit-rewound")));
    world.restored = vec![left(Range::exactly(40))];
    assert_eq!(world.finds(code), Some(Severity::Warning));
}

#[test]
fn a_certificate_is_told_by_the_open_line_and_by_itself_once_the_line_is_settled_without_a_revocation() {
    let code = "revoked-valid-again";
    let mut world = World::healthy();
    let identity = |id: &str| Identity {
        id: id.into(),
        name: format!("serial of {id}"),
        ended: None,
        until: None,
    };
    let mut traces = lost(&[]);
    traces.unrevoked = Sign::Known(vec![identity("fp")]);
    world.traces = Some(traces.clone());
    assert_eq!(world.finds(code), Some(Severity::Error));
    let mut named = aftermath(&[Revived::RevokedCertificate], Some(Range::exactly(0)));
    named.report.revived[0].id = Some("fp".into());
    world.restored = vec![named];
    assert_eq!(world.says(code), Err(Silence::Explained(CODES[0])));
    let steps = world.says(CODES[0]).expect("told").expect("found").recovery();
    assert!(steps.contains("IN ('fp')"), "{steps}");
    traces.unrevoked = Sign::Known(vec![identity("fp"), identity("another")]);
    world.traces = Some(traces.clone());
    assert_eq!(
        world.finds(code),
        Some(Severity::Error),
        "the report knows nothing of the other one"
    );
    traces.unrevoked = Sign::Known(vec![identity("fp")]);
    world.traces = Some(traces);
    world.restored[0].settled.insert(0);
    assert_eq!(
        world.finds(code),
        Some(Severity::Error),
        "it was noted as done, and isn't so"
    );
}

#[test]
fn tokens_and_peers_are_told_by_open_lines_of_their_own_kinds() {
    let code = "tokens-alive-again";
    let mut world = World::healthy();
    let identity = |id: &str| Identity {
        id: id.into(),
        name: id.into(),
        ended: None,
        until: None,
    };
    let mut traces = lost(&[]);
    traces.revived_tokens = Sign::Known(vec![identity("t")]);
    traces.revived_peers = Sign::Known(vec![identity("p")]);
    world.traces = Some(traces);
    world.restored = vec![aftermath(&[Revived::RedeemedToken], Some(Range::exactly(0)))];
    assert_eq!(world.finds(code), Some(Severity::Error), "nothing is said of the peer");
    let kinds = [Revived::RedeemedToken, Revived::RemovedPeer];
    world.restored = vec![aftermath(&kinds, Some(Range::exactly(0)))];
    assert_eq!(world.says(code), Err(Silence::Explained(CODES[1])));
}

#[test]
fn a_rewind_within_the_hour_is_offered_the_timeline_that_was_left_if_it_holds_the_moment() {
    let mut world = World::healthy();
    world.traces = Some(rewound());
    let window = |source: &str, to| Window {
        source: source.into(),
        repo: 1,
        from: now() - TimeDelta::days(3),
        to,
        end_lsn: None,
        timelines: Vec::new(),
        exact: true,
    };
    world.windows = vec![window("newer", now()), window("left", now() - TimeDelta::seconds(50))];
    let found = world.says("audit-rewound").expect("told").expect("found");
    assert!(found.cause.contains("left can restore to"), "{}", found.cause);
    let seen = now() - TimeDelta::minutes(1);
    assert_eq!(found.cure, Some(Cure::RestoreTo { at: seen, source: None }));
    world.windows = vec![window("left", now() - TimeDelta::minutes(2))];
    let found = world.says("audit-rewound").expect("told").expect("found");
    assert_eq!(found.cure, None, "it ends before they were seen");
}
