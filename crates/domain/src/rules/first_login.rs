//! The table of users is empty while there are tenants: whoever signs in first becomes administrator, whatever their claim says.

use super::facts::{Facts, sign};
use super::steps::stop;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};

pub(super) const RULE: Rule = Rule {
    code: "first-login-becomes-admin",
    title: "The first login becomes administrator",
    symptom: "Nobody’s account is there any more",
    looks: &[Looks::Database],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.is_empty_database() {
        return Err(Silence::Explained("empty-database"));
    }
    let vitals = facts.vitals()?;
    let signs = &vitals.value.signs;
    if sign(&signs.users)?.rows.0 > 0 {
        return Ok(None);
    }
    let tenants = sign(&signs.tenants)?;
    let place = &facts.place;
    Ok(Some(Found {
        severity: Severity::Error,
        title: "No user is stored: the next login becomes administrator".into(),
        cause: "Ampora makes the first user of an empty table its administrator, whatever the identity provider says of them. The table was \
                emptied, or lost on the way back."
            .into(),
        steps: vec![
            stop(place),
            Step::told("Restore the table from the newest backup that has it; a request for a restore into a database of its own gives the rows."),
            Step::run(
                "If there is none: start Ampora with its door closed, and let the person who shall be administrator sign in first.",
                format!("kubectl -n {ns} scale deploy/{w} --replicas=1 && kubectl -n {ns} port-forward deploy/{w} 8080:8080", ns = place.namespace, w = place.workload),
                "systemctl start ampora    # with the reverse proxy stopped; sign in at http://127.0.0.1:8080",
            ),
        ],
        evidence: vec![vitals.evidence("users", 0), vitals.evidence("tenants", tenants)],
        rivals: vec![Rival {
            cause: "the whole database is empty (empty-database)".into(),
            ruled_out: format!("it has {tenants} tenants"),
        }],
        refutes: "A row in the table of users.".into(),
        cure: facts.way_back(RULE.code),
    }))
}
