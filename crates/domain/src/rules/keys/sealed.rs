//! What is wrong with the envelopes themselves: spoilt values, and nonces that one key used twice.

use super::super::facts::Facts;
use super::super::steps::{before_a_change, rotate};
use super::super::{Hysteresis, Judgement, Looks, Rule};
use super::{count, found, proven, rival};
use crate::drift::ValueName;
use crate::finding::{Found, Severity, Step};

pub const DAMAGE: Rule = Rule {
    code: "envelope-damage",
    title: "Wrapped values are damaged",
    symptom: "A single secret can’t be read while all others can",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: damage,
};

pub const NONCES: Rule = Rule {
    code: "nonce-reuse",
    title: "A key used a nonce twice",
    symptom: "Two different values were sealed with one key and one nonce",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: nonces,
};

/// Where nothing was proven, it may as well be the layout that is wrong.
fn damage(facts: &Facts<'_>) -> Judgement {
    let keys = facts.proof()?;
    proven(keys.value)?;
    let seen = &keys.value.envelopes;
    if seen.damaged == 0 {
        return Ok(None);
    }
    let damaged = seen.damage.iter();
    found(Found {
        severity: Severity::Error,
        title: format!(
            "{} damaged",
            count(seen.damaged as usize, "wrapped value is", "wrapped values are")
        ),
        cause: "They don’t open although their key is at hand, or are no envelopes at all. No key cures them; all others are unharmed.".into(),
        steps: vec![
            Step::told("Find a backup in which the value still opens, before the last of them expires (Backups page)."),
            Step::told("Restore it beside the live database, and bring back these rows alone. No key is changed, and Ampora goes on."),
        ],
        evidence: damaged.map(|one| keys.evidence(one.value.to_string(), &one.what)).collect(),
        rivals: rival(
            "the key is wrong (wrong-master-key)",
            format!("{} of {} open with the keys at hand", seen.opened, seen.sampled),
        ),
        refutes: "The value opening.".into(),
        cure: facts.dump_before(DAMAGE.code),
    })
}

fn nonces(facts: &Facts<'_>) -> Judgement {
    let keys = facts.proof()?;
    let seen = &keys.value.envelopes;
    if seen.nonces_reused == 0 {
        proven(keys.value)?;
        return Ok(None);
    }
    let mut steps = before_a_change(&facts.place);
    steps.extend([
        Step::told("Tell Ampora’s makers: this is a mistake in how it seals."),
        Step::told(
            "Replace the secrets in these rows at their sources: whoever has read the database can tell what such values have in common and \
             forge more.",
        ),
    ]);
    steps.extend(rotate(&facts.place));
    found(Found {
        severity: Severity::Error,
        title: format!(
            "A key used {} for different envelopes",
            count(seen.nonces_reused as usize, "nonce twice", "nonces twice")
        ),
        cause: "AES-GCM keeps no secret of two values that were sealed with one key and one nonce.".into(),
        steps,
        evidence: seen
            .nonce_reuse
            .iter()
            .map(|reuse| {
                let places: Vec<_> = reuse.values.iter().map(ValueName::to_string).collect();
                keys.evidence(format!("key {}", reuse.key.short()), places.join(" and "))
            })
            .collect(),
        rivals: rival("a row was copied", "copies are equal; these differ"),
        refutes: "Different nonces, or equal envelopes.".into(),
        cure: None,
    })
}
