//! What each finding about a key tells people to do, by state: whatever changes a key begins with what keeps the way back open, and nothing
//! else stops production.

use super::world::*;
use crate::custody::exposure::Rotated;
use crate::finding::Found;
use crate::inventory::Keys;
use crate::key::Fingerprint;

/// Whether the cure changes a key, in the order of the states.
const CHANGES: [bool; 22] = [
    true, true, false, true, true, true, false, // the verdicts
    false, true, false, false, false, // what keys look like, and what is set beside them
    false, false, false, false, false, false, false, false, // where they are kept
    false, true, // what they sealed
];

fn begins_with_the_way_back(found: &Found) -> bool {
    let [first, second, third, ..] = found.steps.as_slice() else {
        return false;
    };
    first.text.starts_with("Scale Ampora to 0")
        && second.text.starts_with("Take a backup")
        && third.text.starts_with("Count the envelopes that were written since")
}

fn stops_production(found: &Found) -> bool {
    let text = found.recovery();
    text.contains("Scale Ampora to 0") || text.contains("--replicas=0") || text.contains("systemctl stop")
}

#[test]
fn what_changes_a_key_begins_with_the_way_back_and_nothing_else_stops_production() {
    for ((spoil, code, _), changes) in STATES.into_iter().zip(CHANGES) {
        let found = only(&spoilt(spoil));
        assert_eq!(
            begins_with_the_way_back(&found),
            changes,
            "{code}: {}",
            found.recovery()
        );
        assert_eq!(stops_production(&found), changes, "{code}: {}", found.recovery());
        assert!(
            found.steps.len() > if changes { 3 } else { 0 },
            "{code}: and then what?"
        );
        assert!(
            !found.evidence.is_empty() && !found.rivals.is_empty() && !found.refutes.is_empty(),
            "{code}"
        );
    }
}

#[test]
fn what_is_done_about_an_odd_key_hangs_on_whether_it_is_in_use() {
    let table: [(Spoil, bool); 4] = [
        (|keys| keys.versions[0].length_ok = Some(false), false),
        (|keys| keys.versions[1].length_ok = Some(false), true),
        (|keys| keys.versions[0].fingerprint = Some(Fingerprint::Weak), false),
        (|keys| keys.versions[1].fingerprint = Some(Fingerprint::Weak), true),
    ];
    for (spoil, changes) in table {
        let found = only(&spoilt(spoil));
        assert_eq!(begins_with_the_way_back(&found), changes, "{}", found.recovery());
        assert_eq!(stops_production(&found), changes, "{}", found.recovery());
    }
}

#[test]
fn rotating_a_key_that_left_or_is_shared_begins_with_the_way_back() {
    let of = |beside: &Beside, own: &Keys, code: &str| {
        let found = beside.found(own).into_iter().find(|(told, _)| *told == code);
        found.expect("is found").1
    };
    let left = Beside {
        exposures: vec![exposure(Rotated::StillInUse)],
        ..Beside::default()
    };
    assert!(begins_with_the_way_back(&of(&left, &keys(), "key-exposed")));
    assert!(begins_with_the_way_back(&of(
        &Beside::of("staging", &keys()),
        &keys(),
        "key-shared"
    )));
    let old = spoilt(|keys| {
        keys.versions[1].fingerprint = Some(fingerprint("9"));
        keys.in_use = None;
    });
    let found = of(&Beside::of("staging", &old), &keys(), "key-shared");
    assert!(!stops_production(&found), "neither uses it: {}", found.recovery());
}
