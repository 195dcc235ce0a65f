use chrono::DateTime;

use super::*;
use crate::status::Status;

mod choice;
mod properties;

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("in range")
}

/// A usable backup that took a minute. An increment is written `incr < full`.
fn backup(spelt: &str, kind: Kind, stopped: i64) -> Backup {
    let (label, parent) = match spelt.split_once(" < ") {
        Some((label, parent)) => (label, Some(parent.to_owned())),
        None => (spelt, None),
    };
    Backup {
        source: if kind == Kind::Dump { "dumps" } else { "pgbr-main" }.into(),
        tool: "any".into(),
        repo: None,
        label: label.into(),
        kind,
        parent,
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

/// A megabyte a minute.
fn lsn(minute: i64) -> Lsn {
    Lsn(u64::try_from(minute.max(0)).expect("not negative") << 20)
}

fn window(from: i64, to: i64, timelines: &[u32]) -> Window {
    Window {
        source: "pgbr-main".into(),
        repo: 1,
        from: at(from),
        to: at(to),
        end_lsn: Some(lsn(to)),
        timelines: timelines.to_vec(),
        exact: true,
    }
}

fn gap(from: i64, to: Option<i64>) -> Gap {
    Gap {
        source: "pgbr-main".into(),
        repo: 1,
        timeline: 1,
        first_missing: "000000010000000000000005".into(),
        last_missing: "000000010000000000000005".into(),
        from: at(from),
        to: to.map(at),
    }
}

fn commit(timeline: u32, minute: i64) -> Commit {
    Commit {
        system: None,
        timeline: Some(timeline),
        lsn: lsn(minute),
        at: at(minute),
    }
}

/// Backups at 10, 20 and 30 in a window to 40, a torn archive, and a full at 60 in a window to 90; a dump of 44. Production is at 95.
struct Shelf {
    backups: Vec<Backup>,
    windows: Vec<Window>,
    gaps: Vec<Gap>,
    commits: Vec<Commit>,
    production: Production,
    coverage: Vec<Coverage>,
    past: Vec<Past>,
}

fn shelf() -> Shelf {
    Shelf {
        backups: vec![
            backup("full-1", Kind::Full, 10),
            backup("diff-1 < full-1", Kind::Diff, 20),
            backup("incr-1 < diff-1", Kind::Incr, 30),
            backup("full-2", Kind::Full, 60),
            backup("dump-1", Kind::Dump, 45),
        ],
        windows: vec![window(10, 40, &[1]), window(60, 90, &[1])],
        gaps: vec![gap(40, Some(60))],
        commits: Vec::new(),
        production: Production {
            newest: Some(at(95)),
            live: true,
            as_of: at(96),
        },
        coverage: Vec::new(),
        past: Vec::new(),
    }
}

impl Shelf {
    fn to(&self, minute: i64) -> Answer {
        let stock = Stock {
            backups: &self.backups,
            windows: &self.windows,
            gaps: &self.gaps,
            commits: &self.commits,
            production: self.production,
            coverage: &self.coverage,
            past: &self.past,
        };
        ways_to(at(minute), &stock)
    }

    fn best(&self, minute: i64) -> Way {
        self.to(minute).ways.into_iter().next().expect("a way")
    }

    fn chain(&self, minute: i64) -> String {
        self.to(minute)
            .ways
            .first()
            .map(|way| way.chain.join(" "))
            .unwrap_or_default()
    }
}

#[test]
fn the_newest_backup_before_the_moment_is_restored_with_all_it_builds_on() {
    for (minute, chain) in [
        (9, ""),
        (10, "full-1"),
        (19, "full-1"),
        (20, "full-1 diff-1"),
        (35, "full-1 diff-1 incr-1"),
        (40, "full-1 diff-1 incr-1"),
        (41, ""),
        (50, "dump-1"),
        (60, "full-2"),
        (90, "full-2"),
        (91, "dump-1"),
    ] {
        assert_eq!(shelf().chain(minute), chain, "{minute}");
    }
}

#[test]
fn a_chain_with_a_part_that_is_gone_or_unproven_isn_t_followed() {
    let mut torn = shelf();
    torn.backups.retain(|backup| backup.label != "diff-1");
    assert_eq!(torn.chain(35), "full-1", "the increment lost its parent");

    let mut unproven = shelf();
    unproven.backups[1].status = Status::Unknown;
    assert_eq!(unproven.chain(35), "full-1");
    unproven.backups[0].status = Status::Broken;
    assert_eq!(unproven.chain(35), "");

    let mut circular = shelf();
    circular.backups[1].parent = Some("incr-1".into());
    assert_eq!(circular.chain(35), "full-1");
}

#[test]
fn a_way_tells_what_is_replayed_and_where_it_stops() {
    let mut shelf = shelf();
    let way = shelf.best(35);
    assert_eq!((way.target, way.reaches, way.exact), (Target::Time, at(35), true));
    let mut replay = Replay {
        timelines: vec![1],
        from: Some(lsn(29)),
        to: Some(lsn(40)),
    };
    assert_eq!(way.replay, Some(replay.clone()));
    assert_eq!(shelf.best(40).target, Target::Latest, "no commit is known to follow");

    shelf.commits = vec![commit(1, 34), commit(2, 36), commit(1, 37), commit(1, 38)];
    replay.to = Some(lsn(37));
    assert_eq!(
        shelf.best(35).replay,
        Some(replay),
        "up to the first commit that is later"
    );
}

#[test]
fn everything_after_the_moment_is_lost() {
    let range = |min, max| Some(Range { min, max });
    let mut shelf = shelf();
    let loss = |shelf: &Shelf| {
        let loss = shelf.best(80).loss;
        (loss.basis, loss.seconds)
    };
    assert_eq!(loss(&shelf), (Basis::Exact, range(900, Some(900))));
    shelf.windows[1].exact = false;
    assert_eq!(
        loss(&shelf),
        (Basis::Bounded, range(900, Some(2100))),
        "no more is sure than the full of 60"
    );
    shelf.production.live = false;
    assert_eq!(
        loss(&shelf),
        (Basis::Bounded, range(900, None)),
        "and whatever was written since"
    );
    shelf.production.newest = None;
    assert_eq!(loss(&shelf), (Basis::Unknown, None));
    shelf.production = Production {
        newest: Some(at(70)),
        live: true,
        as_of: at(96),
    };
    shelf.windows[1].exact = true;
    assert_eq!(loss(&shelf), (Basis::Exact, range(0, Some(0))), "nothing came after");
}

#[test]
fn a_moment_in_a_gap_is_answered_with_those_around_it() {
    let mut shelf = shelf();
    let missed = shelf.to(50).missed.expect("nothing reaches it");
    let near = |near: Option<Nearest>| near.map(|near| (near.at, near.label));
    assert_eq!(near(missed.before), Some((at(44), Some("dump-1".into()))));
    assert_eq!(near(missed.after), Some((at(60), None)));
    assert_eq!(missed.gaps, shelf.gaps);

    let early = shelf.to(5).missed.expect("nothing reaches back");
    assert_eq!((near(early.before), near(early.after)), (None, Some((at(10), None))));
    let late = shelf.to(99).missed.expect("nothing is that new");
    assert_eq!((near(late.before), near(late.after)), (Some((at(90), None)), None));
    assert!(late.gaps.is_empty());

    shelf.gaps[0].to = None;
    assert_eq!(shelf.to(99).missed.expect("no end of the gap is known").gaps.len(), 1);
    assert_eq!(shelf.to(35).missed, None);
}

#[test]
fn a_dump_has_no_moment_but_its_own() {
    let mut shelf = shelf();
    let way = shelf.best(50);
    assert_eq!(
        (way.target, way.reaches, way.exact, way.replay),
        (Target::AsTaken, at(44), true, None)
    );
    assert_eq!(
        way.loss.seconds,
        Some(Range {
            min: 51 * 60,
            max: Some(51 * 60)
        })
    );

    shelf.backups[4].started_at = None;
    let way = shelf.best(50);
    assert_eq!((way.reaches, way.exact), (at(45), false), "at the latest");
    assert_eq!(way.loss.basis, Basis::Bounded);
    assert!(shelf.to(45).missed.is_some(), "it may show something earlier");
    assert!(shelf.to(44).ways.is_empty());

    shelf.backups[4].status = Status::Unknown;
    assert!(shelf.to(50).ways.is_empty(), "it wasn’t read yet");
}

#[test]
fn a_managed_service_chooses_by_itself() {
    let mut shelf = shelf();
    shelf.backups.clear();
    shelf.windows = vec![Window {
        source: "rds".into(),
        repo: 0,
        end_lsn: None,
        timelines: Vec::new(),
        ..window(10, 90, &[])
    }];
    let way = shelf.best(50);
    assert_eq!((way.backup(), &way.replay, way.target), (None, &None, Target::Time));
    assert_eq!(shelf.best(90).target, Target::Latest);
}

#[test]
fn where_two_histories_hold_the_moment_only_the_backup_they_both_begin_with_is_sure() {
    let mut shelf = shelf();
    shelf.windows = vec![window(10, 40, &[1]), window(10, 50, &[1, 2])];
    let ways = shelf.to(35).ways;
    let paths: Vec<_> = ways
        .iter()
        .filter_map(|way| Some((way.replay.as_ref()?.timelines.clone(), way.chain.join(" "))))
        .collect();
    assert_eq!(
        paths,
        [(vec![1, 2], "full-1".into()), (vec![1], "full-1".into())],
        "the newest history first"
    );
    assert_eq!(
        shelf.chain(45),
        "full-1",
        "which of the two the increment belongs to isn’t told"
    );
    shelf.windows[0].to = at(15);
    assert_eq!(
        shelf.chain(45),
        "full-1 diff-1 incr-1",
        "the old history had ended before it"
    );
}

#[test]
fn a_backup_of_another_repository_or_source_leads_nowhere() {
    let mut shelf = shelf();
    for backup in &mut shelf.backups {
        backup.repo = Some(2);
    }
    assert_eq!(shelf.chain(35), "");
    shelf.windows.push(Window {
        repo: 2,
        ..window(10, 40, &[1])
    });
    assert_eq!(shelf.best(35).repo, 2);
    shelf.windows[2].source = "pgbr-other".into();
    assert_eq!(shelf.chain(35), "");
}
