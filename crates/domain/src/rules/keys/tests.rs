use chrono::TimeDelta;
use proptest::prelude::*;

use super::super::wrong_key;
use super::*;
use crate::custody::exposure::{Exposure, Rotated};
use crate::drift::Verdict;
use crate::finding::Cure;
use crate::finding::Severity::{Error, Warning};
use crate::inventory::{CoverageStatus, KeyVersion, Keys, PreviousKey, Uncovered};
use crate::key::Fingerprint;
use crate::policy::Fact;
use crate::status::Status;

mod recovery;
mod world;

use world::*;

#[test]
fn each_state_has_its_finding_and_no_other() {
    assert_eq!(codes(&keys()), []);
    for (spoil, code, severity) in STATES {
        assert_eq!(codes(&spoilt(spoil)), [(code, severity)]);
    }
}

#[test]
fn a_wrong_key_in_ampora_is_told_once_whatever_the_manager_has() {
    for verdict in [Verdict::ManagerBehind, Verdict::ManagerAhead, Verdict::Mixed] {
        let keys = spoilt(|keys| {
            keys.verdict = verdict;
            in_use(keys).opens = Some(0);
        });
        assert_eq!(codes(&keys), [(wrong_key::RULE.code, Error)], "{verdict:?}");
    }
    let begun = spoilt(|keys| {
        keys.verdict = Verdict::ManagerBehind;
        in_use(keys).opens = Some(0);
        in_use(keys).previous_set = true;
        in_use(keys).previous = Some(PreviousKey {
            fingerprint: fingerprint("1"),
            version: Some("1".into()),
            opens: Some(10),
        });
    });
    let found = codes(&begun);
    assert!(
        !found.contains(&("wrong-master-key", Error)),
        "Ampora reads all of it: {found:?}"
    );
    let unread = spoilt(|keys| {
        foreign(keys);
        in_use(keys).opens = None;
    });
    assert_eq!(codes(&unread), [(wrong_key::RULE.code, Error)], "whatever it runs with");
}

#[test]
fn what_is_not_known_never_ends_a_finding() {
    let unreachable = spoilt(|keys| {
        keys.verdict = Verdict::Unknown;
        (keys.secret, keys.in_use) = (None, None);
        keys.versions.clear();
        keys.replicas.clear();
        keys.detail = "the manager can’t be reached".into();
    });
    for (rule, says) in Beside::default().judged(&unreachable) {
        match (rule.code, says) {
            ("key-unproven", says) => assert!(matches!(says, Ok(Some(_))), "{says:?}"),
            ("key-exposed", says) => assert_eq!(says, Ok(None)),
            (code, says) => assert!(
                matches!(says, Err(Silence::Unknown(_) | Silence::Unset(_))),
                "{code}: {says:?}"
            ),
        }
    }
    let denied = spoilt(|keys| {
        let first = &mut keys.versions[0];
        (first.fingerprint, first.length_ok, first.state) = (None, None, "denied".into());
    });
    for code in ["key-length", "key-weak", "key-encoding", "key-shared"] {
        assert!(matches!(says(&denied, code), Err(Silence::Unknown(_))), "{code}");
    }
    let silent = spoilt(|keys| {
        keys.uncovered.push(Uncovered {
            source: "main".into(),
            detail: "connection refused".into(),
        });
        keys.replicas[0].status = Status::Unknown;
    });
    for code in [
        "version-missing",
        "version-disabled",
        "key-version-pruned",
        "replica-differs",
    ] {
        assert!(matches!(says(&silent, code), Err(Silence::Unknown(_))), "{code}");
    }
}

#[test]
fn the_cure_of_being_behind_is_where_the_key_is() {
    let behind = |spoil: fn(&mut Keys)| {
        let found = only(&spoilt(|keys| {
            keys.verdict = Verdict::ManagerBehind;
            keys.versions[1].opens = Some(0);
            keys.in_use = None;
            spoil(keys);
        }));
        (found.recovery(), found.cure)
    };
    assert!(
        behind(|keys| keys.versions[0].opens = Some(10))
            .0
            .contains("make version 1 the current one")
    );
    let running: fn(&mut Keys) = |behind| behind.in_use = keys().in_use;
    let (text, cure) = behind(running);
    assert!(text.contains("it lies in /etc/ampora.env"), "{text}");
    assert_eq!(cure, Some(Cure::KeyCatchUp));
    assert!(behind(|_| ()).0.contains("Look for the key that Ampora runs with"));
}

#[test]
fn a_key_of_two_deployments_is_one_finding_for_all_of_them() {
    let other = spoilt(|keys| {
        keys.versions[1].fingerprint = Some(fingerprint("9"));
        in_use(keys).fingerprint = Some(fingerprint("9"));
    });
    let shared = |own: &Keys, other: &Keys| {
        let found = Beside::of("staging", other).found(own).into_iter();
        found
            .filter(|(code, _)| *code == "key-shared")
            .map(|(_, found)| (found.severity, found.title, found.evidence[0].clone()))
            .collect::<Vec<_>>()
    };
    let old = shared(&keys(), &other);
    assert_eq!((old.len(), old[0].0), (1, Warning), "version 1 opens nothing in either");
    assert!(old[0].2.fact.starts_with("version 1 here") && old[0].2.value.starts_with("version 1 there"));
    assert_eq!(shared(&keys(), &keys())[0].0, Error);
    let none = spoilt(|keys| {
        keys.versions.clear();
        keys.in_use = None;
    });
    assert_eq!(shared(&keys(), &none), []);
    let silent = Beside {
        elsewhere: vec![Elsewhere {
            deployment: "staging".into(),
            keys: Fact::unknown("not read yet"),
        }],
        ..Beside::default()
    };
    let judged = silent.judged(&keys());
    let says = judged.iter().find(|(rule, _)| rule.code == "key-shared");
    assert!(matches!(&says.expect("a rule").1, Err(Silence::Unknown(why)) if why.contains("staging")));
}

#[test]
fn weak_keys_are_the_same_only_if_their_ids_are() {
    let weak = |id: &str| {
        spoilt(|keys| {
            keys.in_use = None;
            keys.versions = vec![KeyVersion {
                fingerprint: Some(Fingerprint::Weak),
                ..version(id, 10)
            }];
        })
    };
    let codes = |one: &Keys, two: &Keys| Beside::of("staging", two).found(one).len();
    assert_eq!(codes(&weak("1"), &weak("1")), 2, "weak and shared");
    assert_eq!(codes(&weak("1"), &weak("2")), 1, "weak alone");
}

#[test]
fn a_previous_key_that_is_still_needed_is_part_of_the_rotation() {
    let rotating = spoilt(|keys| {
        in_use(keys).previous_set = true;
        in_use(keys).opens = Some(4);
        keys.verdict = Verdict::Mixed;
    });
    assert_eq!(codes(&rotating), [("key-mixed", Warning)]);
    let unread = spoilt(|keys| {
        in_use(keys).previous_set = true;
        (in_use(keys).opens, in_use(keys).of) = (None, None);
    });
    let found = only(&unread);
    assert!(found.cause.contains("isn’t known") && !found.recovery().contains("Remove the setting"));
}

#[test]
fn many_backups_are_one_finding_with_its_date() {
    let keys = spoilt(|keys| {
        for backup in 0..300 {
            keys.coverage
                .push(cell(&backup.to_string(), None, CoverageStatus::Missing));
        }
        goes(keys, 30, CoverageStatus::Proven);
    });
    let found = Beside::default().found(&keys);
    let title = |code: &str| {
        found
            .iter()
            .find(|(own, _)| *own == code)
            .map(|(_, found)| found.title.clone())
    };
    assert!(title("version-missing").is_some_and(|title| title.contains("300 backups need")));
    let goes_at = (now() + TimeDelta::days(30)).format("%Y-%m-%d").to_string();
    assert!(title("key-version-pruned").is_some_and(|title| title.contains(&goes_at)));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_key_that_left_is_a_finding_until_a_proof_shows_another() {
    let with = |exposures: Vec<Exposure>| {
        let beside = Beside {
            exposures,
            ..Beside::default()
        };
        let judged = beside.judged(&keys());
        judged
            .into_iter()
            .find(|(rule, _)| rule.code == "key-exposed")
            .expect("a rule")
            .1
    };
    let Ok(Some(found)) = with(vec![exposure(Rotated::StillInUse)]) else {
        panic!("it is in use")
    };
    assert_eq!(found.severity, Warning);
    assert!(
        found.evidence[0].value.contains("was seen by alice"),
        "{:?}",
        found.evidence
    );
    let unclear = || {
        exposure(Rotated::Unknown {
            why: "no proof was made since then".into(),
        })
    };
    assert!(matches!(with(vec![unclear()]), Err(Silence::Unknown(_))));
    let done = exposure(Rotated::Yes { since: now() });
    assert_eq!(with(vec![done.clone()]), Ok(None));
    assert!(matches!(with(vec![done, unclear()]), Err(Silence::Unknown(_))));
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(damaged: u32, reused: u32, opens: Option<u32>, of: Option<u32>, verdict in 0..6usize, text in ".{0,20}") {
        let verdicts = [
            Verdict::InSync, Verdict::ManagerBehind, Verdict::ManagerAhead, Verdict::Mixed, Verdict::Foreign, Verdict::Unknown,
        ];
        let keys = spoilt(|keys| {
            keys.verdict = verdicts[verdict];
            (keys.envelopes.damaged, keys.envelopes.nonces_reused) = (damaged, reused);
            (in_use(keys).opens, in_use(keys).of, in_use(keys).previous_set) = (opens, of, true);
            keys.detail = text.clone();
            keys.versions[0].version = text;
        });
        for (code, found) in Beside::of("staging", &keys).found(&keys) {
            prop_assert!(found.recovery().starts_with("1. "), "{}", code);
        }
    }
}

#[test]
fn a_proof_rules_out_nothing_once_the_database_is_gone() {
    let keys = keys();
    let gone = Beside {
        gone: Some("refused".into()),
        ..Beside::default()
    };
    let on_the_database = [
        "wrong-master-key",
        "key-behind",
        "key-ahead",
        "key-mixed",
        "key-unproven",
        "envelope-damage",
        "nonce-reuse",
    ];
    for (rule, says) in gone.judged(&keys) {
        let silent = says == Err(Silence::Unknown("refused".into()));
        assert!(
            silent || !on_the_database.contains(&rule.code),
            "{}: {says:?}",
            rule.code
        );
    }
}
