use chrono::{DateTime, TimeDelta};

use super::*;

fn minutes(minutes: i64) -> crate::time::Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

/// Old and new envelopes of two of the manager's versions.
fn half(old: u64, new: u64) -> Finding {
    judge(&evidence(vec![
        group("a", old, &[(0, old)]),
        group("b", new, &[(1, new)]),
    ]))
}

fn shares(finding: &Finding) -> Option<&Shares> {
    finding.shares.as_ref()
}

#[test]
fn a_rotation_moves_for_as_long_as_its_newest_key_gains() {
    let before = judge(&evidence(vec![group("a", 100, &[(0, 100)])])).after(None, minutes(0));
    assert_eq!(before.movement, None);
    let begun = half(70, 30).after(shares(&before), minutes(360));
    assert_eq!((begun.status, begun.movement), (Status::Ok, Some(Movement::Moving)));
    assert!(begun.detail.contains("30.0 %"), "{}", begun.detail);
    let paused = half(70, 30).after(shares(&begun), minutes(400));
    assert_eq!((paused.status, paused.movement), (Status::Ok, Some(Movement::Moving)));
    let stuck = half(70, 30).after(shares(&paused), minutes(421));
    assert_eq!((stuck.status, stuck.movement), (Status::Broken, Some(Movement::Stuck)));
    let goes_on = half(69, 31).after(shares(&stuck), minutes(500));
    assert_eq!(goes_on.movement, Some(Movement::Moving));
    let backwards = half(80, 20).after(shares(&goes_on), minutes(600));
    assert_eq!(backwards.movement, Some(Movement::Stuck));
    let done = judge(&evidence(vec![group("b", 100, &[(1, 100)])])).after(shares(&backwards), minutes(700));
    assert_eq!((done.verdict, done.status), (Verdict::InSync, Status::Ok));
}

#[test]
fn the_first_proof_knows_of_no_movement() {
    let first = half(70, 30).after(None, minutes(0));
    assert_eq!((first.status, first.movement), (Status::Broken, Some(Movement::Stuck)));
    assert_eq!(half(70, 30).movement, None, "nobody asked");
}

#[test]
fn what_moves_towards_a_key_that_the_manager_lacks_stays_broken() {
    let before = half(100, 0).after(None, minutes(0));
    for newest in [group("z", 40, &[]), group("d", 40, &[(3, 40)])] {
        let rotating = judge(&evidence(vec![group("b", 60, &[(1, 60)]), newest]));
        let seen = rotating.after(shares(&before), minutes(10));
        assert_eq!((seen.status, seen.movement), (Status::Broken, Some(Movement::Moving)));
    }
}

#[test]
fn a_proof_of_nothing_keeps_what_was_known_of_shares() {
    let before = half(70, 30).after(None, minutes(0));
    let nothing = judge(&evidence(Vec::new())).after(shares(&before), minutes(10));
    assert_eq!(nothing.shares, before.shares);
}

#[test]
fn an_estimated_share_moves_only_beyond_chance() {
    let estimated = |old: u64, new: u64| {
        let sampled = |group: Group| Group {
            rows: group.sampled * 1000,
            counted: false,
            ..group
        };
        let groups = [group("a", old, &[(0, old)]), group("b", new, &[(1, new)])];
        judge(&evidence(groups.map(sampled).into()))
    };
    let before = estimated(5000, 5000).after(None, minutes(0));
    let chance = estimated(4950, 5050).after(shares(&before), minutes(10));
    assert_eq!(chance.movement, Some(Movement::Stuck));
    let grown = estimated(4000, 6000).after(shares(&before), minutes(10));
    assert_eq!(grown.movement, Some(Movement::Moving));
}

#[test]
fn shares_go_by_all_rows_not_by_those_that_were_sampled() {
    let large = Group {
        rows: 900_000,
        ..group("a", 200, &[(0, 200)])
    };
    let small = Group {
        rows: 100_000,
        ..group("b", 200, &[(1, 200)])
    };
    let shares = judge(&evidence(vec![large, small])).shares.expect("proven");
    assert_eq!(
        (shares.newest.as_str(), shares.of(&shares.newest)),
        (id("b").0.as_str(), 100_000)
    );
    assert_eq!(shares.margin, 0);
}
