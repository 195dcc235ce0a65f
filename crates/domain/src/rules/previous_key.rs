//! `KeyProtection:PreviousMasterKey` is still set: a rotation that wasn't finished, or wasn't cleaned up.

use super::facts::Facts;
use super::steps::start;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::drift::Verdict;
use crate::finding::{Found, Rival, Severity, Step};

pub(super) const RULE: Rule = Rule {
    code: "previous-master-key-set",
    title: "PreviousMasterKey is still set",
    symptom: "An old key still opens data after a rotation",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let keys = facts.proof()?;
    let Some(in_use) = &keys.value.in_use else {
        return Err(Silence::Unset(
            "what Ampora was started with isn’t known: set in_use under [deployment.master_key]".into(),
        ));
    };
    if !in_use.previous_set {
        // A file or a Secret that couldn't be read has no previous key that anybody saw.
        let unread = in_use.fingerprint.is_none() && in_use.length_ok.is_none();
        return if unread {
            Err(Silence::Unknown(in_use.detail.clone()))
        } else {
            Ok(None)
        };
    }
    // While a rotation runs it belongs there.
    if keys.value.verdict == Verdict::Mixed {
        return Err(Silence::Explained("key-mixed"));
    }
    let envelopes = &keys.value.envelopes;
    let opens = in_use.opens.filter(|_| keys.value.verdict != Verdict::Unknown);
    let readable = envelopes
        .sampled
        .saturating_sub(envelopes.unparsed.max(envelopes.damaged));
    let left = readable.saturating_sub(opens.unwrap_or(0));
    let place = &facts.place;
    let cause = match opens {
        None => "Whether anything still needs it isn’t known: the key in use couldn’t be tried.".to_owned(),
        Some(_) if left == 0 => "Every envelope that was read opens with the new key: the rotation is done, and the old key has no use but to be stolen.".to_owned(),
        Some(_) => format!("{left} of {} envelopes still need it: the rotation isn’t done. Don’t remove it yet.", envelopes.sampled),
    };
    let mut steps = vec![Step::told(
        "Prove the keys now (Keys page): every envelope must open with the key in use.",
    )];
    if left == 0 && opens.is_some() {
        steps.push(Step::run(
            "Remove the setting.",
            format!(
                "kubectl -n {} set env deploy/{} KeyProtection__PreviousMasterKey-",
                place.namespace, place.workload
            ),
            format!("sed -i '/^KeyProtection__PreviousMasterKey=/d' {}", place.env_file),
        ));
        steps.push(start(place));
    } else {
        steps.push(Step::told("Leave it. Wait until the rotation is done: each row is rewritten when it is next saved. Keep the old key in the secret manager for the backups that need it."));
    }
    Ok(Some(Found {
        severity: Severity::Warning,
        title: "KeyProtection:PreviousMasterKey is still set".into(),
        cause,
        steps,
        evidence: vec![
            keys.evidence(format!("previous key, {}", in_use.source), "set"),
            keys.evidence(
                "envelopes that open with the key in use",
                format!(
                    "{} of {}",
                    opens.map_or_else(|| "unknown".into(), |opens| opens.to_string()),
                    envelopes.sampled
                ),
            ),
        ],
        rivals: vec![Rival {
            cause: "a rotation is under way".into(),
            ruled_out: if left == 0 && opens.is_some() {
                "nothing is left that the old key would be needed for".into()
            } else {
                "not ruled out: envelopes of the old key may be left".into()
            },
        }],
        refutes: "The setting missing from Ampora’s environment.".into(),
        cure: None,
    }))
}
