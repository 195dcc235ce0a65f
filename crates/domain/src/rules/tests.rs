use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::backup::{Backup, Kind};
use crate::drill::{Rehearsals, Verdict};
use crate::finding::{Cure, Severity};
use crate::history::Seen;
use crate::ids::{Big, SystemIdentifier};
use crate::inventory::Source;
use crate::policy::{Fact, Lag, Promises};
use crate::status::Status;
use crate::time::Timestamp;
use crate::vitals::{ArchiveState, Chains, Count, Effective, Position, Sign, Signs, Vitals, Why};
use crate::wal::Lsn;
use crate::window::Window;

mod drills;
mod leftover;
mod recovery_stopped;
mod restored;
mod world;

use drills::drill;
use world::{SEGMENT, World, backup, now, run, timeline};

/// Each fault with the rule that must find it; on a healthy world all of these say that nothing is wrong.
type Fault = (&'static str, fn(&mut World), Severity);

const FAULTS: [Fault; 15] = [
    (
        "empty-database",
        |world| world.vitals.signs.tenants = Sign::Known(Count::exactly(0)),
        Severity::Error,
    ),
    (
        "first-login-becomes-admin",
        |world| world.vitals.signs.users = Sign::Known(Count::exactly(0)),
        Severity::Error,
    ),
    (
        "hidden-rows",
        |world| world.vitals.signs.hot = Sign::unknown(Why::Hidden, "hidden"),
        Severity::Warning,
    ),
    (
        "ca-lost",
        |world| {
            world.vitals.signs.chains = Sign::Known(Chains {
                sampled: 60,
                orphaned: 58,
                unread: 0,
            });
        },
        Severity::Error,
    ),
    (
        "effective-config-missing",
        |world| {
            world.vitals.signs.effective = Sign::Known(Effective {
                missing: Big(2),
                missing_and_heard: Big(1),
                newest_heard: None,
            });
        },
        Severity::Warning,
    ),
    (
        "foreign-timeline",
        |world| world.archives[0].timelines.push(timeline(3, 51, None)),
        Severity::Error,
    ),
    (
        "two-clusters-one-stanza",
        |world| world.archives[0].doubled.push("000000020000000000000031".into()),
        Severity::Error,
    ),
    (
        "two-clusters-one-stanza",
        |world| world.archives[0].system = Some(SystemIdentifier(Big(8))),
        Severity::Error,
    ),
    (
        "two-clusters-one-stanza",
        |world| world.archives[0].timelines[1].end = Lsn(60 * SEGMENT),
        Severity::Error,
    ),
    (
        "recovery-stopped-early",
        |world| world.archives[0].timelines[0].end = Lsn(40 * SEGMENT),
        Severity::Error,
    ),
    (
        "schema-ahead",
        |world| world.images.push(run("sha256:a", 20, 20)),
        Severity::Error,
    ),
    (
        "backup-tool-errors",
        |world| world.backups.push(backup("bad", Status::Broken)),
        Severity::Error,
    ),
    (
        "clock-skew",
        |world| world.vitals.signs.ended_at = Some(now() - TimeDelta::seconds(30)),
        Severity::Warning,
    ),
    (
        "drill-failed",
        |world| world.rehearsals.failed = Some(drill(1, Verdict::Failed)),
        Severity::Error,
    ),
    (
        "drill-never-run",
        |world| world.rehearsals = Rehearsals::default(),
        Severity::Warning,
    ),
];

#[test]
fn each_fault_is_found_and_a_healthy_world_shows_none() {
    for (code, inject, severity) in FAULTS {
        let mut world = World::healthy();
        assert_eq!(world.finds(code), None, "{code} on a healthy world");
        inject(&mut world);
        assert_eq!(world.finds(code), Some(severity), "{code}");
    }
}

#[test]
fn archiving_that_fails_is_stalled_however_fresh_the_backups_are() {
    let mut world = World::healthy();
    assert_eq!(world.finds("wal-archiving-stalled"), None);
    world.vitals.archive.last_failed_at = Some(now());
    assert_eq!(world.finds("wal-archiving-stalled"), Some(Severity::Error));
    world.vitals.archive.last_archived_at = Some(now());
    assert_eq!(world.finds("wal-archiving-stalled"), None, "it has gone on since");
}

#[test]
fn commits_of_an_older_copy_are_not_waited_for_where_the_archive_has_every_full_segment() {
    let code = "wal-archiving-stalled";
    let mut world = World::healthy();
    world.lags = vec![Lag {
        source: "main".into(),
        repo: 1,
        oldest_unarchived: Fact::Known {
            value: Some(now() - TimeDelta::hours(5)),
            at: now(),
        },
    }];
    assert_eq!(world.finds(code), None, "the segment that is written isn't full");
    world.vitals.archive.last_archived_at = Some(now() - TimeDelta::hours(6));
    assert_eq!(
        world.finds(code),
        Some(Severity::Error),
        "nothing was handed over since"
    );
    world.vitals.archive.last_archived_at = Some(now());
    world.archives[0].timelines[1].end = Lsn(49 * SEGMENT);
    assert_eq!(world.finds(code), Some(Severity::Error), "a full segment is missing");
}

#[test]
fn a_list_is_good_until_its_next_update() {
    let mut world = World::healthy();
    assert!(matches!(world.says("crl-past-next-update"), Err(Silence::Unset(_))));
    let crl = |next| Crl {
        issuer: "Ampora CA".into(),
        this_update: now() - TimeDelta::minutes(20),
        next_update: Some(next),
        revoked: 2,
    };
    world.crl = Some(crl(now()));
    assert_eq!(world.finds("crl-past-next-update"), None);
    world.crl = Some(crl(now() - TimeDelta::seconds(1)));
    assert_eq!(world.finds("crl-past-next-update"), Some(Severity::Error));
}

#[test]
fn codes_are_told_apart_and_every_finding_says_what_to_do() {
    let codes: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), Rule::ALL.len());
    for (code, inject, _) in FAULTS {
        let mut world = World::healthy();
        inject(&mut world);
        let found = world.says(code).expect("told").expect("found");
        assert!(
            !found.steps.is_empty() && !found.evidence.is_empty() && !found.rivals.is_empty(),
            "{code}"
        );
        assert!(
            !found.refutes.is_empty() && found.recovery().starts_with("1. "),
            "{code}"
        );
    }
}

#[test]
fn a_storage_with_backups_of_two_clusters_is_told_even_where_nothing_else_is_known_of_it() {
    let mut world = World::healthy();
    world.vitals.signs.position = Sign::unknown(Why::Denied, "denied");
    assert!(matches!(
        world.says("two-clusters-one-stanza"),
        Err(Silence::Unknown(_))
    ));
    world.systems = vec![SystemIdentifier(Big(7)), SystemIdentifier(Big(8))];
    assert_eq!(world.finds("two-clusters-one-stanza"), Some(Severity::Error));
}

#[test]
fn an_empty_table_of_users_offers_the_newest_dump_from_before() {
    let mut world = World::healthy();
    let dump = |label: &str, hours: i64| Backup {
        kind: Kind::Dump,
        started_at: Some(now() - TimeDelta::hours(hours)),
        ..backup(label, Status::Ok)
    };
    world.backups = vec![dump("old", 9), dump("before", 5), dump("after", 1)];
    world.vitals.signs.users = Sign::Known(Count::exactly(0));
    let code = "first-login-becomes-admin";
    let cure = |world: &World| world.says(code).expect("told").expect("found").cure;
    assert_eq!(cure(&world), None, "when it was well isn't known");
    world.clear.insert(code, now() - TimeDelta::hours(2));
    let offered = Cure::RestoreDump {
        source: "main".into(),
        backup: "before".into(),
    };
    assert_eq!(cure(&world), Some(offered));
}

#[test]
fn a_moment_is_offered_by_the_request_of_the_kind_of_its_source() {
    let code = "first-login-becomes-admin";
    let at = now() - TimeDelta::hours(2);
    let of_kind = |kind: &str| {
        let mut world = World::healthy();
        world.sources[0].kind = kind.into();
        world.windows = vec![Window {
            source: "main".into(),
            repo: 1,
            from: at,
            to: now(),
            end_lsn: None,
            timelines: Vec::new(),
            exact: true,
        }];
        world.vitals.signs.users = Sign::Known(Count::exactly(0));
        world.clear.insert(code, at);
        world.says(code).expect("told").expect("found").cure
    };
    let source = || "main".to_owned();
    let back = |source| Some(Cure::RestoreTo { at, source });
    assert_eq!(of_kind("pgbackrest"), back(Some(source())));
    assert_eq!(of_kind("rds"), Some(Cure::RestoreRds { source: source(), at }));
    assert_eq!(of_kind("walg"), back(None), "Muster restores no wal-g yet");
}

proptest! {
    /// Whatever sign is missing: a rule may fall silent, and it never begins to find or to be content because of it.
    #[test]
    fn a_sign_that_is_unknown_never_changes_an_answer_into_another(missing in 0..8usize, fault in 0..FAULTS.len()) {
        let (code, inject, _) = FAULTS[fault];
        let mut world = World::healthy();
        inject(&mut world);
        let before = world.finds(code);
        let signs = &mut world.vitals.signs;
        let unknown = "denied";
        match missing {
            0 => signs.tenants = Sign::unknown(Why::Denied, unknown),
            1 => signs.users = Sign::unknown(Why::Denied, unknown),
            2 => signs.chains = Sign::unknown(Why::Denied, unknown),
            3 => signs.effective = Sign::unknown(Why::Denied, unknown),
            4 => signs.position = Sign::unknown(Why::Denied, unknown),
            5 => signs.migration_head = Sign::unknown(Why::Denied, unknown),
            6 => signs.recovery_target = Sign::unknown(Why::Denied, unknown),
            _ => signs.ended_at = None,
        }
        if let Ok(after) = world.says(code) {
            prop_assert_eq!(after.map(|found| found.severity), before);
        }
    }
}
