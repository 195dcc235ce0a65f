//! What a restore revived besides certificates, and nobody has dealt with: tokens, access tokens, peers, role passwords.

use super::facts::Facts;
use super::restored::{judged, listed, report, settle};
use super::steps::sql;
use super::tokens::statements;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity, Step};
use crate::gap::Aftermath;
use crate::plan::Revived;

pub(super) const RULE: Rule = Rule {
    code: "restore-not-settled",
    title: "What a restore revived isn’t dealt with",
    symptom: "After a restore something works again that had been withdrawn",
    looks: &[Looks::Restores],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    judged(facts, |one| one.others().next().is_some(), |open| found(facts, open))
}

fn found(facts: &Facts<'_>, open: &[&Aftermath]) -> Found {
    let seen: Vec<_> = open.iter().flat_map(|one| listed(one, one.others())).collect();
    let has = |kind: &Revived| open.iter().any(|one| one.others().any(|other| other.kind == *kind));
    let mut steps: Vec<_> = Revived::ALL
        .into_iter()
        .filter(has)
        .map(|kind| Step::told(format!("Each {}: {}.", kind.word(), kind.remedy())))
        .collect();
    let named = |kind: Revived| -> Vec<_> {
        let others = open.iter().flat_map(|one| one.others());
        others
            .filter(|one| one.kind == kind)
            .filter_map(|one| one.id.as_deref())
            .collect()
    };
    let (tokens, peers) = (named(Revived::RedeemedToken), named(Revived::RemovedPeer));
    if !tokens.is_empty() || !peers.is_empty() {
        let remove = statements(&facts.place.names, &tokens, &peers);
        steps.push(sql(
            "Those of them that the report names, all at once.",
            &facts.place,
            &remove,
        ));
    }
    steps.extend(settle(open));
    Found {
        severity: Severity::Warning,
        title: match seen.len() {
            1 => "A line about what a restore revived is open".into(),
            lines => format!("{lines} lines about what a restore revived are open"),
        },
        cause: "The moment that was restored lies before these were redeemed, withdrawn, removed or changed, so they are of use again to \
                whoever has them. Ampora stays away from its agents until each line is settled."
            .into(),
        steps,
        evidence: seen,
        rivals: vec![Rival {
            cause: "it was dealt with, and only the report doesn’t say so".into(),
            ruled_out: "not ruled out: then note the lines as done".into(),
        }],
        refutes: "Each line settled: done, or waived by somebody who approves.".into(),
        cure: report(open),
    }
}
