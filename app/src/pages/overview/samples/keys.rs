//! Proofs of keys, made up.

use domain::backup::{Backup, Kind};
use domain::custody::{Keep, ManagedCopy, Protection, Rotation, Secret};
use domain::drift::{Damaged, Movement, Shares, ValueName, Verdict};
use domain::inventory::*;
use domain::key::{Fingerprint, KeyId};
use domain::proof::NonceReuse;
use domain::status::Status;

use super::{DAY, ago};

pub fn fingerprint(digit: char) -> Fingerprint {
    Fingerprint::Keyed(format!("{digit}41e5f0600112233445566778899aabb"))
}

fn version(name: &str, digit: char, opens: u32, current: bool) -> KeyVersion {
    KeyVersion {
        manager: "file /etc/muster/keys".into(),
        version: name.into(),
        fingerprint: Some(fingerprint(digit)),
        key_id: Some(KeyId(format!("{digit}b1f0e7c92d4a680"))),
        created_at: Some(ago(110 * DAY)),
        current,
        state: if current { "current" } else { "previous" }.into(),
        keep: Keep::Kept,
        labels: Vec::new(),
        untidy: false,
        length_ok: Some(true),
        opens: Some(opens),
        of: Some(214),
        detail: String::new(),
    }
}

fn envelopes() -> Envelopes {
    let columns = [
        ("ca_signing_keys.private_key", 4),
        ("git_config_sources.credential", 196),
        ("federation_peers.outbound_secret", 14),
    ];
    let column = |(column, rows): (&str, u32)| ColumnCount {
        column: column.into(),
        rows,
        sampled: rows,
        unparsed: 0,
    };
    Envelopes {
        nonces_compared: 214,
        sampled: 214,
        opened: 214,
        unparsed: 0,
        key_ids: vec![KeyIdCount {
            key_id: Some(KeyId("5b1f0e7c92d4a680".into())),
            count: 214,
        }],
        columns: columns.map(column).into(),
        ..Envelopes::default()
    }
}

/// A proof: the manager's current version opens nothing, the key in use opens everything.
pub fn behind() -> Keys {
    Keys {
        name: "ampora-prod".into(),
        verdict: Verdict::ManagerBehind,
        status: Status::Broken,
        detail: "only the key Ampora runs with opens 214 of 214 envelopes; the manager doesn’t have it".into(),
        secret: None,
        versions: vec![version("1", '2', 0, false), version("2", '7', 0, true)],
        in_use: Some(InUse {
            source: "/etc/ampora/ampora.env".into(),
            fingerprint: Some(fingerprint('c')),
            key_id: Some(KeyId("5b1f0e7c92d4a680".into())),
            version: None,
            previous_set: true,
            length_ok: Some(true),
            previous: Some(PreviousKey {
                fingerprint: fingerprint('7'),
                version: Some("2".into()),
                opens: Some(0),
            }),
            opens: Some(214),
            of: Some(214),
            detail: String::new(),
        }),
        envelopes: envelopes(),
        replicas: Vec::new(),
        coverage: Vec::new(),
        uncovered: Vec::new(),
    }
}

/// Half a rotation that stands still, a spoilt value, and a nonce that was used twice.
pub fn half_rotated() -> Keys {
    let value = |id: &str| ValueName {
        table: "git_config_sources".into(),
        column: "credential".into(),
        id: id.into(),
    };
    let mut keys = in_sync();
    keys.verdict = Verdict::Mixed;
    keys.status = Status::Broken;
    keys.detail = "214 envelopes are of 2 keys, and the manager has them all; the rotation is stuck".into();
    keys.versions[0].opens = Some(119);
    keys.versions[1].opens = Some(95);
    keys.envelopes.damaged = 1;
    keys.envelopes.damage = vec![Damaged {
        value: value("17"),
        what: "it opens with another key than the one its id names".into(),
    }];
    keys.envelopes.nonces_reused = 1;
    keys.envelopes.nonce_reuse = vec![NonceReuse {
        key: fingerprint('c'),
        values: vec![value("3"), value("4")],
    }];
    keys.envelopes.movement = Some(Movement::Stuck);
    keys.envelopes.shares = Some(Shares {
        newest: "5b1f0e7c92d4a680".into(),
        of: [
            ("5b1f0e7c92d4a680".to_owned(), 441_000),
            ("2b1f0e7c92d4a680".to_owned(), 559_000),
        ]
        .into(),
        margin: 0,
        at: Some(ago(125)),
        grew_at: None,
    });
    keys
}

/// The same of a manager that tells much, little of it good: versions in every state, a deletion that is scheduled, copies that differ.
pub fn troubled() -> Keys {
    let why = || "max_versions is 3".to_owned();
    let unread = |name: &str, state: &str, detail: &str| KeyVersion {
        fingerprint: None,
        key_id: None,
        length_ok: None,
        opens: None,
        of: None,
        state: state.into(),
        detail: detail.into(),
        ..version(name, '0', 0, false)
    };
    let expiring = |keep| KeyVersion {
        state: "expiring".into(),
        keep,
        ..version("4", '4', 0, false)
    };
    let mut keys = behind();
    let mut newer = std::mem::take(&mut keys.versions);
    newer[0].version = "6".into();
    newer[1].version = "7".into();
    newer[1].labels = vec!["AWSCURRENT".into()];
    keys.versions = vec![
        KeyVersion {
            keep: Keep::Unknown,
            ..unread("1", "destroyed", "")
        },
        unread("2", "disabled", ""),
        unread("3", "denied", "vault refused Muster’s token: 403 permission denied"),
        expiring(Keep::Writes { left: 1, why: why() }),
        KeyVersion {
            version: "5".into(),
            ..expiring(Keep::Until {
                at: ago(-9 * DAY),
                why: why(),
            })
        },
    ];
    keys.versions.append(&mut newer);
    keys.secret = Some(Secret {
        rotation: Rotation::On {
            every: Some("30 days".into()),
            last: Some(ago(3 * DAY)),
            next: Some(ago(-27 * DAY)),
        },
        protection: Protection::Unprotected {
            why: "whoever may write may delete it".into(),
        },
        gone_at: Some(ago(-6 * DAY)),
        copies: vec![ManagedCopy {
            place: "eu-west-1".into(),
            in_step: Some(true),
            detail: "InSync".into(),
        }],
        remarks: vec!["the limit of the mount couldn’t be read".into()],
        ..Secret::default()
    });
    keys.replicas = replicas();
    keys
}

fn replicas() -> Vec<Replica> {
    let replica = |name: &str, status, digit: Option<char>, detail: &str| Replica {
        name: name.into(),
        status,
        fingerprint: digit.map(fingerprint),
        version: digit.map(|_| "7".into()),
        detail: detail.into(),
    };
    vec![
        replica(
            "vault-west",
            Status::Ok,
            Some('7'),
            "version 7 is the manager’s current key",
        ),
        replica(
            "vault-north",
            Status::Broken,
            Some('2'),
            "version 7 is the manager’s version 6; its current key is version 7",
        ),
        replica("vault-south", Status::Unknown, None, "no answer within 10 s"),
    ]
}

/// A proof that all is well: the current version is the key in use.
pub fn in_sync() -> Keys {
    let mut keys = behind();
    keys.verdict = Verdict::InSync;
    keys.status = Status::Ok;
    keys.detail = "the manager’s current version opens 214 of 214 envelopes".into();
    keys.versions[1].opens = Some(214);
    keys.versions[1].fingerprint = Some(fingerprint('c'));
    keys.versions[1].key_id = Some(KeyId("5b1f0e7c92d4a680".into()));
    if let Some(in_use) = &mut keys.in_use {
        in_use.version = Some("2".into());
        in_use.previous_set = false;
        in_use.previous = None;
    }
    keys
}

fn cell(backup: &str, version: Option<&str>, status: CoverageStatus) -> Coverage {
    Coverage {
        backup: backup.into(),
        version: version.map(Into::into),
        status,
        proven_at: (status == CoverageStatus::Proven).then(|| ago(6 * DAY)),
        detail: String::new(),
        warning: None,
        at: None,
    }
}

/// As [`coverage`], of a manager that is about to drop a version; the physical backups are expected to open.
pub fn coverage_of_troubled(backups: &[Backup]) -> Vec<Coverage> {
    let at = ago(-9 * DAY);
    let expected = |backup: &Backup, version| Coverage {
        detail: "key 741e 5f06 was in use then".into(),
        ..cell(&backup.label, Some(version), CoverageStatus::Expected)
    };
    let of = |(index, backup): (usize, &Backup)| {
        match (backup.kind, index) {
        (Kind::Full, 0..3) => vec![Coverage {
            status: CoverageStatus::Missing,
            warning: Some("version 5 goes at 2026-10-15 01:14 UTC (max_versions is 3), before this backup expires at 2026-11-04 22:14 UTC".into()),
            at: Some(at),
            ..expected(backup, "5")
        }],
        (Kind::Full, 3) => vec![Coverage {
            warning: Some("version 4 goes with the next write: max_versions is 3".into()),
            ..expected(backup, "4")
        }],
        (Kind::Full | Kind::Incr, _) => vec![expected(backup, "7")],
        _ => coverage(std::slice::from_ref(backup)),
    }
    };
    backups.iter().enumerate().flat_map(of).collect()
}

pub fn coverage(backups: &[Backup]) -> Vec<Coverage> {
    let old = |backup: &Backup| backup.stopped_at.is_some_and(|at| at < ago(6 * DAY));
    let of = |backup: &Backup| match (backup.kind, old(backup)) {
        (Kind::Dump, true) => vec![
            cell(&backup.label, Some("1"), CoverageStatus::Refuted),
            cell(&backup.label, Some("2"), CoverageStatus::Proven),
        ],
        (Kind::Dump, false) => vec![
            cell(&backup.label, Some("1"), CoverageStatus::Refuted),
            cell(&backup.label, Some("2"), CoverageStatus::Refuted),
            cell(&backup.label, None, CoverageStatus::Missing),
        ],
        _ => vec![cell(&backup.label, None, CoverageStatus::Unknown)],
    };
    backups.iter().flat_map(of).collect()
}
