//! A version of the key that something still needs is about to be removed by a rule of the secret manager.

use chrono::TimeDelta;

use super::facts::Facts;
use super::steps::few;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::custody::Keep;
use crate::finding::{Cure, Found, Rival, Severity, Step};
use crate::inventory::{CoverageStatus, KeyVersion, Keys};
use crate::time::Timestamp;

pub(super) const RULE: Rule = Rule {
    code: "key-version-pruned",
    title: "A key version that is needed is about to be pruned",
    symptom: "Old backups will not open any more",
    looks: &[Looks::Keys, Looks::Backups],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

/// An end nearer than this is an error.
const NEAR: TimeDelta = TimeDelta::days(7);

fn judge(facts: &Facts<'_>) -> Judgement {
    let keys = facts.keys()?;
    let ending = keys.value.versions.iter().filter(|version| version.keep.ends());
    let untried = ending.clone().find(|version| version.opens.is_none());
    let needed: Vec<_> = ending
        .filter_map(|version| Some((version, need(keys.value, version)?)))
        .collect();
    let Some((first, _)) = needed.first() else {
        let reason = |version: &KeyVersion| {
            Silence::Unknown(format!(
                "whether anything needs version {} wasn’t tried: {}",
                version.version, version.detail
            ))
        };
        return untried.map_or(Ok(None), |version| Err(reason(version)));
    };
    let near = needed.iter().any(|(version, _)| is_near(&version.keep, facts.now));
    let names: Vec<_> = needed.iter().map(|(version, _)| version.version.as_str()).collect();
    Ok(Some(Found {
        severity: if near { Severity::Error } else { Severity::Warning },
        title: format!("Version {} of the master key is needed and about to go", few(names.iter().copied())),
        cause: "The secret manager removes versions by a rule of its own. What was encrypted under one that is gone can never be read again, \
                backups included."
            .into(),
        steps: vec![
            Step::told("Don’t write a new version into the secret before this is done: in some managers the next write removes the oldest."),
            Step::anywhere("Vault: raise the number of versions that are kept.", "vault kv metadata put -mount=MOUNT -max-versions=50 PATH"),
            Step::told("AWS: put a staging label of its own on the version (update-secret-version-stage), so that it isn’t deprecated. Google: cancel its scheduled destruction or the secret’s expiry."),
            Step::told("Else request the key and keep it where nothing removes it."),
        ],
        evidence: needed
            .iter()
            .flat_map(|(version, need)| {
                [
                    keys.evidence(format!("version {} of {}", version.version, version.manager), describe(&version.keep)),
                    keys.evidence(format!("version {} is needed by", version.version), need),
                ]
            })
            .collect(),
        rivals: vec![Rival {
            cause: "nothing needs the version any more".into(),
            ruled_out: "live envelopes or kept backups do, as listed".into(),
        }],
        refutes: "The version kept without an end, or nothing left that it opens.".into(),
        cure: Some(Cure::RetrieveKey {
            version: first.version.clone(),
        }),
    }))
}

/// What needs the version; `None`: nothing that is known of.
fn need(keys: &Keys, version: &KeyVersion) -> Option<String> {
    let live = version
        .opens
        .filter(|opens| *opens > 0)
        .map(|opens| format!("{opens} live envelopes"));
    let backups = keys.coverage.iter().filter(|cell| {
        cell.version.as_ref() == Some(&version.version)
            && matches!(cell.today(), CoverageStatus::Proven | CoverageStatus::Expected)
    });
    let backups: Vec<_> = backups.map(|cell| cell.backup.as_str()).collect();
    let backups =
        (!backups.is_empty()).then(|| format!("{} backups ({})", backups.len(), few(backups.iter().copied())));
    let parts: Vec<_> = [live, backups].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

fn is_near(keep: &Keep, now: Timestamp) -> bool {
    match keep {
        Keep::Until { at, .. } => *at - now <= NEAR,
        Keep::AtRisk { .. } => true,
        Keep::Writes { .. } | Keep::Kept | Keep::Unknown => false,
    }
}

fn describe(keep: &Keep) -> String {
    match keep {
        Keep::Until { at, why } => format!("goes at {}: {why}", at.format("%Y-%m-%d %H:%M UTC")),
        Keep::Writes { left, why } => format!("goes with {left} more writes: {why}"),
        Keep::AtRisk { why } => format!("may go at any time: {why}"),
        Keep::Kept | Keep::Unknown => "no end is known".into(),
    }
}
