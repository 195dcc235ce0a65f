//! A restore brought certificates back to life that had been revoked, and nobody has revoked them again.

use super::facts::Facts;
use super::restored::{judged, listed, report, settle};
use super::revocations::revoke;
use super::steps::stop;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity, Step};
use crate::gap::Aftermath;

pub(super) const RULE: Rule = Rule {
    code: "restore-revived-certificates",
    title: "Revoked certificates are valid again since a restore",
    symptom: "After a restore an agent connects that had been shut out",
    looks: &[Looks::Restores],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let concerns = |one: &Aftermath| one.certificates().next().is_some();
    judged(facts, concerns, |open| found(facts, open))
}

fn found(facts: &Facts<'_>, open: &[&Aftermath]) -> Found {
    let seen: Vec<_> = open.iter().flat_map(|one| listed(one, one.certificates())).collect();
    let mut steps = vec![
        stop(&facts.place),
        Step::told(
            "Revoke each of them again, by its serial number: Settings, Identities. Where which ones isn’t known, compare with the revocation list that was served last.",
        ),
    ];
    let named: Vec<_> = open
        .iter()
        .flat_map(|one| one.certificates())
        .filter_map(|one| one.id.as_deref())
        .collect();
    if !named.is_empty() {
        steps.push(revoke(&facts.place, named.into_iter()));
    }
    steps.extend(settle(open));
    Found {
        severity: Severity::Error,
        title: match seen.len() {
            1 => "A line about revived certificates is open".into(),
            lines => format!("{lines} lines about revived certificates are open"),
        },
        cause: "The moment that was restored lies before these certificates were revoked, so the database holds them as valid. Whoever has \
                such a certificate and its key is let in."
            .into(),
        steps,
        evidence: seen,
        rivals: vec![Rival {
            cause: "they were revoked again, and only the report doesn’t say so".into(),
            ruled_out: "not ruled out: then note the lines as done".into(),
        }],
        refutes: "Each line settled, by somebody who revoked the certificate again or answers for leaving it.".into(),
        cure: report(open),
    }
}
