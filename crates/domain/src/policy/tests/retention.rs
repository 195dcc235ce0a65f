use chrono::TimeDelta;

use super::world::*;
use crate::backup::Kind;
use crate::policy::Standing::{Broken, Ok, Unknown, Unset};
use crate::policy::{AuditSpan, ManagedSpan, Rule, Vanished};
use crate::status::Status;
use crate::time::Timestamp;

fn gone(kind: Kind, stopped_days: i64, gone_days: i64) -> Vanished {
    Vanished {
        source: "pgbr-main".into(),
        label: "gone".into(),
        kind,
        stopped_at: days_ago(stopped_days),
        gone_at: days_ago(gone_days),
    }
}

fn young(world: &mut World, days: i64, oldest_full_days: i64) {
    world.facts.oldest_evidence = Some(days_ago(days));
    world.facts.observed_since = Some(days_ago(1));
    world.facts.audit = unknown();
    world.backups = vec![backup("full", Kind::Full, days_ago(oldest_full_days))];
}

#[test]
fn the_oldest_full_reaches_back_as_far_as_promised() {
    check(
        Rule::FullRetention,
        &[
            ("forty days", |_| {}, Ok),
            ("ten days", |w| w.backups.truncate(10), Broken),
            (
                "ten days, but a source wasn’t read",
                |w| {
                    w.backups.truncate(10);
                    w.facts.backups_unread = Some("timeout".into());
                },
                Unknown,
            ),
            (
                "ten days proven, more in doubt",
                |w| {
                    for b in &mut w.backups[10..] {
                        b.status = Status::Unknown
                    }
                },
                Unknown,
            ),
            ("nothing", |w| w.backups.clear(), Broken),
            (
                "from the future",
                |w| w.backups.push(backup("next", Kind::Full, hours_ago(-1))),
                Unknown,
            ),
            (
                "a managed service reaches back",
                |w| {
                    w.backups.clear();
                    w.facts.managed = vec![ManagedSpan {
                        source: "pgbr-main".into(),
                        latest: minutes_ago(4),
                        retention_days: 35,
                    }];
                },
                Ok,
            ),
            (
                "a managed service doesn’t",
                |w| {
                    w.backups.clear();
                    w.windows = vec![window(days_ago(7), minutes_ago(1))];
                    w.facts.managed = vec![ManagedSpan {
                        source: "pgbr-main".into(),
                        latest: minutes_ago(4),
                        retention_days: 7,
                    }];
                },
                Broken,
            ),
            ("no limit", |w| w.promises.full_retention = None, Unset),
        ],
    );
}

#[test]
fn a_full_that_goes_before_its_time_breaks_the_promise_until_its_time_is_over() {
    check(
        Rule::FullRetention,
        &[
            (
                "gone after three days",
                |w| w.facts.vanished = vec![gone(Kind::Full, 12, 9)],
                Broken,
            ),
            (
                "a dump too",
                |w| w.facts.vanished = vec![gone(Kind::Dump, 12, 9)],
                Broken,
            ),
            (
                "even if nothing is left",
                |w| {
                    w.backups.clear();
                    w.facts.vanished = vec![gone(Kind::Full, 12, 9)];
                },
                Broken,
            ),
            (
                "an increment may go",
                |w| w.facts.vanished = vec![gone(Kind::Incr, 12, 9)],
                Ok,
            ),
            (
                "its time is over by now",
                |w| w.facts.vanished = vec![gone(Kind::Full, 42, 39)],
                Ok,
            ),
            (
                "gone in due time",
                |w| w.facts.vanished = vec![gone(Kind::Full, 41, 10)],
                Ok,
            ),
        ],
    );
}

#[test]
fn the_next_one_to_go_may_be_a_little_younger_than_the_time_each_is_kept() {
    let mut world = good();
    world.backups.truncate(30);
    assert_eq!(world.line(Rule::FullRetention).verdict, Broken);
    world.facts.vanished = vec![gone(Kind::Full, 31, 1)];
    assert_eq!(world.line(Rule::FullRetention).verdict, Ok);
    world.facts.vanished.push(gone(Kind::Full, 30, 1));
    assert_eq!(
        world.line(Rule::FullRetention).verdict,
        Broken,
        "the one right before it went too early"
    );
}

#[test]
fn a_deployment_has_no_backups_from_before_it_began() {
    check(
        Rule::FullRetention,
        &[
            ("saved from its first day", |w| young(w, 10, 9), Ok),
            (
                "saved late, and nobody saw whether there was more",
                |w| young(w, 10, 2),
                Unknown,
            ),
            (
                "saved late, but watched from before",
                |w| {
                    young(w, 10, 2);
                    w.facts.observed_since = Some(days_ago(9));
                },
                Ok,
            ),
            (
                "its age isn’t known",
                |w| {
                    young(w, 10, 9);
                    w.facts.oldest_evidence = None;
                },
                Unknown,
            ),
            (
                "its log tells its age",
                |w| {
                    young(w, 10, 9);
                    w.facts.oldest_evidence = None;
                    audit(w, Some(days_ago(10)));
                },
                Ok,
            ),
            (
                "its log is older than what was promised",
                |w| {
                    young(w, 10, 9);
                    audit(w, Some(days_ago(31)));
                },
                Broken,
            ),
            (
                "Muster has known it longer than that",
                |w| {
                    young(w, 10, 9);
                    w.facts.oldest_evidence = None;
                    w.facts.observed_since = Some(days_ago(31));
                },
                Broken,
            ),
            (
                "saved from its first day, but nothing of it is usable",
                |w| {
                    young(w, 10, 9);
                    w.backups.clear();
                },
                Broken,
            ),
        ],
    );
}

fn audit(world: &mut World, oldest: Option<Timestamp>) {
    world.facts.audit = known(AuditSpan { oldest, newest: oldest });
}

#[test]
fn the_audit_log_reaches_back_to_the_beginning_or_as_far_as_it_is_kept() {
    check(
        Rule::AuditRetention,
        &[
            ("as far as it is kept", |_| {}, Ok),
            (
                "swept an hour ago",
                |w| audit(w, Some(days_ago(365) + TimeDelta::hours(1))),
                Ok,
            ),
            ("cut short", |w| audit(w, Some(days_ago(100))), Broken),
            (
                "as old as the deployment",
                |w| {
                    audit(w, Some(days_ago(100)));
                    w.facts.oldest_evidence = None;
                    w.facts.observed_since = Some(days_ago(100) - TimeDelta::minutes(5));
                },
                Ok,
            ),
            (
                "older than anything else",
                |w| {
                    audit(w, Some(days_ago(100)));
                    w.facts.oldest_evidence = Some(days_ago(30));
                    w.facts.observed_since = None;
                },
                Ok,
            ),
            (
                "nothing but the log is known",
                |w| {
                    audit(w, Some(days_ago(100)));
                    w.facts.oldest_evidence = None;
                    w.facts.observed_since = None;
                },
                Unknown,
            ),
            ("empty, and the deployment isn’t new", |w| audit(w, None), Broken),
            (
                "empty and new",
                |w| {
                    audit(w, None);
                    w.facts.oldest_evidence = Some(hours_ago(2));
                    w.facts.observed_since = Some(hours_ago(1));
                },
                Unknown,
            ),
            (
                "empty, and nothing else is known",
                |w| {
                    audit(w, None);
                    w.facts.oldest_evidence = None;
                    w.facts.observed_since = None;
                },
                Unknown,
            ),
            ("unread", |w| w.facts.audit = unknown(), Unknown),
            (
                "from the future",
                |w| {
                    w.facts.audit = known(AuditSpan {
                        oldest: Some(days_ago(400)),
                        newest: Some(hours_ago(-1)),
                    })
                },
                Unknown,
            ),
            ("no limit", |w| w.promises.audit_retention = None, Unset),
        ],
    );
}
