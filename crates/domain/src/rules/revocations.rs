//! Certificates that were revoked are valid again: the revocation lies behind the point that was restored.

use super::facts::{Facts, sign};
use super::place::Place;
use super::restored::are_open;
use super::steps::{few, literal, sql};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};
use crate::plan::Revived;

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
    if are_open(facts, revived, Revived::RevokedCertificate) {
        return Err(Silence::Explained("restore-revived-certificates"));
    }
    let serials: Vec<_> = revived.iter().map(|one| one.name.as_str()).collect();
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("{} revoked certificates are valid again", revived.len()),
        cause: "A restore to an earlier point undid their revocation. Whoever holds them can connect as the agent they were issued to.".into(),
        steps: vec![
            Step::told("Keep Ampora from its agents until each of them is revoked again or waived: Service, ingress, scale."),
            Step::told(format!("Revoke them in Settings, Identities, by serial number: {}.", few(serials.iter().copied()))),
            revoke(&facts.place, revived.iter().map(|one| one.id.as_str())),
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

/// Revokes these, by their fingerprints.
pub(super) fn revoke<'a>(place: &Place, fingerprints: impl Iterator<Item = &'a str>) -> Step {
    let (names, listed) = (&place.names, fingerprints.map(literal).collect::<Vec<_>>().join(", "));
    let (table, revoked, fingerprint) = (&names.certificates, &names.revoked, &names.fingerprint);
    sql(
        "Or in the database, all at once. Where it changes fewer rows than that, the others are gone with an older state: then Ampora knows nothing of them, and only a restore brings them back.",
        place,
        &format!("UPDATE {table} SET {revoked} = now()\nWHERE {fingerprint} IN ({listed}) AND {revoked} IS NULL;"),
    )
}
