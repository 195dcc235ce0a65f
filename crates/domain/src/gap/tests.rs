use chrono::{DateTime, TimeDelta};

use super::*;
use crate::ids::{Big, SystemIdentifier};
use crate::vitals::{ArchiveState, Authority, Count, RowSecurity, Signs};
use crate::wal::Lsn;

fn at(minutes: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

pub fn vitals(minute: i64, authorities: &[&str]) -> Vitals {
    let authority = |print: &&str| Authority {
        fingerprint: (*print).to_owned(),
        state: "Active".into(),
        subject: "CN=Ampora".into(),
        not_before: at(0),
        not_after: at(10_000),
    };
    Vitals {
        read_at: at(minute),
        system_identifier: SystemIdentifier(Big(7)),
        server_version: "16.1".into(),
        database: "ampora".into(),
        database_size: Big(1),
        lsn: Lsn(0),
        timeline: 1,
        rows: std::collections::BTreeMap::new(),
        migration_head: Some("3".into()),
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
            tenants: Sign::Known(Count::exactly(2)),
            authorities: Sign::Known(authorities.iter().map(authority).collect()),
            row_security: Sign::Known(RowSecurity {
                tables: Big(5),
                forced: Big(5),
                policies: "ab".repeat(32),
            }),
            ..Signs::default()
        },
    }
}

fn outcomes(known: Option<&Vitals>, found: Result<&Vitals, &str>) -> Vec<(String, Outcome)> {
    let report = GapReport::new("demo", at(50), None, Vec::new()).compared(known, found);
    report
        .comparisons
        .into_iter()
        .map(|one| (one.what, one.outcome))
        .collect()
}

fn outcome(all: &[(String, Outcome)], what: &str) -> Outcome {
    all.iter().find(|(name, _)| name == what).expect("it is compared").1
}

#[test]
fn a_restore_to_an_earlier_moment_is_rewound_and_nothing_else() {
    let all = outcomes(Some(&vitals(50, &["a"])), Ok(&vitals(40, &["a"])));
    assert_eq!(outcome(&all, "newest audit event"), Outcome::Rewound);
    let mut others = all.iter().filter(|(what, _)| what != "newest audit event");
    assert!(others.all(|(_, outcome)| *outcome == Outcome::Same), "{all:?}");
}

#[test]
fn what_would_hurt_is_broken() {
    let known = vitals(50, &["a", "b"]);
    let mut found = vitals(40, &["a"]);
    found.migration_head = Some("2".into());
    found.signs.tenants = Sign::Known(Count::exactly(0));
    found.signs.row_security = Sign::Known(RowSecurity {
        tables: Big(4),
        forced: Big(5),
        policies: "ab".repeat(32),
    });
    let all = outcomes(Some(&known), Ok(&found));
    for what in ["tenants", "migration head", "authorities", "row-level security"] {
        assert_eq!(outcome(&all, what), Outcome::Broken, "{what}");
    }
    assert_eq!(
        outcome(&outcomes(None, Ok(&vitals(40, &[]))), "authorities"),
        Outcome::Broken
    );
}

#[test]
fn what_was_never_known_is_unknown_and_never_the_same() {
    let all = outcomes(None, Ok(&vitals(40, &["a"])));
    assert_eq!(outcome(&all, "row-level security"), Outcome::Unknown);
    assert_eq!(outcome(&all, "authorities"), Outcome::Unknown);
    assert_eq!(
        outcomes(Some(&vitals(50, &[])), Err("it doesn’t answer"))[0].1,
        Outcome::Unknown
    );
}
