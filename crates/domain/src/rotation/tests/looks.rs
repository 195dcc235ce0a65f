//! From the document of a proof to what its lanes held.

use super::super::*;
use super::key;
use crate::inventory::{Envelopes, InUse, KeyVersion, PreviousKey};
use crate::status::Status;

fn version(name: &str, digit: char, opens: u32, current: bool) -> KeyVersion {
    KeyVersion {
        manager: "vault".into(),
        version: name.into(),
        fingerprint: Some(Fingerprint::Keyed(key(digit))),
        key_id: None,
        created_at: None,
        current,
        state: "current".into(),
        keep: crate::custody::Keep::Kept,
        labels: Vec::new(),
        length_ok: Some(true),
        untidy: false,
        opens: Some(opens),
        of: Some(10),
        detail: String::new(),
    }
}

fn proof(verdict: Verdict, versions: Vec<KeyVersion>, opened: u32) -> Keys {
    Keys {
        name: "demo".into(),
        verdict,
        status: Status::Unknown,
        detail: "the reason".into(),
        secret: None,
        versions,
        in_use: None,
        envelopes: Envelopes {
            sampled: 12,
            opened,
            unparsed: 2,
            ..Envelopes::default()
        },
        replicas: Vec::new(),
        coverage: Vec::new(),
        uncovered: Vec::new(),
    }
}

fn ampora(digit: char, opens: u32) -> InUse {
    InUse {
        source: "ampora.env".into(),
        fingerprint: Some(Fingerprint::Keyed(key(digit))),
        key_id: None,
        version: None,
        previous_set: false,
        length_ok: Some(true),
        previous: None,
        opens: Some(opens),
        of: Some(10),
        detail: String::new(),
    }
}

fn seen(keys: &Keys) -> [String; 3] {
    Lane::ALL.map(|lane| lane.seen_in(keys).to_string())
}

#[test]
fn one_key_everywhere_is_that_key() {
    let mut keys = proof(
        Verdict::InSync,
        vec![version("1", 'a', 0, false), version("2", 'b', 10, true)],
        10,
    );
    keys.in_use = Some(ampora('b', 10));
    assert_eq!(seen(&keys), [key('b'), key('b'), key('b')]);
}

#[test]
fn what_only_ampora_has_opens_the_envelopes_all_the_same() {
    let mut keys = proof(Verdict::ManagerBehind, vec![version("1", 'a', 0, true)], 10);
    keys.in_use = Some(ampora('c', 10));
    assert_eq!(seen(&keys), [key('a'), key('c'), key('c')]);
}

#[test]
fn the_key_that_ampora_was_rotated_away_from_may_be_the_one_that_opens() {
    let mut keys = proof(Verdict::ManagerAhead, vec![version("2", 'b', 0, true)], 10);
    keys.in_use = Some(InUse {
        previous_set: true,
        length_ok: Some(true),
        previous: Some(PreviousKey {
            fingerprint: Fingerprint::Keyed(key('p')),
            version: None,
            opens: Some(10),
        }),
        ..ampora('b', 0)
    });
    assert_eq!(seen(&keys), [key('b'), key('b'), key('p')]);
}

#[test]
fn what_is_spoilt_is_of_no_other_key() {
    let mut keys = proof(
        Verdict::InSync,
        vec![version("1", 'a', 1, false), version("2", 'b', 8, true)],
        9,
    );
    keys.envelopes.damaged = 4;
    assert_eq!(
        seen(&keys)[2],
        key('b'),
        "one opens with another key than its id names, one with none"
    );
    let mut keys = proof(
        Verdict::Mixed,
        vec![version("1", 'a', 4, false), version("2", 'b', 5, true)],
        9,
    );
    keys.envelopes.damaged = 3;
    assert_eq!(seen(&keys)[2], format!("mixed: {} {}", key('a'), key('b')));
}

#[test]
fn half_a_rotation_names_its_keys_and_what_nobody_has() {
    let both = vec![version("1", 'a', 4, false), version("2", 'b', 6, true)];
    let keys = proof(Verdict::Mixed, both.clone(), 10);
    assert_eq!(seen(&keys)[2], format!("mixed: {} {}", key('a'), key('b')));
    let keys = proof(Verdict::Mixed, vec![version("2", 'b', 6, true)], 6);
    assert_eq!(seen(&keys)[2], format!("mixed: {} none", key('b')));
    for (verdict, shown) in [(Verdict::Foreign, "none"), (Verdict::Unknown, "unknown: the reason")] {
        assert_eq!(seen(&proof(verdict, vec![version("2", 'b', 0, true)], 0))[2], shown);
    }
}

#[test]
fn a_manager_that_did_not_answer_leaves_all_lanes_unknown() {
    let keys = proof(Verdict::Unknown, Vec::new(), 0);
    assert_eq!(
        seen(&keys),
        [
            "unknown: the reason",
            "unknown: not read: the reason",
            "unknown: the reason"
        ]
    );
}

#[test]
fn a_current_version_that_is_denied_hides_neither_the_envelopes_nor_the_reason() {
    let mut denied = version("2", 'b', 0, true);
    (denied.fingerprint, denied.opens) = (None, None);
    (denied.state, denied.detail) = ("denied".into(), "403".into());
    let keys = proof(Verdict::Unknown, vec![version("1", 'a', 10, false), denied], 10);
    assert_eq!(
        seen(&keys),
        [
            "unknown: denied: 403".into(),
            "unknown: not read: the reason".into(),
            key('a')
        ]
    );
    let none_current = proof(Verdict::Unknown, vec![version("1", 'a', 10, false)], 10);
    assert_eq!(
        seen(&none_current)[0],
        "unknown: the manager marks no version as current"
    );
}
