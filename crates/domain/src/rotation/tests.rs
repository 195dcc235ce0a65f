use chrono::{DateTime, TimeDelta};

use super::*;
use crate::history::Seen;
use crate::time::Timestamp;

mod looks;
mod properties;

const HOUR: i64 = 3_600;
/// Looks are six hours apart, and each is believed for three times as long.
const STANDS: TimeDelta = TimeDelta::hours(18);

/// Hours after Sun 1 Nov 2026, 00:00 UTC.
fn hour(hours: i64) -> Timestamp {
    DateTime::from_timestamp(1_793_491_200 + hours * HOUR, 0).expect("in range")
}

fn key(digit: char) -> String {
    std::iter::repeat_n(digit, 32).collect()
}

/// A lane of runs: value, first look, last look, in hours.
fn lane(runs: &[(&str, i64, i64)], now: i64) -> Vec<Span> {
    let run = |(value, since, until): &(&str, i64, i64)| Seen {
        value: (*value).into(),
        since: hour(*since),
        until: hour(*until),
    };
    let runs: Vec<_> = runs.iter().map(run).collect();
    spans(&runs, STANDS, hour(now))
}

fn said(
    manager: &[(&str, i64, i64)],
    in_use: &[(&str, i64, i64)],
    envelopes: &[(&str, i64, i64)],
    now: i64,
) -> Vec<String> {
    let [manager, in_use, envelopes] = [manager, in_use, envelopes].map(|runs| lane(runs, now));
    let found = partings(&manager, &in_use, &envelopes);
    found.iter().map(|apart| apart.words(hour(now))).collect()
}

#[test]
fn what_never_parted_says_nothing() {
    let (a, b) = (key('a'), key('b'));
    let rotated = [(a.as_str(), 0, 48), (b.as_str(), 54, 96)];
    assert_eq!(said(&rotated, &rotated, &rotated, 96), [""; 0]);
    assert_eq!(
        said(&rotated, &[], &rotated, 100),
        [""; 0],
        "nobody has to say what Ampora runs with"
    );
    assert_eq!(said(&[], &[], &[], 100), [""; 0]);
}

#[test]
fn what_parted_and_still_is_counts_from_the_first_look_that_saw_it() {
    let (a, b) = (key('a'), key('b'));
    let manager = [(a.as_str(), 0, 480)];
    let live = [(a.as_str(), 0, 264), (b.as_str(), 270, 480)];
    assert_eq!(said(&manager, &live, &live, 484), ["parted 12 Nov 06:00, for 8 d 22 h"]);
    let [manager, live] = [lane(&manager, 484), lane(&live, 484)];
    let apart = &partings(&manager, &live, &live)[0];
    assert_eq!((apart.began, apart.ended), (Began::After(hour(264)), Ended::Not));
    assert_eq!(apart.seconds(hour(484)), 214 * HOUR);
}

#[test]
fn what_joined_again_says_when_and_after_how_long() {
    let (a, b) = (key('a'), key('b'));
    let manager = [(a.as_str(), 0, 100), (b.as_str(), 106, 200)];
    let live = [(a.as_str(), 0, 82), (b.as_str(), 88, 200)];
    let first = "parted 4 Nov 16:00, joined again 5 Nov 10:00, after 18 h";
    assert_eq!(said(&manager, &live, &live, 200), [first]);
    let again = [(a.as_str(), 0, 82), (b.as_str(), 88, 190), (a.as_str(), 196, 200)];
    assert_eq!(
        said(&manager, &again, &again, 200),
        [first, "parted 9 Nov 04:00, for 4 h"]
    );
}

#[test]
fn what_nobody_saw_in_between_is_not_made_up() {
    let (a, b) = (key('a'), key('b'));
    let live = [(b.as_str(), 0, 300)];
    for (after, ended) in [(&a, ", for 12 d 12 h"), (&b, ", joined again 5 Nov 00:00, after 4 d")] {
        let manager = [
            (a.as_str(), 0, 60),
            ("unknown: no answer", 66, 90),
            (after.as_str(), 96, 300),
        ];
        let expected = format!("apart when first seen, 1 Nov 00:00{ended}; for a part of it nobody knows");
        assert_eq!(said(&manager, &[], &live, 300), [expected]);
    }
}

#[test]
fn a_parting_that_went_out_of_sight_ends_where_the_last_look_ceases_to_stand() {
    let (a, b) = (key('a'), key('b'));
    let manager = [(a.as_str(), 0, 60)];
    let live = [(a.as_str(), 0, 30), (b.as_str(), 36, 60)];
    assert_eq!(
        said(&manager, &live, &live, 200),
        ["parted 2 Nov 12:00, for 1 d 18 h; not known since 4 Nov 06:00"]
    );
    let parted_unseen = [(a.as_str(), 0, 30), (b.as_str(), 150, 200)];
    let steady = [(a.as_str(), 0, 200)];
    assert_eq!(
        said(&steady, &parted_unseen, &parted_unseen, 200),
        ["parted between 2 Nov 06:00 and 7 Nov 06:00, for 2 d 2 h"]
    );
}

#[test]
fn a_look_of_this_very_moment_counts() {
    let (a, b) = (key('a'), key('b'));
    assert_eq!(
        said(&[(&a, 9, 9)], &[], &[(&b, 9, 9)], 9),
        ["apart when first seen, 1 Nov 09:00, for 0 s"]
    );
}

#[test]
fn keys_that_can_be_guessed_have_no_names_to_compare() {
    assert_eq!(
        said(&[("weak", 0, 9)], &[("weak", 0, 9)], &[(&key('b'), 0, 9)], 9),
        [""; 0]
    );
    assert_eq!(
        said(&[(&key('b'), 0, 9)], &[("weak", 0, 9)], &[("weak", 0, 9)], 9),
        [""; 0]
    );
}

#[test]
fn half_a_rotation_is_apart_and_so_is_a_key_that_nobody_has() {
    let (a, b) = (key('a'), key('b'));
    let mixed = format!("mixed: {a} {b}");
    for live in [mixed.as_str(), "none"] {
        let live = [(b.as_str(), 0, 6), (live, 12, 18), (b.as_str(), 24, 30)];
        assert_eq!(
            said(&[(&b, 0, 30)], &[(&b, 0, 30)], &live, 30),
            ["parted 1 Nov 12:00, joined again 2 Nov 00:00, after 12 h"]
        );
    }
}

#[test]
fn that_all_is_one_key_takes_the_envelopes_and_a_difference_doesnt() {
    let (a, b) = (key('a'), key('b'));
    let unread = [("unknown: no answer", 0, 30)];
    let steady = [(a.as_str(), 0, 30)];
    let rotated = [(a.as_str(), 0, 6), (b.as_str(), 12, 18), (a.as_str(), 24, 30)];
    assert_eq!(
        said(&steady, &rotated, &unread, 30),
        ["apart when first seen, 1 Nov 12:00, for 12 h; not known since 2 Nov 00:00"]
    );
}
