use chrono::DateTime;

use super::*;
use crate::drift::Verdict;
use crate::inventory::{Envelopes, InUse, KeyVersion};
use crate::status::Status;

fn at(hour: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + hour * 3600, 0).expect("in range")
}

fn key(digit: char) -> Fingerprint {
    Fingerprint::Keyed(digit.to_string().repeat(32))
}

fn version(digit: char, opens: Option<u32>) -> KeyVersion {
    KeyVersion {
        manager: "file /keys".into(),
        version: digit.into(),
        fingerprint: Some(key(digit)),
        key_id: None,
        created_at: None,
        current: false,
        state: "enabled".into(),
        keep: crate::custody::Keep::Kept,
        labels: Vec::new(),
        length_ok: Some(true),
        untidy: false,
        opens,
        of: Some(9),
        detail: String::new(),
    }
}

/// A proof in which these keys opened so many of nine envelopes, and Ampora runs with `running`.
fn proof(opens: &[(char, u32)], running: char) -> Keys {
    Keys {
        name: "demo".into(),
        verdict: Verdict::InSync,
        status: Status::Ok,
        detail: String::new(),
        secret: None,
        versions: opens
            .iter()
            .map(|(digit, opens)| version(*digit, Some(*opens)))
            .collect(),
        in_use: Some(InUse {
            source: "/etc/ampora/ampora.env".into(),
            fingerprint: Some(key(running)),
            key_id: None,
            version: None,
            previous_set: false,
            length_ok: Some(true),
            previous: None,
            opens: None,
            of: None,
            detail: String::new(),
        }),
        envelopes: Envelopes {
            sampled: 9,
            opened: opens.iter().map(|(_, opens)| opens).sum(),
            ..Envelopes::default()
        },
        replicas: Vec::new(),
        coverage: Vec::new(),
        uncovered: Vec::new(),
    }
}

fn opening(digit: char, first: i64, last: i64) -> Opening {
    Opening {
        fingerprint: key(digit),
        first_at: at(first),
        last_at: at(last),
    }
}

#[test]
fn only_a_later_proof_of_other_keys_alone_is_a_rotation() {
    let openings = [opening('a', 0, 12), opening('b', 18, 30)];
    let unknown = |why: &str| Rotated::Unknown { why: why.into() };
    let table = [
        (
            "still opens all",
            proof(&[('a', 9), ('b', 0)], 'a'),
            30,
            Rotated::StillInUse,
        ),
        (
            "half rotated",
            proof(&[('a', 1), ('b', 8)], 'b'),
            30,
            Rotated::StillInUse,
        ),
        (
            "Ampora still has it",
            proof(&[('a', 0), ('b', 9)], 'a'),
            30,
            Rotated::StillInUse,
        ),
        (
            "rotated",
            proof(&[('a', 0), ('b', 9)], 'b'),
            30,
            Rotated::Yes { since: at(18) },
        ),
        (
            "removed, too",
            proof(&[('b', 9)], 'b'),
            30,
            Rotated::Yes { since: at(18) },
        ),
        (
            "damage doesn't matter",
            proof(&[('a', 0), ('b', 8)], 'b'),
            30,
            Rotated::Yes { since: at(18) },
        ),
        (
            "removed, and something stays shut",
            proof(&[('b', 8)], 'b'),
            30,
            unknown("it is no version of the manager any more, and some envelopes open with nothing else"),
        ),
        (
            "an earlier proof",
            proof(&[('a', 0), ('b', 9)], 'b'),
            10,
            unknown("no proof was made since then"),
        ),
        (
            "nothing opened",
            proof(&[('a', 0), ('b', 0)], 'b'),
            30,
            unknown("the latest proof opened no envelope"),
        ),
    ];
    for (case, keys, proven_at, expected) in table {
        let is = rotated(&key('a'), at(10), &openings, Ok((&keys, at(proven_at))));
        assert_eq!(is, expected, "{case}");
    }
    let unread = rotated(&key('a'), at(10), &openings, Err("the reading expired".into()));
    assert_eq!(unread, unknown("the reading expired"));
}

#[test]
fn a_slow_rotation_ends_when_the_old_key_opens_nothing_more() {
    let openings = [opening('a', 0, 24), opening('b', 18, 30)];
    let done = proof(&[('a', 0), ('b', 9)], 'b');
    let is = rotated(&key('a'), at(10), &openings, Ok((&done, at(30))));
    assert_eq!(is, Rotated::Yes { since: at(24) });
}

#[test]
fn a_key_that_was_out_of_use_already_says_since_when() {
    let openings = [opening('b', 2, 30)];
    let keys = proof(&[('a', 0), ('b', 9)], 'b');
    assert_eq!(
        rotated(&key('a'), at(10), &openings, Ok((&keys, at(30)))),
        Rotated::Yes { since: at(2) }
    );
    assert_eq!(
        rotated(&key('a'), at(10), &[], Ok((&keys, at(30)))),
        Rotated::Yes { since: at(30) },
        "nobody remembers more than the proof itself"
    );
}
