//! The same key in two deployments: whoever gets at one gets at both.

use super::super::facts::Facts;
use super::super::steps::{before_a_change, few, rotate};
use super::super::{Hysteresis, Judgement, Looks, Rule};
use super::{NamedKey, found, named, nothing, rival, unread};
use crate::finding::{Found, Severity, Step};

pub const RULE: Rule = Rule {
    code: "key-shared",
    title: "Two deployments have the same key",
    symptom: "The secrets of one deployment open in another",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

/// A key that another deployment has too.
struct Pair<'a> {
    there: &'a str,
    lives: bool,
    own: &'a NamedKey,
    their: &'a NamedKey,
}

fn judge(facts: &Facts<'_>) -> Judgement {
    let keys = facts.keys()?;
    let own = named(keys.value);
    let pairs: Vec<_> = facts
        .elsewhere
        .iter()
        .filter_map(|other| Some((other, other.keys.known().ok()?)))
        .filter_map(|(other, theirs)| pair(&own, &other.deployment, theirs))
        .collect();
    if pairs.is_empty() {
        let silent = facts.elsewhere.iter().find_map(|other| {
            let why = other.keys.known().err()?;
            Some(format!("the keys of {} aren’t known: {why}", other.deployment))
        });
        return nothing(unread(keys.value).or(silent));
    }
    let lives = pairs.iter().any(|pair| pair.lives);
    let mut steps = Vec::new();
    if lives {
        steps.extend(before_a_change(&facts.place));
        steps.push(Step::told(
            "Choose which of the two gets a key of its own; these steps are for that one.",
        ));
        steps.extend(rotate(&facts.place));
    } else {
        steps.push(Step::told(
            "Neither uses it any more, so no key has to be changed. Backups of its time open with either manager’s version: guard them both.",
        ));
    }
    let others = few(pairs.iter().map(|pair| pair.there));
    let verb = if pairs.len() == 1 { "has" } else { "have" };
    found(Found {
        severity: if lives { Severity::Error } else { Severity::Warning },
        title: format!("{others} {verb} the same key"),
        cause: "Whoever reads one of the secrets opens both databases and every backup of them.".into(),
        steps,
        evidence: pairs
            .iter()
            .take(5)
            .map(|pair| {
                let value = format!("{} there", pair.their.name);
                let fact = format!("{} here, {}", pair.own.name, pair.own.fingerprint.short());
                keys.evidence(fact, format!("{value} ({})", pair.there))
            })
            .collect(),
        rivals: rival(
            "only the fingerprints are the same",
            "a fingerprint is an HMAC under the key itself: equal ones are of equal keys",
        ),
        refutes: "Different fingerprints.".into(),
        cure: None,
    })
}

/// One for two deployments, about a key that lives if there is one.
fn pair<'a>(own: &'a [NamedKey], there: &'a str, theirs: &'a [NamedKey]) -> Option<Pair<'a>> {
    let same = own.iter().filter_map(|own| {
        let their = theirs.iter().find(|their| own.is_same(their))?;
        Some(Pair {
            there,
            lives: own.lives && their.lives,
            own,
            their,
        })
    });
    same.max_by_key(|pair| pair.lives)
}
