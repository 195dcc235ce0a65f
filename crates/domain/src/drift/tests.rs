use super::*;

mod damaged;
mod moving;
mod properties;

/// The id of a key, as it follows from one.
fn id(name: &str) -> KeyId {
    KeyId(crate::ids::Sha256::of(&[name.as_bytes()]).to_string()[..16].into())
}

fn version(order: u32, current: bool) -> Candidate {
    Candidate::Version { order, current }
}

fn place(number: u64) -> ValueName {
    ValueName {
        table: "ca_signing_keys".into(),
        column: "PrivateKey".into(),
        id: number.to_string(),
    }
}

/// Envelopes with the id of `key`; each of `opened` is the index of a candidate and how many it opened.
fn group(key: &str, sampled: u64, opened: &[(usize, u64)]) -> Group {
    let opened = opened.iter().map(|(candidate, count)| Opened {
        candidate: *candidate,
        key: Fingerprint::Keyed(format!("fingerprint of {candidate}")),
        count: *count,
    });
    let mut group = Group {
        column: "ca_signing_keys.PrivateKey".into(),
        key_id: Some(id(key)),
        comparable: true,
        sampled,
        rows: sampled,
        counted: true,
        opened: opened.collect(),
        first: (0..sampled.min(5)).map(place).collect(),
        first_unopened: Vec::new(),
        misfits: 0,
    };
    group.first_unopened = (0..group.unopened().min(5)).map(|number| place(100 + number)).collect();
    group
}

/// The same of envelopes without an id.
fn nameless(sampled: u64, opened: &[(usize, u64)]) -> Group {
    Group {
        key_id: None,
        comparable: false,
        ..group("", sampled, opened)
    }
}

/// A manager with versions 0, 1, 2 of which 1 is current, and a key in use that the manager lacks.
fn evidence(groups: Vec<Group>) -> Evidence {
    Evidence {
        candidates: vec![version(0, false), version(1, true), version(2, false), Candidate::InUse],
        known_ids: ["a", "b", "c", "d"].map(id).into(),
        groups,
        unparsed: 0,
        layout_proven: true,
        current_opened_before: false,
    }
}

fn verdict(evidence: &Evidence) -> (Verdict, Status) {
    let finding = judge(evidence);
    (finding.verdict, finding.status)
}

const UNKNOWN: (Verdict, Status) = (Verdict::Unknown, Status::Unknown);

#[test]
fn each_verdict_comes_from_its_own_state() {
    let table = [
        (vec![group("b", 10, &[(1, 10)])], Verdict::InSync, Status::Ok),
        (vec![group("a", 10, &[(0, 10)])], Verdict::ManagerAhead, Status::Broken),
        (vec![group("c", 10, &[(2, 10)])], Verdict::ManagerBehind, Status::Broken),
        (vec![group("d", 10, &[(3, 10)])], Verdict::ManagerBehind, Status::Broken),
        (vec![group("z", 10, &[])], Verdict::Foreign, Status::Broken),
        (
            vec![group("a", 5, &[(0, 5)]), group("b", 5, &[(1, 5)])],
            Verdict::Mixed,
            Status::Broken,
        ),
        (
            vec![group("b", 5, &[(1, 5)]), group("z", 5, &[])],
            Verdict::Mixed,
            Status::Broken,
        ),
        (
            vec![group("y", 5, &[]), group("z", 5, &[])],
            Verdict::Mixed,
            Status::Broken,
        ),
        (vec![nameless(10, &[(1, 5), (0, 5)])], Verdict::Mixed, Status::Broken),
        (vec![nameless(10, &[(1, 10)])], Verdict::InSync, Status::Ok),
        (vec![nameless(10, &[])], Verdict::Foreign, Status::Broken),
        (vec![], Verdict::Unknown, Status::Unknown),
    ];
    for (groups, expected, status) in table {
        assert_eq!(verdict(&evidence(groups.clone())), (expected, status), "{groups:?}");
    }
}

#[test]
fn a_manager_that_opened_everything_before_and_nothing_now_is_behind() {
    let seen = Evidence {
        current_opened_before: true,
        ..evidence(vec![group("z", 10, &[])])
    };
    assert_eq!(judge(&seen).verdict, Verdict::ManagerBehind);
}

#[test]
fn the_previous_key_of_a_rotation_that_rewrote_nothing_says_who_is_ahead() {
    let with = |candidates: Vec<Candidate>| Evidence {
        candidates,
        ..evidence(vec![group("p", 10, &[(0, 10)])])
    };
    let known = with(vec![Candidate::Previous, version(1, true)]);
    assert_eq!(judge(&known).verdict, Verdict::ManagerAhead);
    let neither = with(vec![Candidate::Previous, version(1, true), Candidate::InUse]);
    assert_eq!(judge(&neither).verdict, Verdict::ManagerBehind);
}

#[test]
fn what_could_not_be_read_might_be_the_key() {
    let unread = |order, current| Candidate::Unread { order, current };
    let with = |groups, candidates| Evidence {
        candidates,
        ..evidence(groups)
    };
    let opens = || vec![group("a", 10, &[(0, 10)])];
    let nothing = || vec![group("z", 10, &[])];
    assert_eq!(
        verdict(&with(opens(), vec![version(0, false), unread(1, true)])),
        UNKNOWN,
        "current unread"
    );
    assert_eq!(
        verdict(&with(nothing(), vec![version(1, true), unread(0, false)])),
        UNKNOWN,
        "none opens"
    );
    assert_eq!(
        verdict(&with(nothing(), vec![unread(0, true)])),
        UNKNOWN,
        "no key at all"
    );
    assert_eq!(verdict(&with(nothing(), Vec::new())), UNKNOWN, "an empty manager");
    let older_unread = with(opens(), vec![version(1, true), unread(0, false)]);
    assert_eq!(judge(&older_unread).verdict, Verdict::InSync);
    let no_current = with(opens(), vec![version(0, false), version(1, false)]);
    assert_eq!(verdict(&no_current), UNKNOWN);
}

#[test]
fn an_unproven_layout_never_blames_a_known_key() {
    let unproven = |groups| Evidence {
        layout_proven: false,
        ..evidence(groups)
    };
    let misfit = Group {
        misfits: 1,
        ..group("z", 10, &[])
    };
    let opaque = Group {
        comparable: false,
        ..group("z", 10, &[])
    };
    let named = |name: &str| Group {
        key_id: Some(KeyId(hex::encode(name))),
        ..group("z", 10, &[])
    };
    for groups in [
        vec![group("b", 10, &[])],
        vec![group("b", 10, &[]), group("z", 10, &[])],
        vec![nameless(10, &[])],
        vec![misfit, group("y", 10, &[])],
        vec![opaque],
        vec![named("v2-prod1")],
        vec![named("\0\0\0\0\0\0\0\u{1}")],
        (0..10).map(|number| group(&number.to_string(), 1, &[])).collect(),
    ] {
        assert_eq!(verdict(&unproven(groups.clone())), UNKNOWN, "{groups:?}");
    }
    for groups in [vec![group("z", 10, &[])], vec![group("z", 1, &[])]] {
        assert_eq!(judge(&unproven(groups)).verdict, Verdict::Foreign);
    }
    let unread = Evidence {
        candidates: vec![
            version(0, true),
            Candidate::Unread {
                order: 1,
                current: false,
            },
        ],
        ..unproven(vec![group("z", 10, &[])])
    };
    assert_eq!(verdict(&unread), UNKNOWN);
}

#[test]
fn more_than_one_in_a_hundred_unparsed_is_unknown() {
    let one = Evidence {
        unparsed: 1,
        ..evidence(vec![group("b", 99, &[(1, 99)])])
    };
    assert_eq!(judge(&one).verdict, Verdict::InSync);
    let two = Evidence {
        unparsed: 2,
        ..evidence(vec![group("b", 98, &[(1, 98)])])
    };
    assert_eq!(judge(&two).verdict, Verdict::Unknown);
    let all = Evidence {
        unparsed: 2,
        ..evidence(vec![])
    };
    assert_eq!(judge(&all).verdict, Verdict::Unknown);
}
