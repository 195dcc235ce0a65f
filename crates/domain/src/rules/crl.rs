//! The revocation list that is served is past its nextUpdate: nobody signs it any more, and agents may reject every certificate.

use super::facts::Facts;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity, Step};
use crate::time::ago;

pub(super) const RULE: Rule = Rule {
    code: "crl-past-next-update",
    title: "The revocation list is past its nextUpdate",
    symptom: "Agents reject certificates that nobody revoked",
    looks: &[Looks::Crl],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let crl = facts.crl()?;
    let Some(next) = crl.value.next_update.filter(|next| *next < facts.now) else {
        return Ok(None);
    };
    let place = &facts.place;
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("The revocation list ended {}", ago(next, facts.now)),
        cause: "Ampora’s leader signs a new list every 15 minutes and stores it; the stored one is served for as long as there is no other. \
                After a restore it is the one of the restored point, and it stays while no instance leads or the authority’s key can’t be \
                opened."
            .into(),
        steps: vec![
            Step::run(
                "See whether an instance leads and signs.",
                format!("kubectl -n {} logs deploy/{} --since=30m | grep -i -E 'crl|leader|lease'", place.namespace, place.workload),
                "journalctl -u ampora --since -30min | grep -i -E 'crl|leader|lease'",
            ),
            Step::run(
                "Restart Ampora: the new leader signs a list at once.",
                format!("kubectl -n {} rollout restart deploy/{}", place.namespace, place.workload),
                "systemctl restart ampora",
            ),
            Step::told("If it can’t sign: see wrong-master-key and ca-lost on this page."),
        ],
        evidence: vec![
            crl.evidence("issuer", &crl.value.issuer),
            crl.evidence("thisUpdate", crl.value.this_update.format("%Y-%m-%d %H:%M:%S UTC")),
            crl.evidence("nextUpdate", next.format("%Y-%m-%d %H:%M:%S UTC")),
            crl.evidence("revoked in it", crl.value.revoked),
        ],
        rivals: vec![Rival {
            cause: "Muster’s clock is ahead (clock-skew)".into(),
            ruled_out: "compared with the clock of the database where both are known; see clock-skew".into(),
        }],
        refutes: "A list with a nextUpdate in the future at the same address.".into(),
        cure: None,
    }))
}
