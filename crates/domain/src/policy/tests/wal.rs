use super::world::*;
use crate::policy::Standing::{Broken, Ok, Unknown, Unset};
use crate::policy::{Lag, ManagedSpan, Rule};
use crate::time::Timestamp;
use crate::window::Gap;

fn archiver(world: &mut World, mode: &str, archived: Option<Timestamp>, failed: Option<Timestamp>) {
    world.facts.archiver = known(crate::vitals::ArchiveState {
        mode: mode.into(),
        last_archived: None,
        last_archived_at: archived,
        last_failed_at: failed,
    });
}

fn waiting(world: &mut World, since: Timestamp) {
    world.facts.lags.push(Lag {
        source: "pgbr-main".into(),
        repo: 2,
        oldest_unarchived: known(Some(since)),
    });
}

/// A managed service instead of an archive.
fn managed(world: &mut World, latest: Timestamp) {
    world.facts.lags.clear();
    world.facts.archiver = unknown();
    world.facts.managed = vec![ManagedSpan {
        source: "rds".into(),
        latest,
        retention_days: 35,
    }];
}

#[test]
fn wal_leaves_as_it_is_written() {
    check(
        Rule::WalArchiving,
        &[
            ("a minute behind", |_| {}, Ok),
            (
                "idle: nothing waits",
                |w| w.facts.lags[0].oldest_unarchived = known(None),
                Ok,
            ),
            ("a commit waits too long", |w| waiting(w, minutes_ago(16)), Broken),
            (
                "one of two repositories wasn’t read",
                |w| {
                    w.facts.lags.push(Lag {
                        source: "pgbr-main".into(),
                        repo: 2,
                        oldest_unarchived: unknown(),
                    })
                },
                Unknown,
            ),
            ("a commit from the future", |w| waiting(w, hours_ago(-1)), Unknown),
            ("off", |w| archiver(w, "off", None, None), Broken),
            ("a mode nobody knows", |w| archiver(w, "sometimes", None, None), Unknown),
            (
                "failing",
                |w| archiver(w, "on", Some(minutes_ago(9)), Some(minutes_ago(2))),
                Broken,
            ),
            (
                "failing from the start",
                |w| archiver(w, "always", None, Some(minutes_ago(2))),
                Broken,
            ),
            (
                "failed once, and works again",
                |w| archiver(w, "always", Some(minutes_ago(1)), Some(minutes_ago(2))),
                Ok,
            ),
            (
                "its clock is off",
                |w| archiver(w, "on", Some(hours_ago(-2)), None),
                Unknown,
            ),
            ("unread", |w| w.facts.archiver = unknown(), Unknown),
            ("no limit", |w| w.promises.wal_lag = None, Unset),
        ],
    );
}

#[test]
fn a_managed_service_is_measured_by_its_latest_restorable_time() {
    check(
        Rule::WalArchiving,
        &[
            ("five minutes", |w| managed(w, minutes_ago(5)), Ok),
            (
                "an hour, and production goes on",
                |w| managed(w, minutes_ago(60)),
                Broken,
            ),
            (
                "an hour, but nothing was committed since",
                |w| {
                    managed(w, minutes_ago(60));
                    w.facts.newest_commit = known(minutes_ago(61));
                },
                Ok,
            ),
            (
                "an hour, and nobody knows of commits",
                |w| {
                    managed(w, minutes_ago(60));
                    w.facts.newest_commit = unknown();
                },
                Unknown,
            ),
            ("in the future", |w| managed(w, minutes_ago(-60)), Unknown),
        ],
    );
}

#[test]
fn without_any_archive_the_database_may_tell_that_there_is_none() {
    check(
        Rule::WalArchiving,
        &[
            (
                "off",
                |w| {
                    w.facts.lags.clear();
                    archiver(w, "off", None, None);
                },
                Broken,
            ),
            ("it goes somewhere", |w| w.facts.lags.clear(), Unknown),
            (
                "unread",
                |w| {
                    w.facts.lags.clear();
                    w.facts.archiver = unknown();
                },
                Unknown,
            ),
        ],
    );
}

#[test]
fn the_worst_repository_counts_and_is_named() {
    let mut world = good();
    waiting(&mut world, minutes_ago(40));
    let line = world.line(Rule::WalArchiving);
    assert_eq!(line.actual.as_deref(), Some("40 min"));
    assert_eq!(line.detail, "pgbr-main repo2 lacks commits of 40 min ago and later");
}

fn gap(to: Option<Timestamp>) -> Gap {
    Gap {
        source: "pgbr-main".into(),
        repo: 1,
        timeline: 1,
        first_missing: "000000010000000000000005".into(),
        last_missing: "000000010000000000000006".into(),
        from: days_ago(3),
        to,
    }
}

#[test]
fn archived_wal_has_no_hole() {
    check(
        Rule::WalGaps,
        &[
            ("whole", |_| {}, Ok),
            ("torn", |w| w.gaps = vec![gap(None)], Broken),
            (
                "torn, though a source wasn’t read",
                |w| {
                    w.gaps = vec![gap(None)];
                    w.facts.backups_unread = Some("timeout".into());
                },
                Broken,
            ),
            (
                "whole as far as read",
                |w| w.facts.backups_unread = Some("timeout".into()),
                Unknown,
            ),
            ("no window", |w| w.windows.clear(), Unknown),
            (
                "nothing archives WAL",
                |w| {
                    w.windows.clear();
                    w.facts.lags.clear();
                },
                Unset,
            ),
        ],
    );
}

#[test]
fn a_hole_is_named_with_its_ends() {
    let mut world = good();
    world.gaps = vec![gap(Some(days_ago(2)))];
    let line = world.line(Rule::WalGaps);
    assert_eq!(line.actual.as_deref(), Some("1"));
    assert_eq!(
        line.detail,
        "pgbr-main repo1 lacks 000000010000000000000005 to 000000010000000000000006: nothing from 2026-09-18 14:13:20 UTC to 2026-09-19 14:13:20 UTC"
    );
}
