use std::collections::BTreeMap;

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::backup::Kind;
use crate::ids::Big;
use crate::route::Production;
use crate::status::Status;
use crate::wal::Segment;
use crate::window::{Anchor, Branch, Commit, Gap};

const SIZE: u64 = 16 * 1024 * 1024;
const SYSTEM: SystemIdentifier = SystemIdentifier(Big(7));

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("in range")
}

fn lsn(segment: u64) -> Lsn {
    Lsn(segment * SIZE + 64)
}

/// A cluster that writes a segment a minute. Segment `n` of its archive arrived at minute `n`.
struct Site {
    archive: Archive,
    backups: Vec<Backup>,
    commits: Vec<Commit>,
    place: Place,
    own: Option<SystemIdentifier>,
}

impl Site {
    /// A full backup in segment 2, WAL to segment 9.
    fn new() -> Self {
        let segments = (1..10).map(|number| {
            (
                Segment { timeline: 1, number },
                DateTime::from_timestamp(1_790_000_000, 0),
            )
        });
        let place = Place {
            pgdata: "/var/lib/main".into(),
            system_identifier: Some(SYSTEM),
            running: true,
            free: Some(1 << 40),
            databases: Some(vec!["ampora".into()]),
            database: "ampora".into(),
            hooks: true,
            ..Place::default()
        };
        Self {
            archive: Archive {
                source: "main".into(),
                repo: 1,
                system: Some(SYSTEM),
                segment_size: SIZE,
                segments: segments.collect(),
                branches: BTreeMap::new(),
            },
            backups: vec![backup("F1", 2)],
            commits: (2..10).map(commit).collect(),
            place,
            own: None,
        }
    }

    fn without(mut self, number: u64) -> Self {
        self.archive.segments.remove(&Segment { timeline: 1, number });
        self
    }

    fn asked(&self, asked: &Asked) -> Result<Resolved, Vec<Refusal>> {
        let anchors: Vec<_> = self.backups.iter().map(anchor).collect();
        let (windows, gaps): (Vec<Window>, Vec<Gap>) = self.archive.windows(&anchors, &self.commits);
        let stock = Stock {
            backups: &self.backups,
            windows: &windows,
            gaps: &gaps,
            commits: &self.commits,
            production: Production {
                newest: Some(at(12)),
                live: true,
                as_of: at(13),
            },
            coverage: &[],
            past: &[],
        };
        let facts = Facts {
            stock,
            archives: std::slice::from_ref(&self.archive),
            place: &self.place,
            own: self.own,
        };
        resolve(asked, &facts)
    }

    fn refused(&self, asked: &Asked) -> String {
        let reasons = self.asked(asked).expect_err("it is refused");
        reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

fn backup(label: &str, segment: u64) -> Backup {
    let minute = i64::try_from(segment).expect("small");
    Backup {
        source: "main".into(),
        tool: "pgbackrest".into(),
        repo: Some(1),
        label: label.into(),
        kind: Kind::Full,
        parent: None,
        started_at: Some(at(minute)),
        stopped_at: Some(at(minute)),
        start_lsn: Some(lsn(segment)),
        stop_lsn: Some(Lsn(lsn(segment).0 + 64)),
        size_bytes: Some(1 << 30),
        stored_bytes: None,
        status: Status::Ok,
        detail: String::new(),
    }
}

fn anchor(backup: &Backup) -> Anchor {
    let start = backup.start_lsn.expect("it has one");
    Anchor {
        stopped_at: backup.stopped_at.expect("it has one"),
        first: Segment::holding(1, start, SIZE),
        last: Segment::holding(1, start, SIZE),
        stop_lsn: backup.stop_lsn,
    }
}

fn commit(segment: u64) -> Commit {
    Commit {
        system: Some(SYSTEM),
        timeline: Some(1),
        lsn: Lsn(lsn(segment).0 + 4096),
        at: at(i64::try_from(segment).expect("small")),
    }
}

fn time(minute: i64) -> Asked {
    Asked {
        at: Some(at(minute)),
        exclusive: false,
        affects: BTreeSet::new(),
        in_place: false,
    }
}

fn latest() -> Asked {
    Asked { at: None, ..time(0) }
}

#[test]
fn a_time_takes_the_backup_before_it_and_the_wal_behind_that() {
    let resolved = Site::new().asked(&time(5)).expect("it can be reached");
    assert_eq!(resolved.way.backup(), Some("F1"));
    assert_eq!(
        resolved.stop,
        RecoveryStop::Time {
            time: at(5),
            exclusive: false
        }
    );
    assert_eq!(
        (resolved.replay_from, resolved.timelines.as_slice()),
        (lsn(2), &[1][..])
    );
    assert!(
        resolved.expected_end > lsn(5),
        "a commit behind the time is needed to stop at it"
    );
    assert!(resolved.needs > 1 << 30);
}

#[test]
fn the_latest_state_ends_with_the_newest_segment() {
    let resolved = Site::new().asked(&latest()).expect("it can be reached");
    assert_eq!(resolved.stop, RecoveryStop::Latest);
    assert_eq!(resolved.expected_end, Lsn(10 * SIZE));
}

#[test]
fn the_latest_state_behind_a_hole_is_refused_with_the_segment() {
    let words = Site::new().without(6).refused(&latest());
    assert!(words.contains("000000010000000000000006"), "{words}");
    assert!(words.contains("ask for that time instead"), "{words}");
}

#[test]
fn a_time_inside_a_gap_is_refused_with_the_nearest_on_both_sides() {
    let mut site = Site::new().without(5);
    site.backups.push(backup("F2", 8));
    let words = site.refused(&time(6));
    assert!(words.contains("lies in a gap"), "{words}");
    for near in [at(4), at(8)] {
        let near = near.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        assert!(words.contains(&near), "{near} in {words}");
    }
}

#[test]
fn a_time_behind_everything_is_refused_and_the_latest_offered() {
    let words = Site::new().refused(&time(60));
    assert!(words.contains("Ask for the latest state"), "{words}");
}

#[test]
fn each_fact_about_the_place_is_a_reason_of_its_own() {
    type Change = fn(&mut Site);
    let table: [(Change, &str); 10] = [
        (|site| site.own = Some(SYSTEM), "Muster’s own database"),
        (
            |site| site.place.system_identifier = Some(SystemIdentifier(Big(8))),
            "belongs to the cluster 8",
        ),
        (|site| site.place.free = Some(1 << 20), "beside the data directory, and"),
        (|site| site.place.hooks = false, "The server is running"),
        (
            |site| site.place.managers = vec!["Patroni".into()],
            "looked after by Patroni",
        ),
        (|site| site.place.standbys = vec!["db2".into()], "db2 follows"),
        (|site| site.place.held_by = Some("x".into()), "held by run x"),
        (
            |site| site.place.databases = Some(vec!["ampora".into(), "shop".into()]),
            "shop with it",
        ),
        (|site| site.place.reasons = vec!["a link".into()], "a link"),
        (|site| site.place.free = None, "isn’t known"),
    ];
    for (change, expected) in table {
        let mut site = Site::new();
        change(&mut site);
        let words = site.refused(&time(5));
        assert!(words.contains(expected), "{expected}: {words}");
        assert_eq!(words.lines().count(), 1, "{words}");
    }
}

#[test]
fn other_databases_that_were_named_go_back_with_it() {
    let mut site = Site::new();
    site.place.databases = Some(vec!["ampora".into(), "shop".into()]);
    let named = |name: &str| Asked {
        affects: [name.to_owned()].into(),
        ..time(5)
    };
    assert!(site.asked(&named("shop")).is_ok());
    site.place.databases = Some(vec!["ampora".into()]);
    assert!(site.refused(&named("shop")).contains("no database shop"));
}

#[test]
fn a_switch_inside_a_segment_is_followed_on_the_newer_timeline() {
    let mut site = Site::new();
    let switch = Lsn(6 * SIZE + 100);
    site.archive.branches.insert(2, Branch { parent: 1, switch });
    for number in 6..9 {
        site.archive.segments.insert(Segment { timeline: 2, number }, None);
    }
    assert_eq!(hole(&site.archive, &[1, 2], lsn(2), Lsn(9 * SIZE)), None);
    assert_eq!(newest_end(&site.archive, &[1, 2]), Some(Lsn(9 * SIZE)));
    site.archive.segments.remove(&Segment { timeline: 2, number: 6 });
    let missing = hole(&site.archive, &[1, 2], lsn(2), Lsn(9 * SIZE));
    assert_eq!(missing, Some(Segment { timeline: 2, number: 6 }));
}

proptest! {
    /// Whatever is missing: what is planned has all of its WAL, and the latest state is never planned over a hole.
    #[test]
    fn no_plan_leads_over_a_hole(missing in proptest::collection::btree_set(1u64..10, 0..4), minute in 0i64..14, end: bool) {
        let site = missing.iter().fold(Site::new(), |site, number| site.without(*number));
        let asked = if end { latest() } else { time(minute) };
        if let Ok(resolved) = site.asked(&asked) {
            prop_assert_eq!(hole(&site.archive, &resolved.timelines, resolved.replay_from, resolved.expected_end), None);
            if end {
                prop_assert_eq!(Some(resolved.expected_end), newest_end(&site.archive, &resolved.timelines));
            }
        }
    }
}

#[test]
fn in_place_all_of_it_is_kept_where_it_fits_else_its_wal() {
    let in_place = Asked {
        in_place: true,
        ..time(5)
    };
    let gib = 1 << 30;
    let table = [
        (Some(100 * gib), Some((8 * gib, gib)), Ok(Some(Kept::Everything))),
        (Some(4 * gib), Some((8 * gib, gib)), Ok(Some(Kept::Wal))),
        (Some(gib), Some((8 * gib, gib)), Err("beside the data directory, and")),
        (Some(100 * gib), None, Err("isn’t known")),
    ];
    for (free, size, expected) in table {
        let mut site = Site::new();
        (site.place.free, site.place.size) = (free, size);
        match expected {
            Ok(kept) => assert_eq!(site.asked(&in_place).expect("it fits").kept, kept),
            Err(words) => {
                let said = site.refused(&in_place);
                assert!(said.contains(words), "{words}: {said}");
            }
        }
    }
    assert_eq!(Site::new().asked(&time(5)).expect("it can be reached").kept, None);
}
