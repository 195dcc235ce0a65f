use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::custody::{Keep, State};
use crate::drift::{Damaged, ValueName, Verdict};
use crate::finding::Severity::{Error, Warning};
use crate::inventory::{Coverage, CoverageStatus, Envelopes, Replica};
use crate::proof::NonceReuse;
use crate::status::Status;

fn fingerprint(name: &str) -> Fingerprint {
    Fingerprint::Keyed(name.repeat(8))
}

fn version(name: &str, opens: u32) -> KeyVersion {
    KeyVersion {
        manager: "vault secret/ampora".into(),
        version: name.into(),
        fingerprint: Some(fingerprint(name)),
        key_id: Some(KeyId(name.repeat(4))),
        created_at: None,
        current: false,
        state: State::Older.word().into(),
        keep: Keep::Kept,
        labels: Vec::new(),
        length_ok: Some(true),
        untidy: false,
        opens: Some(opens),
        of: Some(10),
        detail: String::new(),
    }
}

/// Version 2 is current, opens everything, and is what Ampora runs with.
fn keys() -> Keys {
    let mut keys = Keys {
        name: "prod".into(),
        verdict: Verdict::InSync,
        status: Status::Ok,
        detail: "the manager’s current version opens 10 of 10 envelopes".into(),
        secret: None,
        versions: vec![version("1", 0), version("2", 10)],
        in_use: Some(InUse {
            source: "/etc/ampora.env".into(),
            fingerprint: Some(fingerprint("2")),
            key_id: None,
            version: Some("2".into()),
            previous_set: false,
            previous: None,
            opens: Some(10),
            of: Some(10),
            detail: String::new(),
        }),
        envelopes: Envelopes::default(),
        replicas: Vec::new(),
        coverage: Vec::new(),
    };
    keys.versions[1].current = true;
    keys
}

fn spoilt(spoil: impl FnOnce(&mut Keys)) -> Keys {
    let mut keys = keys();
    spoil(&mut keys);
    keys
}

fn in_use(keys: &mut Keys) -> &mut InUse {
    keys.in_use.as_mut().expect("is there")
}

fn codes(keys: &Keys) -> Vec<(String, Severity)> {
    let found = findings(keys, &[]);
    found
        .into_iter()
        .map(|finding| (finding.code, finding.severity))
        .collect()
}

fn cell(backup: &str, version: Option<&str>, status: CoverageStatus) -> Coverage {
    Coverage {
        backup: backup.into(),
        version: version.map(Into::into),
        status,
        proven_at: None,
        detail: "key 1111 was in use then".into(),
        warning: None,
        at: None,
    }
}

fn place(id: &str) -> ValueName {
    ValueName {
        table: "ca_signing_keys".into(),
        column: "PrivateKey".into(),
        id: id.into(),
    }
}

#[test]
fn each_state_has_its_finding_and_no_other() {
    type Spoil = fn(&mut Keys);
    let table: [(Spoil, &str, Severity); 16] = [
        (|keys| keys.verdict = Verdict::ManagerBehind, "key-behind", Error),
        (|keys| keys.verdict = Verdict::ManagerAhead, "key-ahead", Error),
        (|keys| keys.verdict = Verdict::Mixed, "key-mixed", Warning),
        (
            |keys| (keys.verdict, keys.status) = (Verdict::Mixed, Status::Broken),
            "key-mixed",
            Error,
        ),
        (|keys| keys.verdict = Verdict::Foreign, "key-foreign", Error),
        (|keys| keys.verdict = Verdict::Unknown, "key-unproven", Warning),
        (|keys| keys.versions[0].length_ok = Some(false), "key-length", Error),
        (
            |keys| keys.versions[0].fingerprint = Some(Fingerprint::Weak),
            "key-weak",
            Error,
        ),
        (|keys| keys.versions[1].untidy = true, "key-encoding", Warning),
        (|keys| in_use(keys).previous_set = true, "previous-key-set", Warning),
        (
            |keys| {
                keys.replicas.push(Replica {
                    name: "eu-west-1".into(),
                    status: Status::Broken,
                    fingerprint: None,
                    version: None,
                    detail: "it has version 1".into(),
                });
            },
            "replica-differs",
            Error,
        ),
        (
            |keys| keys.coverage.push(cell("full", None, CoverageStatus::Missing)),
            "version-missing",
            Error,
        ),
        (
            |keys| {
                keys.coverage.push(Coverage {
                    warning: Some("version 1 goes at 2026-12-01".into()),
                    at: DateTime::from_timestamp(1_796_000_000, 0),
                    ..cell("full", Some("1"), CoverageStatus::Missing)
                });
            },
            "version-expiring",
            Error,
        ),
        (
            |keys| {
                keys.coverage.push(Coverage {
                    warning: Some("version 1 goes with the next write".into()),
                    ..cell("full", Some("1"), CoverageStatus::Expected)
                });
            },
            "version-at-risk",
            Warning,
        ),
        (
            |keys| {
                keys.envelopes.damaged = 1;
                keys.envelopes.damage.push(Damaged {
                    value: place("7"),
                    what: "doesn’t open".into(),
                });
            },
            "envelope-damage",
            Error,
        ),
        (
            |keys| {
                keys.envelopes.nonces_reused = 1;
                keys.envelopes.nonce_reuse.push(NonceReuse {
                    key: fingerprint("2"),
                    values: vec![place("7"), place("8")],
                });
            },
            "nonce-reuse",
            Error,
        ),
    ];
    assert_eq!(codes(&keys()), []);
    for (spoil, code, severity) in table {
        let mut keys = keys();
        spoil(&mut keys);
        assert_eq!(codes(&keys), [(code.to_owned(), severity)]);
    }
}

#[test]
fn what_to_do_begins_with_what_keeps_the_way_back_open() {
    let all = spoilt(|keys| {
        keys.verdict = Verdict::ManagerBehind;
        keys.versions[0].length_ok = Some(false);
        keys.versions[1].untidy = true;
        keys.versions[1].fingerprint = Some(Fingerprint::Weak);
        in_use(keys).previous_set = true;
        keys.envelopes.damaged = 3;
        keys.envelopes.nonces_reused = 2;
    });
    let found = findings(&all, &[]);
    assert_eq!(found.len(), 7);
    for finding in &found {
        assert!(
            finding
                .recovery
                .starts_with("Scale Ampora to 0, take a backup, and count the envelopes written since"),
            "{}",
            finding.recovery
        );
        assert!(finding.recovery.len() > FIRST.len(), "and then what?");
        assert!(!finding.title.is_empty());
    }
    assert!(
        found.is_sorted_by_key(|finding| Reverse(finding.severity)),
        "the worst first"
    );
}

#[test]
fn the_cure_of_being_behind_is_where_the_key_is() {
    let behind = |spoil: fn(&mut Keys)| {
        let keys = spoilt(|keys| {
            keys.verdict = Verdict::ManagerBehind;
            keys.versions[1].opens = Some(0);
            in_use(keys).opens = Some(0);
            spoil(keys);
        });
        let [finding] = findings(&keys, &[]).try_into().expect("one");
        finding.recovery
    };
    assert!(behind(|keys| keys.versions[0].opens = Some(10)).contains("make version 1 the current one"));
    assert!(behind(|keys| in_use(keys).opens = Some(10)).contains("it lies in /etc/ampora.env"));
    assert!(behind(|_| {}).contains("look for the key"));
}

#[test]
fn a_key_of_two_deployments_is_told_once_for_each_pair() {
    let other = spoilt(|keys| {
        keys.name = "staging".into();
        keys.versions[1].fingerprint = Some(fingerprint("9"));
        in_use(keys).fingerprint = Some(fingerprint("9"));
    });
    let shared = |own: &Keys, other: &Keys| {
        let found = findings(own, &[own, other]);
        found
            .into_iter()
            .map(|finding| (finding.code, finding.severity, finding.detail))
            .collect::<Vec<_>>()
    };
    let old = shared(&keys(), &other);
    assert_eq!(old[0].0, "key-shared");
    assert_eq!((old.len(), old[0].1), (1, Warning), "version 1 opens nothing in either");
    assert!(old[0].2.contains("version 1 here is version 1 there"));
    let both_live = spoilt(|keys| keys.name = "staging".into());
    assert_eq!(shared(&keys(), &both_live)[0].1, Error);
    let none = spoilt(|keys| {
        keys.name = "staging".into();
        keys.versions.clear();
        keys.in_use = None;
    });
    assert_eq!(shared(&keys(), &none), []);
}

#[test]
fn weak_keys_are_the_same_only_if_their_ids_are() {
    let weak = |name: &str, id: &str| {
        let mut keys = spoilt(|keys| keys.name = name.into());
        keys.in_use = None;
        keys.versions = vec![KeyVersion {
            fingerprint: Some(Fingerprint::Weak),
            ..version(id, 10)
        }];
        keys
    };
    let codes = |one: &Keys, two: &Keys| findings(one, &[two]).len();
    assert_eq!(codes(&weak("prod", "1"), &weak("staging", "1")), 2, "weak and shared");
    assert_eq!(codes(&weak("prod", "1"), &weak("staging", "2")), 1, "weak alone");
}

#[test]
fn a_previous_key_that_is_still_needed_is_no_finding() {
    let rotating = spoilt(|keys| {
        in_use(keys).previous_set = true;
        in_use(keys).opens = Some(4);
        keys.verdict = Verdict::Mixed;
    });
    assert_eq!(codes(&rotating), [("key-mixed".to_owned(), Warning)]);
    let unread = spoilt(|keys| {
        in_use(keys).previous_set = true;
        (in_use(keys).opens, in_use(keys).of) = (None, None);
    });
    assert_eq!(codes(&unread), []);
}

#[test]
fn where_nothing_is_proven_nothing_is_called_damaged() {
    let unproven = spoilt(|keys| {
        keys.verdict = Verdict::Unknown;
        keys.envelopes.damaged = 50;
    });
    assert_eq!(codes(&unproven), [("key-unproven".to_owned(), Warning)]);
}

#[test]
fn a_disabled_version_and_a_replica_that_was_not_read_are_no_losses() {
    let keys = spoilt(|keys| {
        keys.versions[0].state = State::Disabled.word().into();
        keys.coverage.push(Coverage {
            warning: Some("version 1 is disabled: enable it before a restore".into()),
            ..cell("full", Some("1"), CoverageStatus::Expected)
        });
        keys.replicas.push(Replica {
            name: "eu-west-1".into(),
            status: Status::Unknown,
            fingerprint: None,
            version: None,
            detail: "it can’t be reached".into(),
        });
    });
    assert_eq!(codes(&keys), [("version-disabled".to_owned(), Warning)]);
}

#[test]
fn many_backups_are_one_finding_for_each_version() {
    let keys = spoilt(|keys| {
        for backup in 0..300 {
            keys.coverage
                .push(cell(&backup.to_string(), None, CoverageStatus::Missing));
            keys.coverage.push(Coverage {
                warning: Some("version 2 may go at any time".into()),
                ..cell(&backup.to_string(), Some("2"), CoverageStatus::Proven)
            });
        }
    });
    let found = findings(&keys, &[]);
    assert_eq!(found.len(), 2);
    assert!(found[0].title.contains("300 backups need"), "{}", found[0].title);
    assert!(found[1].detail.contains("300 backups need it"), "{}", found[1].detail);
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(damaged: u32, reused: u32, opens: Option<u32>, of: Option<u32>, text in ".{0,20}") {
        let keys = spoilt(|keys| {
            (keys.envelopes.damaged, keys.envelopes.nonces_reused) = (damaged, reused);
            (in_use(keys).opens, in_use(keys).of, in_use(keys).previous_set) = (opens, of, true);
            keys.detail = text.clone();
            keys.versions[0].version = text;
        });
        for finding in findings(&keys, &[&keys]) {
            prop_assert!(finding.recovery.starts_with(FIRST));
        }
    }
}
