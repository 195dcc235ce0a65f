//! Keys that kept backups need and that can't be had: gone from the manager, or held back by it. Those that are about to go are told by
//! `key-version-pruned`.

use std::collections::BTreeSet;

use super::super::facts::{Facts, Read};
use super::super::place::Place;
use super::super::steps::few;
use super::super::{Hysteresis, Judgement, Looks, Rule, Silence};
use super::{count, found, nothing, rival, sentence, versions};
use crate::custody::State;
use crate::finding::{Found, Severity, Step};
use crate::inventory::{Coverage, CoverageStatus, KeyVersion, Keys};

pub const MISSING: Rule = Rule {
    code: "version-missing",
    title: "Backups need a key that the manager lacks",
    symptom: "A restored database comes up, and its secrets stay locked",
    looks: &[Looks::Keys, Looks::Backups],
    hysteresis: Hysteresis::AT_ONCE,
    judge: missing,
};

pub const DISABLED: Rule = Rule {
    code: "version-disabled",
    title: "A version that backups need is held back",
    symptom: "The secret manager lists the version and doesn’t hand it out",
    looks: &[Looks::Keys, Looks::Backups],
    hysteresis: Hysteresis::AT_ONCE,
    judge: disabled,
};

/// Why it can't be said that every backup was looked at.
pub(in crate::rules) fn overlooked(keys: &Keys) -> Option<String> {
    if let Some(why) = keys.undescribed() {
        return Some(why.to_owned());
    }
    let uncovered = keys.uncovered.first()?;
    Some(format!(
        "the backups of {} aren’t known: {}",
        uncovered.source, uncovered.detail
    ))
}

/// The labels of these cells, each once.
fn labels<'a>(cells: &[&'a Coverage]) -> BTreeSet<&'a str> {
    cells.iter().map(|cell| cell.backup.as_str()).collect()
}

fn covered<'a>(facts: &'a Facts<'_>) -> Result<Read<'a, Keys>, Silence> {
    let keys = facts.keys()?;
    if keys.value.coverage.is_empty() && facts.sources.is_empty() && keys.value.uncovered.is_empty() {
        return Err(Silence::Unset("no source of backups is configured".into()));
    }
    Ok(keys)
}

fn missing(facts: &Facts<'_>) -> Judgement {
    let keys = covered(facts)?;
    let cells = keys.value.coverage.iter();
    let locked: Vec<_> = cells.filter(|cell| cell.today() == CoverageStatus::Missing).collect();
    let backups = labels(&locked);
    if backups.is_empty() {
        return nothing(overlooked(keys.value));
    }
    found(Found {
        severity: Severity::Error,
        title: format!(
            "{} a key that the manager lacks",
            count(backups.len(), "backup needs", "backups need")
        ),
        cause: format!(
            "Restored, the database comes up and what the key protects stays locked: {}.",
            few(backups.iter().copied())
        ),
        steps: vec![
            Step::told(
                "Look for the key in replicas, other regions, old exports and on hosts that Ampora ran on. Compare fingerprints, not keys.",
            ),
            Step::told(
                "Keep what is found in a secret of its own. Never write it where Ampora’s key lies: it would become the current version there.",
            ),
            Step::told(
                "Until it is found, restore from a backup that a version opens (Keys page, coverage). The running Ampora is not affected.",
            ),
        ],
        evidence: locked
            .iter()
            .take(5)
            .map(|cell| keys.evidence(&cell.backup, &cell.detail))
            .collect(),
        rivals: rival(
            "a version that wasn’t read holds it",
            "every version that the manager has was read, or the backup is from before all of them",
        ),
        refutes: "A version that opens an envelope of the backup.".into(),
        cure: None,
    })
}

fn disabled(facts: &Facts<'_>) -> Judgement {
    let keys = covered(facts)?;
    let held_back = [State::Disabled, State::Deleted].map(State::word);
    let needed: Vec<_> = keys
        .value
        .versions
        .iter()
        .filter(|version| held_back.contains(&version.state.as_str()))
        .filter_map(|version| {
            let name = Some(version.version.as_str());
            let cells = keys.value.coverage.iter();
            let cells: Vec<_> = cells
                .filter(|cell| cell.version.as_deref() == name && cell.warning.is_some())
                .collect();
            (!cells.is_empty()).then_some((version, cells))
        })
        .collect();
    if needed.is_empty() {
        return nothing(untold(keys.value).or_else(|| overlooked(keys.value)));
    }
    let names = versions(needed.iter().map(|(version, _)| version.version.as_str()));
    let verb = if needed.len() == 1 { "is" } else { "are" };
    found(Found {
        severity: Severity::Warning,
        title: format!("{} {verb} held back, and backups need it", sentence(&names)),
        cause: "The manager keeps the version and doesn’t hand it out. A restore of these backups needs it first."
            .into(),
        steps: hand_out_again(&facts.place, needed.iter().map(|(version, _)| *version)),
        evidence: needed
            .iter()
            .take(5)
            .map(|(version, cells)| {
                let backups = labels(cells);
                let fact = format!("version {} of {}, {}", version.version, version.manager, version.state);
                let needs = count(backups.len(), "backup needs it", "backups need it");
                keys.evidence(fact, format!("{needs}: {}", few(backups)))
            })
            .collect(),
        rivals: rival(
            "it is gone for good (version-missing)",
            "the manager still lists it as one that can be had back",
        ),
        refutes: "The version handed out again, or no backup left that needs it.".into(),
        cure: None,
    })
}

/// Why it can't be said that no backup needs a version that is held back: nobody ever read which key it holds.
fn untold(keys: &Keys) -> Option<String> {
    let held_back = [State::Disabled, State::Deleted].map(State::word);
    let mut versions = keys.versions.iter();
    let version =
        versions.find(|version| version.fingerprint.is_none() && held_back.contains(&version.state.as_str()))?;
    let unknown = keys
        .coverage
        .iter()
        .find(|cell| cell.status == CoverageStatus::Unknown)?;
    Some(format!(
        "version {} is {}, and whether {} needs it isn’t known: {}",
        version.version, version.state, unknown.backup, unknown.detail
    ))
}

fn hand_out_again<'a>(place: &Place, held_back: impl Iterator<Item = &'a KeyVersion>) -> Vec<Step> {
    let deleted = held_back.filter(|version| version.state == State::Deleted.word());
    let deleted: Vec<_> = deleted.map(|version| version.version.as_str()).collect();
    let command = place.bring_back.as_ref().filter(|_| !deleted.is_empty());
    let steps = [
        Some(Step::told(
            "Enable the version, or bring it back, before its deletion is final. Which one is current must not change.",
        )),
        command.map(|command| Step::anywhere("Bring back what was deleted.", command.of(&deleted))),
    ];
    steps.into_iter().flatten().collect()
}
