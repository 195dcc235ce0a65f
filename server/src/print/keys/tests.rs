use chrono::DateTime;
use domain::custody::{Keep, Protection};
use domain::drift::{Damaged, Shares, ValueName, Verdict};
use domain::inventory::Keys;
use domain::inventory::{ColumnCount, Coverage, CoverageStatus, Envelopes, KeyIdCount, PreviousKey, Uncovered};
use domain::key::KeyId;

use super::*;

/// Seconds before Tue 6 Oct 2026, 01:14:26 UTC.
fn before(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_791_249_266 - seconds, 0).expect("in range")
}

fn fingerprint(digit: char) -> Fingerprint {
    Fingerprint::Keyed(format!("{digit}41e5f0600112233445566778899aabb"))
}

fn version(name: &str, state: &str, digit: char, opens: u32) -> KeyVersion {
    KeyVersion {
        manager: "vault secret/ampora".into(),
        version: name.into(),
        fingerprint: Some(fingerprint(digit)),
        key_id: None,
        created_at: Some(before(110 * 86_400)),
        current: state == "current",
        state: state.into(),
        keep: Keep::Kept,
        labels: Vec::new(),
        length_ok: Some(true),
        untidy: false,
        opens: Some(opens),
        of: Some(214),
        detail: String::new(),
    }
}

fn unread(name: &str, state: &str, detail: &str) -> KeyVersion {
    KeyVersion {
        fingerprint: None,
        created_at: None,
        opens: None,
        of: None,
        detail: detail.into(),
        ..version(name, state, '0', 0)
    }
}

fn cell(backup: &str, version: Option<&str>, status: CoverageStatus) -> Coverage {
    Coverage {
        backup: backup.into(),
        version: version.map(Into::into),
        status,
        proven_at: None,
        detail: String::new(),
        warning: None,
        at: None,
    }
}

fn envelopes() -> Envelopes {
    Envelopes {
        sampled: 215,
        opened: 214,
        unparsed: 0,
        key_ids: vec![KeyIdCount {
            key_id: Some(KeyId("5b1f0e7c92d4a680".into())),
            count: 215,
        }],
        columns: vec![ColumnCount {
            column: "ca_signing_keys.private_key".into(),
            rows: 9_000,
            sampled: 215,
            unparsed: 0,
        }],
        damaged: 1,
        damage: vec![Damaged {
            value: ValueName {
                table: "ca_signing_keys".into(),
                column: "private_key".into(),
                id: "17".into(),
            },
            what: "it doesn’t open".into(),
        }],
        nonces_compared: 214,
        shares: Some(Shares {
            newest: "5b1f0e7c92d4a680".into(),
            of: [("5b1f0e7c92d4a680".to_owned(), 1_000_000)].into(),
            margin: 0,
            at: None,
            grew_at: None,
        }),
        ..Envelopes::default()
    }
}

/// A manager that lacks the key in use, tells much, and little of it good.
fn keys() -> Keys {
    Keys {
        name: "demo".into(),
        verdict: Verdict::ManagerBehind,
        status: Status::Broken,
        detail: "only the key Ampora runs with opens 214 of 215 envelopes".into(),
        secret: Some(Secret {
            protection: Protection::Unprotected {
                why: "whoever may write may delete it".into(),
            },
            gone_at: Some(before(-6 * 86_400)),
            remarks: vec!["the limit of the mount couldn’t be read".into()],
            ..Secret::default()
        }),
        versions: vec![
            unread("1", "destroyed", ""),
            unread("2", "denied", "403 permission denied"),
            KeyVersion {
                keep: Keep::Writes {
                    left: 1,
                    why: "max_versions is 3".into(),
                },
                labels: vec!["AWSPREVIOUS".into()],
                ..version("3", "expiring", '2', 0)
            },
            version("4", "current", '7', 0),
        ],
        in_use: Some(InUse {
            source: "/etc/ampora/ampora.env".into(),
            fingerprint: Some(fingerprint('c')),
            key_id: None,
            version: None,
            previous_set: true,
            length_ok: Some(true),
            previous: Some(PreviousKey {
                fingerprint: fingerprint('7'),
                version: Some("4".into()),
                opens: Some(0),
            }),
            opens: Some(214),
            of: Some(215),
            detail: String::new(),
        }),
        envelopes: envelopes(),
        replicas: vec![Replica {
            name: "vault-north".into(),
            status: Status::Broken,
            fingerprint: Some(fingerprint('2')),
            version: Some("4".into()),
            detail: "version 4 is the manager’s version 3".into(),
        }],
        coverage: vec![
            cell("20261005-220004F", None, CoverageStatus::Unknown),
            cell("ampora-20261006.dump", Some("4"), CoverageStatus::Refuted),
            cell("ampora-20261006.dump", None, CoverageStatus::Missing),
            cell("ampora-20260928.dump", Some("3"), CoverageStatus::Refuted),
            cell("ampora-20260928.dump", Some("4"), CoverageStatus::Proven),
            cell("20260928-220004F", Some("4"), CoverageStatus::Expected),
            Coverage {
                detail: "key 241e 5f06 was in use then".into(),
                warning: Some("version 3 goes with the next write: max_versions is 3".into()),
                ..cell("20260901-220004F", Some("3"), CoverageStatus::Expected)
            },
        ],
        uncovered: vec![Uncovered {
            source: "main".into(),
            detail: "connection refused".into(),
        }],
    }
}

fn finding(code: &str, severity: Severity) -> KeyFinding {
    KeyFinding {
        code: code.into(),
        severity,
        title: "The secret manager is behind the key in use".into(),
        detail: "Ampora wraps under a key that the manager doesn’t hand out.".into(),
        recovery: "1. Scale Ampora to 0, so that nothing more is written.\n   binary: systemctl stop ampora\n2. Take a backup.".into(),
        page: "docs/failure-modes.md#key-behind".into(),
    }
}

fn not_judged(code: &str, reason: &str) -> NotJudged {
    NotJudged {
        deployment: "demo".into(),
        code: code.into(),
        reason: reason.into(),
    }
}

fn found(keys: Keys) -> KeysFound {
    KeysFound {
        keys,
        findings: vec![
            finding("key-behind", Severity::Error),
            finding("key-exposed", Severity::Warning),
        ],
        not_judged: vec![
            not_judged("key-weak", "version 2 was not read"),
            not_judged("version-missing", "the backups of main aren’t known"),
            not_judged("key-length", "version 2 was not read"),
        ],
    }
}

#[test]
fn every_fact_has_a_line_that_begins_with_its_status() {
    let report = KeysReport::new(vec![found(keys())]);
    insta::assert_snapshot!(text(&report, &[Some(before(125))], before(0)));
}

#[test]
fn what_was_never_read_is_no_empty_page() {
    let nothing = Keys {
        verdict: Verdict::Unknown,
        status: Status::Unknown,
        detail: "vault did not answer".into(),
        secret: None,
        versions: Vec::new(),
        in_use: None,
        envelopes: Envelopes::default(),
        replicas: Vec::new(),
        coverage: Vec::new(),
        uncovered: Vec::new(),
        ..keys()
    };
    let report = KeysReport::new(vec![KeysFound {
        keys: nothing,
        findings: Vec::new(),
        not_judged: Vec::new(),
    }]);
    let printed = text(&report, &[None], before(0));
    assert!(
        printed.starts_with("demo\n\nunknown: unknown: vault did not answer (never tried)"),
        "{printed}"
    );
    let good = |line: &str| line.trim_start().starts_with("ok ");
    assert!(!printed.lines().any(good), "{printed}");
    assert!(report.deployments[0].statuses().all(|status| status == Status::Unknown));
}

#[test]
fn a_finding_that_is_an_error_makes_the_command_fail_and_stands_beside_the_proof() {
    let good = KeysFound {
        keys: Keys {
            verdict: Verdict::InSync,
            status: Status::Ok,
            replicas: Vec::new(),
            ..keys()
        },
        findings: Vec::new(),
        not_judged: Vec::new(),
    };
    let broken = |found: &KeysFound| found.statuses().any(|status| status == Status::Broken);
    assert!(!broken(&good));
    let shared = KeysFound {
        findings: vec![finding("key-shared", Severity::Error)],
        ..good.clone()
    };
    let warned = KeysFound {
        findings: vec![finding("key-exposed", Severity::Warning)],
        ..good
    };
    assert!(broken(&shared) && !broken(&warned));
    let json = serde_json::to_value(KeysReport::new(vec![shared])).expect("has a JSON form");
    assert_eq!(
        json["deployments"][0]["name"], "demo",
        "the fields of the proof stand beside the findings"
    );
    assert_eq!(json["deployments"][0]["findings"][0]["code"], "key-shared");
}
