use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::backup::{Backup, Kind};
use crate::inventory::Coverage;
use crate::route::{Production, Target};
use crate::wal::Lsn;
use crate::window::Window;

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("in range")
}

fn lsn(minute: i64) -> Lsn {
    Lsn(u64::try_from(minute.max(0)).expect("not negative") << 20)
}

fn backup(source: &str, label: &str, kind: Kind, stopped: i64) -> Backup {
    Backup {
        source: source.into(),
        tool: "any".into(),
        repo: None,
        label: label.into(),
        kind,
        parent: None,
        started_at: Some(at(stopped - 1)),
        stopped_at: Some(at(stopped)),
        start_lsn: Some(lsn(stopped - 1)),
        stop_lsn: Some(lsn(stopped)),
        size_bytes: None,
        stored_bytes: None,
        status: Status::Ok,
        detail: String::new(),
    }
}

fn window(source: &str, from: i64, to: i64) -> Window {
    Window {
        source: source.into(),
        repo: 1,
        from: at(from),
        to: at(to),
        end_lsn: Some(lsn(to)),
        timelines: vec![1],
        exact: true,
    }
}

fn covered(backup: &str, status: CoverageStatus) -> Coverage {
    Coverage {
        backup: backup.into(),
        version: Some("3".into()),
        status,
        proven_at: None,
        detail: String::new(),
        warning: None,
        at: None,
    }
}

/// Fulls at 10 and 60 of one stanza with a window from 10 to 90, and a dump of 44.
struct Shelf {
    backups: Vec<Backup>,
    windows: Vec<Window>,
    coverage: Vec<Coverage>,
}

fn shelf() -> Shelf {
    Shelf {
        backups: vec![
            backup("pgbr", "full-1", Kind::Full, 10),
            backup("pgbr", "full-2", Kind::Full, 60),
            backup("dumps", "dump", Kind::Dump, 45),
        ],
        windows: vec![window("pgbr", 10, 90)],
        coverage: Vec::new(),
    }
}

impl Shelf {
    fn back(&self, rehearsals: Option<&[Rehearsal]>, kept: &Kept) -> Vec<WayBack> {
        let stock = Stock {
            backups: &self.backups,
            windows: &self.windows,
            gaps: &[],
            commits: &[],
            production: Production {
                newest: Some(at(95)),
                live: true,
                as_of: at(96),
            },
            coverage: &self.coverage,
            past: &[],
        };
        ways_back(at(100), &stock, rehearsals, kept)
    }

    fn labels(&self) -> Vec<String> {
        let ways = self.back(None, &Kept::default()).into_iter();
        ways.map(|back| back.way.backup().unwrap_or("by itself").to_owned())
            .collect()
    }
}

#[test]
fn the_end_of_the_wal_comes_before_an_older_copy() {
    let back = shelf().back(Some(&[]), &Kept::default());
    let shown: Vec<_> = back.iter().map(|back| (back.way.backup(), back.way.reaches)).collect();
    assert_eq!(shown, [(Some("full-2"), at(90)), (Some("dump"), at(44))]);
    assert_eq!(back[0].way.target, Target::Latest);
    assert!(back.iter().all(|back| back.drilled == Drilled::Never));
}

#[test]
fn what_no_key_opens_comes_last_and_the_newest_that_one_opens_is_a_way_of_its_own() {
    let mut shelf = shelf();
    shelf.coverage = vec![
        covered("full-2", CoverageStatus::Missing),
        covered("full-1", CoverageStatus::Expected),
    ];
    assert_eq!(shelf.labels(), ["dump", "full-1", "full-2"]);
}

#[test]
fn a_drill_counts_for_its_own_source_and_where_nobody_remembers_it_is_unknown() {
    let drill = Rehearsal {
        source: "dumps".into(),
        at: at(50),
        seconds: Some(251),
    };
    let back = shelf().back(Some(&[drill]), &Kept::default());
    assert_eq!(back[0].drilled, Drilled::Never);
    let passed = Drilled::Passed {
        at: at(50),
        seconds: Some(251),
    };
    assert_eq!(back[1].drilled, passed);
    assert_eq!(shelf().back(None, &Kept::default())[0].drilled, Drilled::Unknown);
}

#[test]
fn the_end_is_told_by_the_source_before_the_policy_and_else_unknown() {
    let kept = Kept {
        told: BTreeMap::from([(("dumps".into(), 0), Ok(Retention::Days(7)))]),
        promised: Some(TimeDelta::days(30)),
    };
    let back = shelf().back(None, &kept);
    assert_eq!(
        back[0].expires,
        Expires::Promised {
            at: at(60) + TimeDelta::days(30)
        }
    );
    assert_eq!(
        back[1].expires,
        Expires::At {
            at: at(45) + TimeDelta::days(7)
        }
    );
    let untold = |kept: &Kept| shelf().back(None, kept)[0].expires.clone();
    assert_eq!(
        untold(&Kept::default()),
        Expires::unknown("nothing tells how long it is kept")
    );
    let silent = Kept {
        told: BTreeMap::from([(("pgbr".into(), 1), Err("it runs elsewhere".into()))]),
        promised: None,
    };
    assert_eq!(untold(&silent), Expires::unknown("it runs elsewhere"));
}

#[test]
fn a_number_of_full_backups_counts_those_that_are_newer_already() {
    let kept = Kept {
        told: BTreeMap::from([(("pgbr".into(), 1), Ok(Retention::Fulls(3)))]),
        promised: Some(TimeDelta::days(30)),
    };
    let mut shelf = shelf();
    let expires = |shelf: &Shelf| {
        let back = shelf.back(None, &kept).into_iter();
        let mut own = back.filter(|back| back.way.source == "pgbr");
        own.next().expect("a way").expires
    };
    assert_eq!(expires(&shelf), Expires::AfterBackups { more: 3 });
    shelf.backups.push(backup("pgbr", "broken", Kind::Full, 1_000));
    shelf.backups.last_mut().expect("was added").status = Status::Broken;
    assert_eq!(expires(&shelf), Expires::AfterBackups { more: 2 });
}

#[test]
fn an_archive_ahead_of_our_clock_is_gone_back_to_as_far_as_now() {
    let mut shelf = shelf();
    shelf.windows = vec![window("pgbr", 10, 120)];
    assert_eq!(shelf.back(None, &Kept::default())[0].way.reaches, at(100));
}

prop_compose! {
    fn any_backup()(source in 0..3_usize, label in 0..8_u8, kind in 0..3_usize, stopped in 0..110_i64, ok in 0..4_u8) -> Backup {
        let kind = [Kind::Full, Kind::Dump, Kind::Snapshot][kind];
        let label = format!("{source}-{label}-{}", kind.word());
        Backup {
            status: if ok > 0 { Status::Ok } else { Status::Broken },
            ..backup(["a", "b", "c"][source], &label, kind, stopped)
        }
    }
}

prop_compose! {
    fn any_coverage()(source in 0..3_usize, label in 0..8_u8, kind in 0..3_usize, status in 0..5_usize) -> Coverage {
        let kind = ["full", "dump", "snapshot"][kind];
        let status = [
            CoverageStatus::Proven, CoverageStatus::Expected, CoverageStatus::Missing, CoverageStatus::Refuted,
            CoverageStatus::Unknown,
        ][status];
        covered(&format!("{source}-{label}-{kind}"), status)
    }
}

proptest! {
    #[test]
    fn whatever_lies_there_each_way_is_usable_and_the_best_comes_first(
        backups in prop::collection::vec(any_backup(), 0..14),
        windows in prop::collection::vec((0..3_usize, 0..90_i64, 0..40_i64), 0..5),
        coverage in prop::collection::vec(any_coverage(), 0..10),
    ) {
        let windows = windows.into_iter().map(|(source, from, length)| window(["a", "b", "c"][source], from, from + length));
        let shelf = Shelf { backups, windows: windows.collect(), coverage };
        let back = shelf.back(None, &Kept::default());
        for one in &back {
            prop_assert!(one.way.reaches <= at(100), "never into the future");
            for label in &one.way.chain {
                let usable = |backup: &Backup| backup.label == *label && backup.source == one.way.source && backup.status == Status::Ok;
                prop_assert!(shelf.backups.iter().any(usable), "{one:?}");
            }
        }
        for pair in back.windows(2) {
            prop_assert!(rank(&pair[0]) <= rank(&pair[1]));
            prop_assert!(is_shut(&pair[0].way) <= is_shut(&pair[1].way), "what no key opens comes last");
            prop_assert_ne!(&pair[0].way, &pair[1].way);
        }
        // No usable copy is forgotten: of each source and kind there is one.
        for copy in shelf.backups.iter().filter(|backup| backup.status == Status::Ok && backup.kind != Kind::Full) {
            let moment = copy.started_at.expect("given");
            let alike = |one: &WayBack| one.way.source == copy.source && one.way.kind == Some(copy.kind);
            prop_assert!(moment > at(100) || back.iter().any(alike), "{copy:?}");
        }
    }
}
