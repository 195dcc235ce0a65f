use super::world::*;
use crate::backup::{Backup, Kind};
use crate::policy::Standing::{Broken, Ok, Unknown, Unset};
use crate::policy::{ManagedSpan, Rule};
use crate::status::Status;

fn windows_end(world: &mut World, minutes: i64) {
    world.windows = vec![window(days_ago(39), minutes_ago(minutes))];
}

fn inexact(world: &mut World) {
    for window in &mut world.windows {
        window.exact = false;
    }
}

/// Nothing but a dump, begun half an hour before its end.
fn only_dump(world: &mut World, ended: i64) -> &mut Backup {
    world.windows.clear();
    world.backups = vec![backup("dump", Kind::Dump, minutes_ago(ended))];
    &mut world.backups[0]
}

#[test]
fn the_best_window_ends_close_to_production() {
    check(
        Rule::Rpo,
        &[
            ("a minute", |_| {}, Ok),
            ("an hour", |w| windows_end(w, 60), Broken),
            (
                "an hour, but production was idle",
                |w| {
                    windows_end(w, 60);
                    w.facts.newest_commit = known(minutes_ago(60));
                },
                Ok,
            ),
            (
                "one window of two is enough",
                |w| w.windows.insert(0, window(days_ago(9), days_ago(2))),
                Ok,
            ),
            (
                "an hour, and a source wasn’t read",
                |w| {
                    windows_end(w, 60);
                    w.facts.backups_unread = Some("timeout".into());
                },
                Unknown,
            ),
            (
                "production can’t be asked: no more than until now",
                |w| w.facts.newest_commit = unknown(),
                Ok,
            ),
            (
                "production can’t be asked, and the end is an hour ago",
                |w| {
                    windows_end(w, 60);
                    w.facts.newest_commit = unknown();
                },
                Unknown,
            ),
            ("its end is known by a segment’s arrival only", inexact, Unknown),
            (
                "even that is an hour ago",
                |w| {
                    windows_end(w, 60);
                    inexact(w);
                },
                Broken,
            ),
            (
                "inexact, but the whole window is young",
                |w| {
                    w.windows = vec![window(minutes_ago(14), minutes_ago(1))];
                    inexact(w);
                },
                Ok,
            ),
            ("it ends in the future", |w| windows_end(w, -60), Unknown),
            (
                "production is in the future",
                |w| w.facts.newest_commit = known(hours_ago(-1)),
                Unknown,
            ),
            ("no limit", |w| w.promises.rpo = None, Unset),
        ],
    );
}

#[test]
fn copies_and_services_lose_what_came_after_them() {
    check(
        Rule::Rpo,
        &[
            (
                "a fresh dump counts from its start",
                |w| {
                    only_dump(w, 1);
                },
                Broken,
            ),
            (
                "begun ten minutes ago",
                |w| only_dump(w, 1).started_at = Some(minutes_ago(10)),
                Ok,
            ),
            (
                "it doesn’t tell when it was begun",
                |w| only_dump(w, 1).started_at = None,
                Unknown,
            ),
            (
                "it ended too long ago, whenever it was begun",
                |w| only_dump(w, 60).started_at = None,
                Broken,
            ),
            (
                "a dump that wasn’t read yet",
                |w| {
                    let dump = only_dump(w, 1);
                    dump.started_at = Some(minutes_ago(5));
                    dump.status = Status::Unknown;
                },
                Unknown,
            ),
        ],
    );
}

#[test]
fn without_a_window_or_a_copy_everything_is_lost_or_nothing_known() {
    check(
        Rule::Rpo,
        &[
            (
                "a full that no WAL carries on",
                |w| {
                    w.windows.clear();
                    w.backups.truncate(1);
                },
                Broken,
            ),
            (
                "a full that isn’t proven may open a window",
                |w| {
                    w.windows.clear();
                    w.backups.truncate(1);
                    w.backups[0].status = Status::Unknown;
                },
                Unknown,
            ),
            (
                "a full that isn’t proven in a window that ends too early",
                |w| {
                    windows_end(w, 60);
                    w.backups[1].status = Status::Unknown;
                },
                Broken,
            ),
            (
                "a dump without any time",
                |w| {
                    let dump = only_dump(w, 1);
                    (dump.started_at, dump.stopped_at) = (None, None);
                },
                Unknown,
            ),
            (
                "a managed service",
                |w| {
                    w.windows.clear();
                    w.facts.managed = vec![ManagedSpan {
                        source: "rds".into(),
                        latest: minutes_ago(5),
                        retention_days: 7,
                    }];
                },
                Ok,
            ),
            (
                "nothing",
                |w| {
                    w.windows.clear();
                    w.backups.clear();
                },
                Broken,
            ),
            (
                "nothing that was read",
                |w| {
                    w.windows.clear();
                    w.backups.clear();
                    w.facts.backups_unread = Some("timeout".into());
                },
                Unknown,
            ),
        ],
    );
}

#[test]
fn the_figure_says_how_well_it_is_known() {
    let mut world = good();
    assert_eq!(world.line(Rule::Rpo).actual.as_deref(), Some("1 min"));
    inexact(&mut world);
    assert_eq!(world.line(Rule::Rpo).actual.as_deref(), Some("1 min to 39 d"));
    world.facts.newest_commit = unknown();
    assert_eq!(world.line(Rule::Rpo).actual.as_deref(), Some("39 d at most"));
    only_dump(&mut world, 90).started_at = None;
    assert_eq!(world.line(Rule::Rpo).actual.as_deref(), Some("1 h 30 min at least"));
}
