use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::backup::Kind;
use crate::status::Status;

fn at(minute: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).expect("in range")
}

fn seen(value: &str, since: i64, until: i64) -> Seen {
    Seen {
        value: value.into(),
        since: at(since),
        until: at(until),
    }
}

fn backup(started: Option<i64>, stopped: Option<i64>) -> Backup {
    Backup {
        source: "pgbr-main".into(),
        tool: "pgbackrest".into(),
        repo: None,
        label: "full".into(),
        kind: Kind::Full,
        parent: None,
        started_at: started.map(at),
        stopped_at: stopped.map(at),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: None,
        status: Status::Ok,
        detail: String::new(),
    }
}

#[test]
fn an_upgrade_lies_between_the_last_old_look_and_the_first_new_one() {
    let history = [
        seen("B", 11, 20),
        seen("A", 0, 10),
        seen("B", 21, 30),
        seen("C", 50, 50),
    ];
    let found = upgrades(Part::Image, &history);
    let spans: Vec<_> = found
        .iter()
        .map(|u| (u.from.as_str(), u.to.as_str(), u.last_old, u.first_new))
        .collect();
    assert_eq!(spans, [("A", "B", at(10), at(11)), ("B", "C", at(30), at(50))]);
}

#[test]
fn a_head_that_goes_back_was_restored_while_an_image_that_goes_back_changed() {
    let back = |one: &str, other: &str| [seen(one, 0, 10), seen(other, 11, 20)];
    for (what, from, to, count) in [
        (Part::MigrationHead, "20260101000000_A", "20260201000000_B", 1),
        (Part::MigrationHead, "20260201000000_B", "20260101000000_A", 0),
        // Two of the same second, and ids without a time: no order is known, so nothing is explained away.
        (Part::MigrationHead, "20260201000000_B", "20260201000000_A", 1),
        (Part::MigrationHead, "v9", "v10", 1),
        (Part::MigrationHead, "ünïcödé-ünïcödé", "20260101000000_A", 1),
        (Part::Image, "20260201000000", "20260101000000", 1),
    ] {
        assert_eq!(upgrades(what, &back(from, to)).len(), count, "{from} to {to}");
    }
}

#[test]
fn a_backup_was_written_by_what_ran_while_it_was_taken() {
    let history = [seen("A", 0, 10), seen("B", 20, 30), seen("C", 31, 60)];
    for (started, stopped, expected) in [
        (Some(2), Some(5), "A"),
        (Some(9), Some(11), "AB"),
        (Some(12), Some(15), "AB"),
        (Some(12), Some(21), "AB"),
        (Some(21), Some(29), "B"),
        (Some(5), Some(40), "ABC"),
        (Some(40), Some(70), "C"),
        (Some(70), Some(80), "C"),
        (None, Some(25), "B"),
        (Some(25), None, "B"),
        (Some(-5), Some(5), ""),
        (None, None, ""),
    ] {
        let writers = writers(&[backup(started, stopped)], &history);
        assert_eq!(
            writers["full"].iter().cloned().collect::<String>(),
            expected,
            "{started:?} to {stopped:?}"
        );
    }
    assert!(writers(&[backup(Some(1), Some(2))], &[])["full"].is_empty());
}

prop_compose! {
    fn history()(
        runs in prop::collection::vec(("[A-D]", 0i64..100, 0i64..20), 0..12),
    ) -> Vec<Seen> {
        runs.into_iter().map(|(value, since, length)| seen(&value, since, since + length)).collect()
    }
}

proptest! {
    #[test]
    fn an_upgrade_changes_something_and_never_ends_before_it_began(history in history()) {
        for upgrade in upgrades(Part::Image, &history) {
            prop_assert!(upgrade.from != upgrade.to && upgrade.last_old <= upgrade.first_new);
        }
    }

    /// Whatever was seen running at some moment of the backup is among its writers.
    #[test]
    fn no_writer_that_was_seen_is_left_out(history in history(), started in 0i64..120, took in 0i64..30) {
        let writers = writers(&[backup(Some(started), Some(started + took))], &history);
        let after_the_first_look = history.iter().any(|run| run.since <= at(started));
        prop_assert_eq!(!writers["full"].is_empty(), after_the_first_look);
        let newest_before = history.iter().filter(|run| run.since <= at(started)).map(|run| run.since).max();
        for run in history.iter().filter(|run| at(started) < run.since && run.since <= at(started + took)) {
            prop_assert!(!after_the_first_look || writers["full"].contains(&run.value), "{:?}", run);
        }
        for run in history.iter().filter(|run| Some(run.since) == newest_before && run.until >= at(started)) {
            prop_assert!(writers["full"].contains(&run.value) || overlaps(&history, run), "{:?}", run);
        }
    }
}

/// Whether another run began at the same look.
fn overlaps(history: &[Seen], run: &Seen) -> bool {
    history.iter().filter(|other| other.since == run.since).count() > 1
}
