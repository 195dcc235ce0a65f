use super::world::*;
use crate::backup::Kind;
use crate::policy::Rule;
use crate::policy::Standing::{Broken, Ok, Unknown, Unset};
use crate::status::Status;

#[test]
fn the_newest_whole_copy_must_be_young() {
    check(
        Rule::FullBackupAge,
        &[
            ("two hours", |_| {}, Ok),
            (
                "too old",
                |w| {
                    w.backups.drain(..2);
                },
                Broken,
            ),
            (
                "exactly as old as allowed",
                |w| w.backups = vec![backup("full", Kind::Full, hours_ago(26))],
                Ok,
            ),
            (
                "a dump is whole too",
                |w| w.backups = vec![backup("dump", Kind::Dump, hours_ago(3))],
                Ok,
            ),
            (
                "so is a snapshot",
                |w| w.backups = vec![backup("snap", Kind::Snapshot, hours_ago(3))],
                Ok,
            ),
            (
                "an increment isn’t",
                |w| w.backups = vec![backup("incr", Kind::Incr, hours_ago(3))],
                Broken,
            ),
            ("nothing at all", |w| w.backups.clear(), Broken),
        ],
    );
}

#[test]
fn what_isn_t_read_or_proven_may_be_young() {
    check(
        Rule::FullBackupAge,
        &[
            (
                "nothing, but a source wasn’t read",
                |w| {
                    w.backups.clear();
                    w.facts.backups_unread = Some("timeout".into());
                },
                Unknown,
            ),
            (
                "too old, but a source wasn’t read",
                |w| {
                    w.backups.drain(..2);
                    w.facts.backups_unread = Some("timeout".into());
                },
                Unknown,
            ),
            (
                "young, though a source wasn’t read",
                |w| w.facts.backups_unread = Some("timeout".into()),
                Ok,
            ),
            (
                "the young ones aren’t proven",
                |w| {
                    for b in &mut w.backups[..2] {
                        b.status = Status::Unknown
                    }
                },
                Unknown,
            ),
            (
                "the young ones are broken",
                |w| {
                    for b in &mut w.backups[..2] {
                        b.status = Status::Broken
                    }
                },
                Broken,
            ),
            (
                "without a time they have no age",
                |w| {
                    for b in &mut w.backups {
                        b.stopped_at = None
                    }
                },
                Unknown,
            ),
            (
                "from the future",
                |w| w.backups.push(backup("next", Kind::Full, hours_ago(-1))),
                Unknown,
            ),
            (
                "a second ahead is no clock that is off",
                |w| {
                    w.backups
                        .push(backup("now", Kind::Full, NOW + chrono::TimeDelta::seconds(1)))
                },
                Ok,
            ),
            ("no limit", |w| w.promises.full_backup_age = None, Unset),
        ],
    );
}

#[test]
fn it_says_how_many_fulls_the_last_day_has_seen() {
    let mut world = good();
    world.backups.push(backup("second", Kind::Full, hours_ago(5)));
    let line = world.line(Rule::FullBackupAge);
    assert_eq!(line.declared.as_deref(), Some("1 d 2 h at most"));
    assert_eq!(line.actual.as_deref(), Some("2 h"));
    assert_eq!(line.detail, "newest: full-0 of pgbr-main; 2 in the last 24 h");
}
