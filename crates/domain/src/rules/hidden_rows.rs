//! Row-level security hides rows from Muster's role. With `row_security = off` that is an error and not a smaller number, so what Muster
//! says of these tables is unknown; somebody else who counts them sees zero.

use super::facts::Facts;
use super::steps::{few, sql};
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity};
use crate::vitals::{Sign, Signs, Why};

pub(super) const RULE: Rule = Rule {
    code: "hidden-rows",
    title: "Row-level security hides rows",
    symptom: "A query finds no rows although Ampora shows them",
    looks: &[Looks::Database],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let vitals = facts.vitals()?;
    let hidden = hidden(&vitals.value.signs);
    if hidden.is_empty() {
        return Ok(None);
    }
    let place = &facts.place;
    Ok(Some(Found {
        severity: Severity::Warning,
        title: format!("Row-level security hides {} from Muster", few(hidden.iter().copied())),
        cause: "Muster’s role has no BYPASSRLS. Counted by such a role, tables with a policy have no rows, without any error: an intact \
                database looks empty, and a restore looks failed. Muster says unknown instead."
            .into(),
        steps: vec![sql(
            "Let Muster’s role pass by row-level security, as the superuser.",
            place,
            &format!("ALTER ROLE {} BYPASSRLS;", place.reader),
        )],
        evidence: hidden.iter().map(|fact| vitals.evidence(*fact, "hidden by row-level security")).collect(),
        rivals: vec![Rival {
            cause: "the tables are empty".into(),
            ruled_out: "PostgreSQL refused the query instead of answering 0".into(),
        }],
        refutes: "A count of these tables by Muster’s role with row_security = off.".into(),
        cure: None,
    }))
}

fn hidden(signs: &Signs) -> Vec<&'static str> {
    fn is_hidden<T>(sign: &Sign<T>) -> bool {
        sign.why() == Some(Why::Hidden)
    }
    [
        ("tenants", is_hidden(&signs.tenants)),
        ("users", is_hidden(&signs.users)),
        ("agents", is_hidden(&signs.agents)),
        ("audit events", is_hidden(&signs.hot)),
        ("archived audit events", is_hidden(&signs.archive)),
        ("configurations", is_hidden(&signs.published)),
        ("wrapped values", is_hidden(&signs.key_ids)),
        ("signing keys", is_hidden(&signs.authorities)),
        ("certificates", is_hidden(&signs.revoked)),
        ("tokens", is_hidden(&signs.tokens)),
        ("peers", is_hidden(&signs.peers)),
        ("migrations", is_hidden(&signs.migration_head)),
        ("the heartbeat", is_hidden(&signs.heartbeat)),
    ]
    .into_iter()
    .filter_map(|(name, hidden)| hidden.then_some(name))
    .collect()
}
