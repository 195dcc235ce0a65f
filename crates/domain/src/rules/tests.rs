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
use crate::policy::{Fact, Promises};
use crate::status::Status;
use crate::time::Timestamp;
use crate::vitals::{ArchiveState, Chains, Count, Effective, Position, Sign, Signs, Vitals, Why};
use crate::wal::Lsn;

mod drills;

use drills::drill;

const SEGMENT: u64 = 16 << 20;

fn now() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// A healthy deployment with one stanza.
struct World {
    vitals: Vitals,
    archives: Vec<ArchiveReading>,
    backups: Vec<Backup>,
    sources: Vec<Source>,
    heads: Vec<Seen>,
    images: Vec<Seen>,
    promises: Promises,
    crl: Option<Crl>,
    rehearsals: Rehearsals,
    clear: BTreeMap<&'static str, Timestamp>,
    systems: Vec<SystemIdentifier>,
}

fn timeline(timeline: u32, segments: u64, parent: Option<(u32, Lsn)>) -> TimelineReading {
    TimelineReading {
        timeline,
        end: Lsn(segments * SEGMENT),
        parent,
    }
}

fn vitals() -> Vitals {
    let signs = Signs {
        tenants: Sign::Known(Count::exactly(3)),
        users: Sign::Known(Count::exactly(5)),
        agents: Sign::Known(Count::exactly(60)),
        authorities: Sign::Known(Vec::new()),
        chains: Sign::Known(Chains {
            sampled: 60,
            orphaned: 0,
            unread: 0,
        }),
        effective: Sign::Known(Effective {
            missing: Big(0),
            missing_and_heard: Big(0),
            newest_heard: Some(now()),
        }),
        migration_head: Sign::Known(Some("2".into())),
        recovery_target: Sign::Known(String::new()),
        position: Sign::Known(Position {
            timeline: 2,
            lsn: Lsn(50 * SEGMENT + 7),
            segment_size: SEGMENT,
            in_recovery: false,
        }),
        ended_at: Some(now()),
        ..Signs::default()
    };
    Vitals {
        read_at: now(),
        system_identifier: SystemIdentifier(Big(7)),
        server_version: "16.1".into(),
        database: "ampora".into(),
        database_size: Big(1),
        lsn: Lsn(50 * SEGMENT),
        timeline: 2,
        rows: BTreeMap::new(),
        migration_head: Some("2".into()),
        newest_audit_event: Some(now()),
        oldest_audit_event: Some(now() - TimeDelta::days(100)),
        heartbeat: Some(now()),
        authority_since: None,
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: Some(now() - TimeDelta::minutes(1)),
            last_failed_at: None,
        },
        signs,
    }
}

impl World {
    fn healthy() -> Self {
        Self {
            vitals: vitals(),
            archives: vec![ArchiveReading {
                repo: 1,
                system: Some(SystemIdentifier(Big(7))),
                segment_size: SEGMENT,
                timelines: vec![timeline(1, 31, None), timeline(2, 50, Some((1, Lsn(30 * SEGMENT + 9))))],
                doubled: Vec::new(),
            }],
            backups: vec![backup("good", Status::Ok)],
            sources: vec![Source {
                name: "main".into(),
                kind: "pgbackrest".into(),
                status: Status::Ok,
                observed_at: Some(now()),
                detail: "ok".into(),
            }],
            heads: vec![run("1", 0, 10), run("2", 11, 20)],
            images: vec![run("sha256:a", 0, 10), run("sha256:b", 11, 20)],
            promises: Promises::default(),
            crl: None,
            rehearsals: Rehearsals {
                passed: Some(drill(10, Verdict::Passed)),
                ..Rehearsals::default()
            },
            clear: BTreeMap::new(),
            systems: Vec::new(),
        }
    }

    fn says(&self, code: &str) -> Judgement {
        let known = |value| Fact::Known { value, at: now() };
        let facts = Facts {
            now: now(),
            place: Place::default(),
            vitals: Fact::Known {
                value: &self.vitals,
                at: now(),
            },
            traces: Fact::unknown("not asked here"),
            keys: None,
            elsewhere: &[],
            exposures: Fact::unknown("not asked here"),
            archives: vec![SourceArchive {
                source: "main".into(),
                archives: Fact::Known {
                    value: self.archives.as_slice(),
                    at: now(),
                },
                systems: Fact::Known {
                    value: self.systems.as_slice(),
                    at: now(),
                },
            }],
            sources: &self.sources,
            backups: &self.backups,
            windows: &[],
            lags: Vec::new(),
            history: History {
                heads: &self.heads,
                images: &self.images,
            },
            image: self.images.last().map(|run| known(run.value.clone())),
            crl: self.crl.clone().map(|value| Fact::Known { value, at: now() }),
            rehearsals: Some(&self.rehearsals),
            promises: &self.promises,
            clear: self.clear.clone(),
        };
        Rule::of(code).expect("a rule").judge(&facts)
    }

    fn finds(&self, code: &str) -> Option<Severity> {
        self.says(code).expect("told").map(|found| found.severity)
    }
}

fn run(value: &str, since: i64, until: i64) -> Seen {
    let day = |day| now() - TimeDelta::days(20 - day);
    Seen {
        value: value.into(),
        since: day(since),
        until: day(until),
    }
}

fn backup(label: &str, status: Status) -> Backup {
    Backup {
        source: "main".into(),
        tool: "pgbackrest".into(),
        repo: Some(1),
        label: label.into(),
        kind: Kind::Full,
        parent: None,
        started_at: None,
        stopped_at: Some(now() - TimeDelta::hours(3)),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: None,
        status,
        detail: "page checksum errors were recorded".into(),
    }
}

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
fn a_recovery_that_was_told_where_to_stop_did_not_stop_early() {
    let mut world = World::healthy();
    world.archives[0].timelines[0].end = Lsn(40 * SEGMENT);
    world.vitals.signs.recovery_target = Sign::Known("recovery_target_time = 2026-01-01".into());
    assert_eq!(world.finds("recovery-stopped-early"), None);
    world.vitals.signs.recovery_target = Sign::unknown(Why::Denied, "denied");
    assert!(matches!(world.says("recovery-stopped-early"), Err(Silence::Unknown(_))));
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
