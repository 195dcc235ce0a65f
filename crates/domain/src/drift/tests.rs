use super::*;

fn id(name: &str) -> KeyId {
    KeyId(name.into())
}

fn version(order: u32, current: bool) -> Candidate {
    Candidate::Version { order, current }
}

fn group(key: &str, sampled: u64, opened: &[(usize, u64)]) -> Group {
    Group {
        column: "ca_signing_keys.PrivateKey".into(),
        key_id: Some(id(key)),
        sampled,
        opened: opened.iter().copied().collect(),
    }
}

/// A manager with versions 0, 1, 2 of which 1 is current, and a key in use that the manager lacks.
fn evidence(groups: Vec<Group>) -> Evidence {
    Evidence {
        candidates: vec![version(0, false), version(1, true), version(2, false), Candidate::InUse],
        known_ids: [id("a"), id("b"), id("c"), id("d")].into(),
        groups,
        unparsed: 0,
        layout_proven: true,
        current_opened_before: false,
    }
}

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
        (vec![], Verdict::Unknown, Status::Unknown),
    ];
    for (groups, verdict, status) in table {
        let finding = judge(&evidence(groups.clone()));
        assert_eq!(
            (finding.verdict, finding.status),
            (verdict, status),
            "{groups:?}: {}",
            finding.detail
        );
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
fn an_unproven_layout_never_blames_a_known_key() {
    let silent = Evidence {
        layout_proven: false,
        ..evidence(vec![group("b", 10, &[])])
    };
    assert_eq!(judge(&silent).verdict, Verdict::Unknown);
    let stranger = Evidence {
        layout_proven: false,
        ..evidence(vec![group("z", 10, &[])])
    };
    assert_eq!(judge(&stranger).verdict, Verdict::Foreign);
}

#[test]
fn a_few_spoilt_envelopes_are_damage_and_many_are_unknown() {
    let few = judge(&evidence(vec![group("b", 200, &[(1, 197)])]));
    assert_eq!((few.verdict, few.damaged), (Verdict::InSync, 3));
    let many = judge(&evidence(vec![group("b", 200, &[(1, 196)])]));
    assert_eq!(many.verdict, Verdict::Unknown);
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
}
