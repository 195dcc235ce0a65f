use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::ids::{Big, SystemIdentifier};
use crate::vitals::{ArchiveState, AuditTable, Count, Signs};
use crate::wal::Lsn;

fn at(minutes: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

fn reading(minute: i64, hot: u64, hours: &[(i64, u64)]) -> Vitals {
    let hour = |(hour, events): &(i64, u64)| Hour {
        hour: at(hour * 60),
        events: Big(*events),
    };
    let table = |rows| {
        Sign::Known(AuditTable {
            rows: Count::exactly(rows),
            oldest: None,
            newest: None,
        })
    };
    Vitals {
        read_at: at(minute),
        system_identifier: SystemIdentifier(Big(7)),
        server_version: "16.1".into(),
        database: "ampora".into(),
        database_size: Big(1),
        lsn: Lsn(0),
        timeline: 1,
        rows: [("public.versions".to_owned(), Big(hot / 10))].into(),
        migration_head: None,
        newest_audit_event: Some(at(minute)),
        oldest_audit_event: None,
        heartbeat: None,
        authority_since: None,
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: None,
            last_failed_at: None,
        },
        signs: Signs {
            hot: table(hot),
            archive: table(0),
            hours: Sign::Known(hours.iter().map(hour).collect()),
            agents: Sign::Known(Count::exactly(60)),
            ..Signs::default()
        },
    }
}

fn moment(minute: i64, sure: bool) -> Moment {
    Moment {
        at: at(minute),
        sure,
        known: None,
    }
}

fn beyond(events: u64) -> Beyond {
    Beyond {
        newest: Sign::Known(Some(at(100))),
        kept: Sign::Known(Some(at(38))),
        audit_events: Sign::Known(events),
        configurations: Sign::Known(2),
        agents: Sign::Known(1),
        certificates: Sign::unknown(Why::Missing, "no column IssuedUtc"),
        all_events: Sign::Known(500),
    }
}

#[test]
fn the_live_database_is_counted() {
    let loss = counted(&beyond(7), moment(40, true), Readings::default(), at(101));
    assert_eq!((loss.basis, loss.restore_point), (Basis::Exact, Some(at(38))));
    assert_eq!(
        loss.seconds,
        Some(Range::exactly(62 * 60)),
        "from the last commit that is kept"
    );
    assert_eq!(loss.audit_events, Some(Range::exactly(7)));
    assert_eq!(
        (loss.configurations, loss.agents),
        (Some(Range::exactly(2)), Some(Range::exactly(1)))
    );
    assert_eq!(loss.certificates, None);
    assert_eq!(loss.unknown, ["certificates: no column IssuedUtc"]);
}

#[test]
fn a_commit_known_from_elsewhere_may_be_closer_to_the_moment() {
    let heartbeat = Moment {
        known: Some(at(39)),
        ..moment(40, true)
    };
    let loss = counted(&beyond(7), heartbeat, Readings::default(), at(101));
    assert_eq!(loss.seconds, Some(Range::exactly(61 * 60)));
}

#[test]
fn a_window_whose_end_is_not_proven_bounds_from_below_only() {
    let loss = counted(&beyond(7), moment(40, false), Readings::default(), at(101));
    assert_eq!(
        (loss.basis, loss.audit_events),
        (Basis::Bounded, Some(Range::at_least(7)))
    );
    let blind = Beyond {
        audit_events: Sign::unknown(Why::Hidden, "hidden"),
        ..beyond(7)
    };
    assert_eq!(
        counted(&blind, moment(40, true), Readings::default(), at(101)).basis,
        Basis::Unknown
    );
}

#[test]
fn what_the_sweep_deleted_is_counted_apart() {
    let before = reading(35, 600, &[]);
    let readings = Readings {
        before: Some(&before),
        ..Readings::default()
    };
    let loss = counted(&beyond(7), moment(40, true), readings, at(101));
    assert_eq!(loss.audit_events, Some(Range::exactly(7)));
    assert_eq!(loss.swept, Some(Range::at_least(600 - (500 - 7))));
}

#[test]
fn a_database_that_is_gone_lost_what_its_readings_saw_and_more() {
    let (before, first) = (reading(35, 600, &[(0, 20)]), reading(45, 612, &[(0, 30)]));
    let last = reading(150, 660, &[(0, 33), (1, 40), (2, 5)]);
    let hours = [Hour {
        hour: at(60),
        events: Big(41),
    }];
    let readings = Readings {
        before: Some(&before),
        first: Some(&first),
        last: Some(&last),
        hours: &hours,
        versions: "versions",
    };
    let loss = bounded(moment(40, true), readings, at(200));
    assert_eq!((loss.basis, loss.as_of), (Basis::Bounded, at(150)));
    assert_eq!(loss.restore_point, Some(at(35)));
    assert_eq!(loss.seconds, Some(Range::at_least(115 * 60)));
    assert_eq!(
        loss.audit_events,
        Some(Range::at_least(3 + 41 + 5)),
        "of the rest of the hour, nothing is guessed"
    );
    assert_eq!(
        (loss.configurations, loss.agents),
        (Some(Range::at_least(5)), Some(Range::at_least(0)))
    );
    assert_eq!(loss.certificates, None);
    assert!(loss.unknown.iter().any(|why| why.contains("comes on top")), "{loss:?}");
}

#[test]
fn without_a_reading_behind_the_moment_nothing_is_known() {
    let last = reading(30, 600, &[]);
    let readings = Readings {
        before: Some(&last),
        last: Some(&last),
        ..Readings::default()
    };
    assert_eq!(bounded(moment(40, true), readings, at(200)).basis, Basis::Unknown);
    assert_eq!(
        bounded(moment(40, true), Readings::default(), at(200)).basis,
        Basis::Unknown
    );
}

proptest! {
    /// Whatever comes in and is swept away: the bound never says more than was written.
    #[test]
    fn the_bound_is_never_above_the_truth(
        came in proptest::collection::vec((0u64..40, 0u64..40), 1..7),
        at_first in 0u64..100,
        swept in 0u64..500,
    ) {
        let mut hours = vec![(0, at_first)];
        let first = reading(45, 1000 + at_first, &hours);
        let mut truth = 0;
        hours[0].1 += came[0].0;
        truth += came[0].0;
        for (hour, (events, _)) in (1..).zip(&came[1..]) {
            hours.push((hour, *events));
            truth += events;
        }
        let last = reading(500, (1000 + at_first + truth).saturating_sub(swept), &hours);
        let readings = Readings { first: Some(&first), last: Some(&last), ..Readings::default() };
        let loss = bounded(moment(40, true), readings, at(600));
        let least = loss.audit_events.expect("hours are known").min;
        prop_assert!(least <= i64::try_from(truth).expect("few"), "{least} of {truth}");
    }
}
