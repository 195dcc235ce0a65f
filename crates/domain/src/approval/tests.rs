use super::*;
use crate::role::Role;
use chrono::DateTime;
use proptest::prelude::*;
use uuid::Uuid;

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_790_000_000 + seconds, 500_000_000).expect("in range")
}

fn person(name: &str) -> Person {
    Person {
        issuer: "https://idp.example".into(),
        subject: name.into(),
    }
}

fn actor(name: &str, roles: &[Role]) -> Actor {
    Actor {
        person: person(name),
        name: name.into(),
        roles: roles.iter().copied().collect(),
        address: None,
    }
}

fn policy() -> Policy {
    Policy {
        quorum: Quorum::TWO,
        request_ttl: Duration::hours(24),
        execution_window: Duration::hours(1),
        login: LoginRules {
            max_age: Duration::minutes(5),
            skew: Duration::seconds(5),
        },
        roles: Rules {
            operators_approve: true,
        },
    }
}

fn request() -> Request {
    Request {
        id: RequestId(Uuid::from_u128(7)),
        number: 7,
        deployment: "demo".into(),
        digest: Sha256([9; 32]),
        requester: person("a"),
        requester_name: "a".into(),
        created_at: at(0),
        state: State::Pending {
            approvals: vec![],
            expires_at: at(86_400),
        },
    }
}

#[test]
fn a_second_person_approves_and_the_run_uses_it_up() {
    let (a, b) = (actor("a", &[Role::Operator]), actor("b", &[Role::Operator]));
    let approved = request().approve(&b, at(60), "seen", &policy()).expect("approves");
    assert!(matches!(approved.state, State::Approved { run_by, .. } if run_by == at(3_660)));
    let run = RunId(Uuid::from_u128(1));
    let consumed = approved.consume(run, &a, policy().roles, at(120)).expect("runs");
    assert_eq!(
        consumed.clone().consume(run, &a, policy().roles, at(121)),
        Err(Refusal::NotApproved("consumed"))
    );
    assert_eq!(consumed.withdraw(&a, at(122)), Err(Refusal::NotPending("consumed")));
}

#[test]
fn nobody_decides_on_their_own_request_whatever_the_role() {
    let everything = actor("a", &Role::ALL);
    assert_eq!(request().approve(&everything, at(1), "", &policy()), Err(Refusal::Own));
    assert_eq!(
        request().reject(&everything, at(1), "", policy().roles),
        Err(Refusal::Own)
    );
}

#[test]
fn identity_is_issuer_and_subject() {
    let mut namesake = actor("a", &[Role::Operator]);
    namesake.person.issuer = "https://other.example".into();
    assert!(
        request().approve(&namesake, at(1), "", &policy()).is_ok(),
        "another issuer’s `a` is another person"
    );
    let mut renamed = actor("a", &[Role::Operator]);
    renamed.name = "b".into();
    assert_eq!(request().approve(&renamed, at(1), "", &policy()), Err(Refusal::Own));
}

#[test]
fn one_person_counts_once_towards_three() {
    let three = Policy {
        quorum: Quorum::new(3).expect("more than one"),
        ..policy()
    };
    let b = actor("b", &[Role::Approver]);
    let once = request().approve(&b, at(1), "", &three).expect("first");
    assert!(matches!(once.state, State::Pending { .. }));
    assert_eq!(once.clone().approve(&b, at(2), "", &three), Err(Refusal::Twice));
    let twice = once
        .approve(&actor("c", &[Role::Approver]), at(3), "", &three)
        .expect("second");
    assert!(matches!(twice.state, State::Approved { .. }));
}

#[test]
fn silence_expires_and_a_late_run_is_refused() {
    let b = actor("b", &[Role::Operator]);
    assert_eq!(
        request().approve(&b, at(86_400), "", &policy()),
        Err(Refusal::NotPending("expired"))
    );
    let approved = request().approve(&b, at(60), "", &policy()).expect("approves");
    assert_eq!(
        approved.may_run(&b, policy().roles, at(3_660)),
        Err(Refusal::NotApproved("expired"))
    );
    assert!(approved.may_run(&b, policy().roles, at(3_659)).is_ok());
}

#[test]
fn one_rejection_ends_it() {
    let rejected = request()
        .reject(&actor("b", &[Role::Operator]), at(1), "wrong dump", policy().roles)
        .expect("rejects");
    assert_eq!(
        rejected
            .clone()
            .approve(&actor("c", &[Role::Approver]), at(2), "", &policy()),
        Err(Refusal::NotPending("rejected"))
    );
    assert_eq!(
        rejected.withdraw(&actor("a", &[Role::Operator]), at(3)),
        Err(Refusal::NotPending("rejected"))
    );
}

#[test]
fn a_quorum_of_one_cannot_be_written() {
    assert_eq!((Quorum::new(0), Quorum::new(1)), (None, None));
}

fn challenge() -> Challenge {
    Challenge {
        id: ChallengeId(Uuid::from_u128(3)),
        request: RequestId(Uuid::from_u128(7)),
        digest: Sha256([9; 32]),
        decision: Decision::Approve,
        random: [4; 32],
        created_at: at(0),
        person: person("b"),
    }
}

fn login(auth_second: i64) -> Login {
    Login {
        person: person("b"),
        name: "b".into(),
        roles: [Role::Operator].into(),
        nonce: challenge().nonce(),
        auth_time: Some(floor(at(auth_second))),
        issued_at: at(auth_second + 1),
    }
}

fn judged(login: &Login, now: Timestamp) -> Result<(), LoginRefused> {
    let rules = policy().login;
    rules.judge(&challenge(), login, now, rules.max_age)
}

#[test]
fn a_login_counts_from_the_challenge_on_and_for_five_minutes() {
    assert_eq!(judged(&login(3), at(10)), Ok(()));
    assert_eq!(judged(&login(-5), at(1)), Ok(()), "five seconds of skew");
    assert!(matches!(
        judged(&login(-6), at(1)),
        Err(LoginRefused::BeforeChallenge(_))
    ));
    assert!(matches!(judged(&login(3), at(304)), Err(LoginRefused::TooOld(..))));
    assert!(matches!(judged(&login(60), at(10)), Err(LoginRefused::InFuture(_))));
}

#[test]
fn a_token_that_was_issued_long_after_the_login_is_no_fresh_login() {
    let old = Login {
        issued_at: at(400),
        ..login(3)
    };
    assert!(matches!(judged(&old, at(401)), Err(LoginRefused::TooOld(..))));
}

#[test]
fn the_time_of_issue_never_stands_in_for_the_time_of_login() {
    let silent = Login {
        auth_time: None,
        ..login(3)
    };
    assert_eq!(judged(&silent, at(10)), Err(LoginRefused::NoAuthTime));
}

#[test]
fn the_nonce_commits_to_every_part() {
    let base = challenge().nonce();
    let others = [
        Challenge {
            request: RequestId(Uuid::from_u128(8)),
            ..challenge()
        },
        Challenge {
            digest: Sha256([8; 32]),
            ..challenge()
        },
        Challenge {
            decision: Decision::Reject,
            ..challenge()
        },
        Challenge {
            random: [5; 32],
            ..challenge()
        },
    ];
    for other in others {
        assert_ne!(other.nonce(), base);
    }
}

proptest! {
    /// Whatever order people act in, nothing is approved without two distinct people, and nothing happens after the end.
    #[test]
    fn no_order_of_acts_approves_with_fewer_than_two_people(acts in proptest::collection::vec((0u8..4, 0u8..4, 0i64..100_000), 0..24)) {
        let mut current = request();
        for (what, who, second) in acts {
            let who = actor(["a", "b", "c", "d"][usize::from(who)], &[Role::Operator]);
            let before = current.clone();
            let next = match what {
                0 => before.approve(&who, at(second), "", &policy()),
                1 => before.reject(&who, at(second), "", policy().roles),
                2 => before.withdraw(&who, at(second)),
                _ => before.consume(RunId(Uuid::from_u128(1)), &who, policy().roles, at(second)),
            };
            if let Ok(next) = next {
                prop_assert!(!current.state.is_over(), "{} became {}", current.state.word(), next.state.word());
                current = next;
            }
            if let State::Approved { approvals, .. } | State::Consumed { approvals, .. } = &current.state {
                prop_assert!(approvals.iter().any(|approval| approval.person != current.requester));
            }
        }
    }
}
