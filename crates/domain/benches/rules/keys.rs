//! What a deployment's keys look like to the rules: ten versions that open each of its backups, and those of the site's other deployments.

use domain::custody::{Keep, Secret, State};
use domain::drift::Verdict;
use domain::inventory::{Coverage, CoverageStatus, Envelopes, InUse, KeyVersion, Keys};
use domain::key::{Fingerprint, KeyId};
use domain::rules::{Elsewhere, named};
use domain::status::Status;

use super::{BACKUPS, known};

const VERSIONS: usize = 10;

/// The keys of the deployment with this number; a faulty one's manager is behind, and pruned what some backups need.
pub fn keys(number: usize, faulty: bool) -> Keys {
    let newest = version(number, VERSIONS, faulty);
    Keys {
        name: format!("deployment {number}"),
        verdict: if faulty {
            Verdict::ManagerBehind
        } else {
            Verdict::InSync
        },
        status: if faulty { Status::Broken } else { Status::Ok },
        detail: "10 of 10 envelopes open".into(),
        secret: Some(Secret::default()),
        in_use: Some(InUse {
            source: "/etc/ampora/ampora.env".into(),
            fingerprint: newest.fingerprint.clone(),
            key_id: newest.key_id.clone(),
            version: Some(newest.version.clone()),
            previous_set: false,
            length_ok: Some(true),
            previous: None,
            opens: Some(10),
            of: Some(10),
            detail: String::new(),
        }),
        versions: (1..=VERSIONS).map(|order| version(number, order, faulty)).collect(),
        envelopes: Envelopes {
            sampled: 10,
            opened: 10,
            ..Envelopes::default()
        },
        replicas: Vec::new(),
        coverage: (0..BACKUPS)
            .map(|hours| cell(hours, faulty && hours > BACKUPS / 2))
            .collect(),
        uncovered: Vec::new(),
    }
}

fn version(number: usize, order: usize, faulty: bool) -> KeyVersion {
    let current = order == VERSIONS;
    let state = if current { State::Current } else { State::Older };
    KeyVersion {
        manager: "vault secret/ampora".into(),
        version: order.to_string(),
        fingerprint: Some(Fingerprint::Keyed(format!("{number:016x}{order:016x}"))),
        key_id: Some(KeyId(format!("{number:08x}{order:08x}"))),
        created_at: None,
        current,
        state: state.word().into(),
        keep: Keep::Kept,
        labels: Vec::new(),
        length_ok: Some(true),
        untidy: false,
        opens: Some(if current && !faulty { 10 } else { 0 }),
        of: Some(10),
        detail: String::new(),
    }
}

fn cell(hours: i64, missing: bool) -> Coverage {
    Coverage {
        backup: format!("2026-{hours:06}F"),
        version: (!missing).then(|| VERSIONS.to_string()),
        status: if missing {
            CoverageStatus::Missing
        } else {
            CoverageStatus::Proven
        },
        proven_at: None,
        detail: "10 of 10 envelopes opened".into(),
        warning: None,
        at: None,
    }
}

/// What each of the others shows of its keys.
pub fn elsewhere(site: &[Keys], own: usize) -> Vec<Elsewhere> {
    let others = site.iter().enumerate().filter(|(number, _)| *number != own);
    others
        .map(|(_, keys)| Elsewhere {
            deployment: keys.name.clone(),
            keys: known(named(keys)),
        })
        .collect()
}
