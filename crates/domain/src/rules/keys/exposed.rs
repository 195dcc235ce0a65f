//! Keys that left by an agreed request and weren't rotated since. A key in somebody's hands is a key to be rotated; only a proof can say that
//! it was.

use std::collections::BTreeSet;

use super::super::facts::Facts;
use super::super::steps::{before_a_change, few, rotate};
use super::super::{Hysteresis, Judgement, Looks, Rule};
use super::{found, nothing, rival};
use crate::custody::exposure::{Exposure, Rotated};
use crate::finding::{Evidence, Found, Severity};

pub const RULE: Rule = Rule {
    code: "key-exposed",
    title: "A key that was handed out isn’t rotated",
    symptom: "Somebody has a copy of the key that is in use",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    facts.keys()?;
    let exposures = facts.exposures()?;
    let (value, at) = (exposures.value, exposures.at);
    let live: Vec<_> = value.iter().filter(|one| one.rotated == Rotated::StillInUse).collect();
    if live.is_empty() {
        return nothing(value.iter().find_map(|one| match &one.rotated {
            Rotated::Unknown { why } => Some(format!("whether the key of request {} was rotated: {why}", one.request)),
            Rotated::Yes { .. } | Rotated::StillInUse => None,
        }));
    }
    let keys: BTreeSet<_> = live.iter().map(|one| one.fingerprint.short()).collect();
    let (key, verb) = if keys.len() == 1 {
        ("Key", "isn’t")
    } else {
        ("Keys", "aren’t")
    };
    let mut steps = before_a_change(&facts.place);
    steps.extend(rotate(&facts.place));
    found(Found {
        severity: Severity::Warning,
        title: format!("{key} {} left by request and {verb} rotated yet", few(keys.iter().map(String::as_str))),
        cause: "A request was agreed to and run: somebody has seen the key, holds a copy, or it came from where nobody kept it. It still opens \
                what is live. Nothing is wrong tonight; plan a rotation."
            .into(),
        steps,
        evidence: live.iter().take(5).map(|one| evidence(one, at)).collect(),
        rivals: rival(
            "it was rotated already",
            "the latest proof opened live envelopes with it, or Ampora runs with it",
        ),
        refutes: "A proof in which only other keys open what is live.".into(),
        cure: None,
    })
}

fn evidence(one: &Exposure, judged_at: crate::time::Timestamp) -> Evidence {
    let at = one.at.format("%Y-%m-%d %H:%M UTC");
    Evidence {
        fact: format!("request {}", one.request),
        value: format!("key {} {} at {at}", one.fingerprint.short(), one.words()),
        observed_at: Some(judged_at),
        source: "requests".into(),
    }
}
