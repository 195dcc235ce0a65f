//! Certificates that were revoked are valid again: the revocation lies behind the point that was restored.

use super::facts::{Facts, sign};
use super::steps::{few, literal, sql};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};

pub(super) const RULE: Rule = Rule {
    code: "revoked-valid-again",
    title: "Revoked certificates are valid again",
    symptom: "An agent that was shut out connects again",
    looks: &[Looks::Database, Looks::Traces],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.is_empty_database() {
        return Err(Silence::Explained("empty-database"));
    }
    let traces = facts.traces()?;
    let revived = sign(&traces.value.unrevoked)?;
    if revived.is_empty() {
        return Ok(None);
    }
    let (place, names) = (&facts.place, &facts.place.names);
    let serials: Vec<_> = revived.iter().map(|one| one.name.as_str()).collect();
    let ids: Vec<_> = revived.iter().map(|one| literal(&one.id)).collect();
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("{} revoked certificates are valid again", revived.len()),
        cause: "A restore to an earlier point undid their revocation. Whoever holds them can connect as the agent they were issued to.".into(),
        steps: vec![
            Step::told("Keep Ampora from its agents until each of them is revoked again or waived: Service, ingress, scale."),
            Step::told(format!("Revoke them in Settings, Identities, by serial number: {}.", few(serials.iter().copied()))),
            sql(
                "Or in the database, all at once.",
                place,
                &format!(
                    "UPDATE {} SET {} = now()\nWHERE {} IN ({});",
                    names.certificates,
                    names.revoked,
                    names.fingerprint,
                    ids.join(", ")
                ),
            ),
            Step::told("Let Ampora sign a new revocation list: its leader does within 15 minutes; check nextUpdate of /pki/crl.der."),
        ],
        evidence: revived
            .iter()
            .take(20)
            .map(|one| traces.evidence(format!("certificate {}", one.name), format!("{} was revoked and isn’t", one.id)))
            .collect(),
        rivals: vec![Rival {
            cause: "they expired and were cleared away".into(),
            ruled_out: "only certificates that haven’t expired are counted".into(),
        }],
        refutes: "A time of revocation in the rows of these certificates.".into(),
        cure: None,
    }))
}
