//! A deployment whose keys are as they should be, and each state in which they aren't.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};

use super::super::super::{Facts, History, Judgement, Place, Rule};
use super::super::{Elsewhere, named};
use crate::custody::exposure::{Exposure, Left, Rotated};
use crate::custody::{Keep, Secret, State};
use crate::drift::{Damaged, ValueName, Verdict};
use crate::finding::Found;
use crate::finding::Severity::{self, Error, Warning};
use crate::inventory::{Coverage, CoverageStatus, Envelopes, InUse, KeyVersion, Keys, Replica};
use crate::key::{Fingerprint, KeyId};
use crate::plan::Delivery;
use crate::policy::{Fact, Promises};
use crate::proof::NonceReuse;
use crate::status::Status;
use crate::time::Timestamp;

pub fn now() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

pub fn fingerprint(name: &str) -> Fingerprint {
    Fingerprint::Keyed(name.repeat(8))
}

pub fn version(name: &str, opens: u32) -> KeyVersion {
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
pub fn keys() -> Keys {
    let mut keys = Keys {
        name: "prod".into(),
        verdict: Verdict::InSync,
        status: Status::Ok,
        detail: "the manager’s current version opens 10 of 10 envelopes".into(),
        secret: Some(Secret::default()),
        versions: vec![version("1", 0), version("2", 10)],
        in_use: Some(InUse {
            source: "/etc/ampora.env".into(),
            fingerprint: Some(fingerprint("2")),
            key_id: None,
            version: Some("2".into()),
            previous_set: false,
            length_ok: Some(true),
            previous: None,
            opens: Some(10),
            of: Some(10),
            detail: String::new(),
        }),
        envelopes: Envelopes {
            sampled: 10,
            opened: 10,
            ..Envelopes::default()
        },
        replicas: vec![replica(Status::Ok)],
        coverage: vec![cell("full", Some("2"), CoverageStatus::Proven)],
        uncovered: Vec::new(),
    };
    keys.versions[1].current = true;
    keys
}

pub fn replica(status: Status) -> Replica {
    Replica {
        name: "eu-west-1".into(),
        status,
        fingerprint: None,
        version: None,
        detail: "it has version 1".into(),
    }
}

pub fn spoilt(spoil: impl FnOnce(&mut Keys)) -> Keys {
    let mut keys = keys();
    spoil(&mut keys);
    keys
}

pub fn in_use(keys: &mut Keys) -> &mut InUse {
    keys.in_use.as_mut().expect("is there")
}

pub fn cell(backup: &str, version: Option<&str>, status: CoverageStatus) -> Coverage {
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

pub fn place(id: &str) -> ValueName {
    ValueName {
        table: "ca_signing_keys".into(),
        column: "PrivateKey".into(),
        id: id.into(),
    }
}

/// What there is beside the proof.
#[derive(Clone, Default)]
pub struct Beside {
    pub elsewhere: Vec<Elsewhere>,
    pub exposures: Vec<Exposure>,
    /// Why the database has not answered since.
    pub gone: Option<String>,
}

impl Beside {
    pub fn of(name: &str, keys: &Keys) -> Self {
        Self {
            elsewhere: vec![Elsewhere {
                deployment: name.into(),
                keys: Fact::Known {
                    value: named(keys),
                    at: now(),
                },
            }],
            exposures: Vec::new(),
            gone: None,
        }
    }

    /// What every rule about keys says.
    pub fn judged(&self, keys: &Keys) -> Vec<(Rule, Judgement)> {
        let known = |value| Fact::Known { value, at: now() };
        let facts = Facts {
            now: now(),
            place: Place::default(),
            vitals: Fact::unknown("not asked here"),
            traces: Fact::unknown("not asked here"),
            keys: Some(known(keys.clone())),
            gone: self.gone.clone(),
            elsewhere: &self.elsewhere,
            exposures: Fact::Known {
                value: self.exposures.clone(),
                at: now(),
            },
            archives: Vec::new(),
            sources: &[],
            backups: &[],
            windows: &[],
            lags: Vec::new(),
            history: History::default(),
            image: None,
            crl: None,
            rehearsals: None,
            restored: None,
            set_back: None,
            leftovers: None,
            promises: &Promises::default(),
            clear: BTreeMap::new(),
        };
        let about_keys = Rule::ALL.into_iter().filter(Rule::is_about_keys);
        about_keys.map(|rule| (rule, rule.judge(&facts))).collect()
    }

    pub fn found(&self, keys: &Keys) -> Vec<(&'static str, Found)> {
        let judged = self.judged(keys).into_iter();
        judged
            .filter_map(|(rule, says)| Some((rule.code, says.ok()??)))
            .collect()
    }
}

pub fn says(keys: &Keys, code: &str) -> Judgement {
    let judged = Beside::default().judged(keys);
    let own = judged.into_iter().find(|(rule, _)| rule.code == code);
    own.expect("a rule about keys").1
}

pub fn codes(keys: &Keys) -> Vec<(&'static str, Severity)> {
    let found = Beside::default().found(keys).into_iter();
    found.map(|(code, found)| (code, found.severity)).collect()
}

pub fn only(keys: &Keys) -> Found {
    let [(_, found)] = Beside::default().found(keys).try_into().expect("one finding");
    found
}

/// Foreign: nothing opens, and Ampora runs with something that opens nothing.
pub fn foreign(keys: &mut Keys) {
    keys.verdict = Verdict::Foreign;
    for version in &mut keys.versions {
        version.opens = Some(0);
    }
    in_use(keys).opens = Some(0);
    keys.envelopes.opened = 0;
}

pub fn goes(keys: &mut Keys, days: i64, status: CoverageStatus) {
    let at = now() + TimeDelta::days(days);
    keys.versions[0].keep = Keep::Until {
        at,
        why: "its time is over".into(),
    };
    keys.coverage.push(Coverage {
        warning: Some("version 1 goes".into()),
        at: Some(at),
        ..cell("old", Some("1"), status)
    });
}

pub type Spoil = fn(&mut Keys);

/// Each state with the one finding that it has.
pub const STATES: [(Spoil, &str, Severity); 22] = [
    (|keys| keys.verdict = Verdict::ManagerBehind, "key-behind", Error),
    (|keys| keys.verdict = Verdict::ManagerAhead, "key-ahead", Error),
    (|keys| keys.verdict = Verdict::Mixed, "key-mixed", Warning),
    (
        |keys| (keys.verdict, keys.status) = (Verdict::Mixed, Status::Broken),
        "key-mixed",
        Error,
    ),
    (foreign, "wrong-master-key", Error),
    (
        |keys| {
            foreign(keys);
            keys.in_use = None;
        },
        "wrong-master-key",
        Error,
    ),
    (|keys| keys.verdict = Verdict::Unknown, "key-unproven", Warning),
    (|keys| keys.versions[0].length_ok = Some(false), "key-length", Error),
    (|keys| in_use(keys).length_ok = Some(false), "key-length", Error),
    (
        |keys| keys.versions[0].fingerprint = Some(Fingerprint::Weak),
        "key-weak",
        Error,
    ),
    (|keys| keys.versions[1].untidy = true, "key-encoding", Warning),
    (
        |keys| in_use(keys).previous_set = true,
        "previous-master-key-set",
        Warning,
    ),
    (
        |keys| keys.replicas.push(replica(Status::Broken)),
        "replica-differs",
        Error,
    ),
    (
        |keys| keys.coverage.push(cell("old", None, CoverageStatus::Missing)),
        "version-missing",
        Error,
    ),
    (
        |keys| goes(keys, 30, CoverageStatus::Expected),
        "key-version-pruned",
        Warning,
    ),
    (
        |keys| goes(keys, 5, CoverageStatus::Expected),
        "key-version-pruned",
        Error,
    ),
    (
        |keys| goes(keys, 30, CoverageStatus::Missing),
        "key-version-pruned",
        Error,
    ),
    (
        |keys| {
            keys.versions[0].keep = Keep::Writes {
                left: 1,
                why: "10 are kept".into(),
            };
            keys.coverage.push(Coverage {
                warning: Some("version 1 goes with the next write".into()),
                ..cell("old", Some("1"), CoverageStatus::Expected)
            });
        },
        "key-version-pruned",
        Warning,
    ),
    (
        |keys| {
            keys.versions[1].keep = Keep::AtRisk {
                why: "it has no label".into(),
            }
        },
        "key-version-pruned",
        Error,
    ),
    (
        |keys| {
            keys.versions[0].state = State::Disabled.word().into();
            keys.coverage.push(Coverage {
                warning: Some("version 1 is disabled: enable it before a restore".into()),
                ..cell("old", Some("1"), CoverageStatus::Expected)
            });
        },
        "version-disabled",
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

pub fn exposure(rotated: Rotated) -> Exposure {
    Exposure {
        request: 12,
        fingerprint: fingerprint("2"),
        at: now() - TimeDelta::days(3),
        who: "alice".into(),
        how: Left::Retrieved {
            version: "2".into(),
            delivery: Delivery::ShownOnce,
        },
        certain: true,
        rotated,
    }
}
