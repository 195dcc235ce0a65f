use chrono::TimeDelta;

use super::world::*;
use crate::backup::Kind;
use crate::policy::Standing::{Broken, Ok, Unknown};
use crate::policy::{Fact, Rule, Vanished};
use crate::status::Status;
use crate::upgrade::{Part, Upgrade};

/// Upgraded 100 hours ago, between two looks a minute apart; nothing was saved and no window is open.
fn upgraded(world: &mut World) {
    world.backups.clear();
    world.windows.clear();
    world.facts.upgrades = known(vec![Upgrade {
        what: Part::MigrationHead,
        from: "20260101000000_A".into(),
        to: "20260201000000_B".into(),
        last_old: hours_ago(100),
        first_new: hours_ago(100) + TimeDelta::minutes(1),
    }]);
}

fn saved(world: &mut World, hours: i64) {
    upgraded(world);
    world.backups.push(backup("dump", Kind::Dump, hours_ago(hours)));
}

#[test]
fn every_upgrade_needs_a_way_back() {
    check(
        Rule::PreUpgradeSnapshot,
        &[
            ("none was seen", |_| {}, Ok),
            ("nothing was saved", upgraded, Broken),
            ("saved an hour before", |w| saved(w, 101), Ok),
            ("saved a day before", |w| saved(w, 124), Ok),
            ("saved too early", |w| saved(w, 125), Broken),
            ("saved afterwards", |w| saved(w, 99), Broken),
            (
                "saved while nobody looked",
                |w| {
                    saved(w, 102);
                    let Fact::Known { value, .. } = &mut w.facts.upgrades else {
                        return;
                    };
                    value[0].last_old = hours_ago(103);
                },
                Unknown,
            ),
            (
                "saved, but not proven",
                |w| {
                    saved(w, 101);
                    w.backups[0].status = Status::Unknown;
                },
                Unknown,
            ),
            (
                "saved, but broken",
                |w| {
                    saved(w, 101);
                    w.backups[0].status = Status::Broken;
                },
                Broken,
            ),
            (
                "an increment is no snapshot",
                |w| {
                    saved(w, 101);
                    w.backups[0].kind = Kind::Incr;
                },
                Broken,
            ),
        ],
    );
}

#[test]
fn other_ways_back_count_as_well() {
    check(
        Rule::PreUpgradeSnapshot,
        &[
            (
                "a window covers its start",
                |w| {
                    upgraded(w);
                    w.windows = vec![window(hours_ago(150), hours_ago(100))];
                },
                Ok,
            ),
            (
                "the window ends before",
                |w| {
                    upgraded(w);
                    w.windows = vec![window(hours_ago(150), hours_ago(101))];
                },
                Broken,
            ),
            (
                "saved, and deleted since",
                |w| {
                    upgraded(w);
                    w.facts.vanished = vec![vanished(101, 50)];
                },
                Ok,
            ),
            (
                "deleted before it could help",
                |w| {
                    upgraded(w);
                    w.facts.vanished = vec![vanished(110, 101)];
                },
                Broken,
            ),
            (
                "a source wasn’t read",
                |w| {
                    upgraded(w);
                    w.facts.backups_unread = Some("timeout".into());
                },
                Unknown,
            ),
        ],
    );
}

#[test]
fn an_upgrade_that_isn_t_seen_can_t_be_judged() {
    check(
        Rule::PreUpgradeSnapshot,
        &[
            (
                "older than copies are kept",
                |w| {
                    upgraded(w);
                    w.promises.full_retention = Some(TimeDelta::days(4));
                },
                Ok,
            ),
            ("heads and images unread", |w| w.facts.upgrades = unknown(), Unknown),
            ("nobody knows since when", |w| w.facts.observed_since = None, Unknown),
            (
                "a backup from the future",
                |w| {
                    saved(w, 101);
                    w.backups.push(backup("next", Kind::Full, hours_ago(-1)));
                },
                Unknown,
            ),
        ],
    );
}

fn vanished(stopped: i64, gone: i64) -> Vanished {
    Vanished {
        source: "dumps".into(),
        label: "dump".into(),
        kind: Kind::Dump,
        stopped_at: hours_ago(stopped),
        gone_at: hours_ago(gone),
    }
}

#[test]
fn it_counts_the_upgrades_and_names_what_changed() {
    let mut world = good();
    upgraded(&mut world);
    let line = world.line(Rule::PreUpgradeSnapshot);
    assert_eq!(line.actual.as_deref(), Some("0 of 1"));
    assert_eq!(
        line.detail,
        "migration head changed after 17 Sep 10:13:20, and nothing was saved in the 24 h before"
    );
}
