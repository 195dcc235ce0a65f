//! A copy of the secret manager that doesn't hold its current key: if the manager's region is lost, the copy is all there is.

use super::super::facts::Facts;
use super::super::steps::few;
use super::super::{Hysteresis, Judgement, Looks, Rule, Silence};
use super::{found, nothing, rival};
use crate::finding::{Found, Severity, Step};
use crate::status::Status;

pub const RULE: Rule = Rule {
    code: "replica-differs",
    title: "A copy of the secret manager doesn’t hold its current key",
    symptom: "In the other region the key opens nothing",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let keys = facts.keys()?;
    let replicas = &keys.value.replicas;
    if let (true, Some(why)) = (replicas.is_empty(), keys.value.undescribed()) {
        return Err(Silence::Unknown(why.to_owned()));
    }
    if replicas.is_empty() {
        return Err(Silence::Unset(
            "no copy elsewhere is configured: set replicas under [deployment.master_key]".into(),
        ));
    }
    let of = |status| replicas.iter().filter(move |replica| replica.status == status);
    let differing: Vec<_> = of(Status::Broken).collect();
    if differing.is_empty() {
        let unread = of(Status::Unknown).next();
        return nothing(unread.map(|replica| format!("{}: {}", replica.name, replica.detail)));
    }
    let names = few(differing.iter().map(|replica| replica.name.as_str()));
    let verb = if differing.len() == 1 { "doesn’t" } else { "don’t" };
    found(Found {
        severity: Severity::Error,
        title: format!("{names} {verb} hold the manager’s current key"),
        cause: "If the manager’s region is lost today, what the copy has is all there is.".into(),
        steps: vec![
            Step::told(
                "Let the copy catch up with the manager, by its own replication or by writing the manager’s current key there.",
            ),
            Step::told(
                "Compare again (Keys page). Ampora isn’t touched by any of this: it goes on with the key it has.",
            ),
        ],
        evidence: differing
            .iter()
            .map(|replica| keys.evidence(&replica.name, &replica.detail))
            .collect(),
        rivals: rival(
            "the copy couldn’t be read",
            "it was read, and its fingerprint differs or it holds nothing",
        ),
        refutes: "The same fingerprint in both places.".into(),
        cure: None,
    })
}
