//! The database holds no tenant: Ampora is, or is about to be, started on an empty or a wrong one, and makes itself a new authority there.

use super::facts::{Facts, sign};
use super::steps::{sql, stop};
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity, Step};

pub(super) const RULE: Rule = Rule {
    code: "empty-database",
    title: "An empty database is about to make a new authority",
    symptom: "Ampora starts as if it were new",
    looks: &[Looks::Database],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let vitals = facts.vitals()?;
    let signs = &vitals.value.signs;
    if sign(&signs.tenants)?.rows.0 > 0 {
        return Ok(None);
    }
    let mut evidence = vec![
        vitals.evidence("tenants", 0),
        vitals.evidence("database", &vitals.value.database),
        vitals.evidence("system identifier", vitals.value.system_identifier),
    ];
    for (fact, count) in [("users", &signs.users), ("agents", &signs.agents)] {
        let value = count
            .known()
            .map_or_else(|reason| format!("unknown: {reason}"), ToString::to_string);
        evidence.push(vitals.evidence(fact, value));
    }
    let authorities = signs.authorities.known().map(Vec::len);
    evidence.push(vitals.evidence(
        "certificates of the authority",
        authorities.map_or_else(|reason| format!("unknown: {reason}"), |number| number.to_string()),
    ));
    let minted = match authorities {
        Ok(0) => {
            "Its next start makes a new authority, which signs nothing that is in the field, and the first person to sign in becomes its administrator."
        }
        _ => "It has an authority already, so Ampora was started on it: no agent in the field trusts that one.",
    };
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("The database {} has no tenants", vitals.value.database),
        cause: format!(
            "Ampora’s connection leads to an empty database, or the point that was restored lies before the first tenant. {minted}"
        ),
        steps: steps(facts),
        evidence,
        rivals: vec![Rival {
            cause: "row-level security hides the tenants".into(),
            ruled_out: "Muster reads with row_security = off, which makes a hidden row an error".into(),
        }],
        refutes: "A tenant in the database that ConnectionStrings:Ampora names.".into(),
        cure: facts.way_back(RULE.code),
    }))
}

fn steps(facts: &Facts<'_>) -> Vec<Step> {
    let place = &facts.place;
    vec![
        stop(place),
        Step::run(
            "Check which database Ampora is told to use.",
            format!(
                "kubectl -n {} set env deploy/{} --list | grep ConnectionStrings",
                place.namespace, place.workload
            ),
            format!("grep ConnectionStrings {}", place.env_file),
        ),
        sql(
            "Before any start: the database must have tenants and signing keys.",
            place,
            &format!(
                "SELECT (SELECT count(*) FROM {}) AS tenants, (SELECT count(*) FROM {}) AS signing_keys;",
                place.names.tenants, place.names.signing_keys
            ),
        ),
        Step::told("If it is the right database: restore it, to a later point than the one that was chosen."),
    ]
}
