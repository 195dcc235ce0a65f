//! A drill's temporary instance is at AWS still, a day after it was made: a second copy of all that production holds, and paid for.

use chrono::TimeDelta;

use super::facts::Facts;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::drill::Leftover;
use crate::finding::{Found, Rival, Severity, Step};
use crate::shell::word;
use crate::time::{rfc3339, span};

pub(super) const RULE: Rule = Rule {
    code: "drill-leftover",
    title: "A drill’s copy was not deleted",
    symptom: "An instance that no person made is on the bill of AWS",
    looks: &[Looks::Backups],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

/// No drill takes so long, and Muster has tried to delete it many times since.
const LONGEST: TimeDelta = TimeDelta::hours(24);

fn judge(facts: &Facts<'_>) -> Judgement {
    let seen = facts.leftovers()?;
    let old = |left: &&Leftover| left.created_at.is_some_and(|at| facts.now - at >= LONGEST);
    let old: Vec<_> = seen.value.iter().filter(old).collect();
    let Some(oldest) = old.first() else {
        return Ok(None);
    };
    let evidence = old.iter().map(|left| {
        let made = left.created_at.map_or_else(|| "unknown".to_owned(), rfc3339);
        seen.evidence(
            format!("instance {} ({})", left.name, left.resource_id),
            format!("{}, made {made} for drill {}", left.status, left.drill),
        )
    });
    let age = oldest.created_at.map_or(0, |at| (facts.now - at).num_seconds());
    let others = match old.len() - 1 {
        0 => String::new(),
        1 => ", and another one".into(),
        many => format!(", and {many} others"),
    };
    Ok(Some(Found {
        severity: Severity::Warning,
        title: format!("A drill’s temporary instance is still there after {}: {}{others}", span(age), oldest.name),
        cause: "Muster could not delete it when its drill ended, nor since: it may not (rds:DeleteDBInstance), doesn’t know that drill (its own \
                database is another one), or found something else than it had written down. It holds all that production held, and costs what \
                its class does."
            .into(),
        steps: vec![
            Step::told(
                "Read why in Muster’s log, and in the drill’s page. Muster deletes only what has the name, the tag and the resource id of a \
                 drill that it knows, every ten minutes.",
            ),
            delete(oldest),
        ],
        evidence: evidence.collect(),
        rivals: vec![Rival {
            cause: "a drill is under way".into(),
            ruled_out: format!("it was made {} ago, and no drill takes so long", span(age)),
        }],
        refutes: "AWS lists no instance of a drill that is older than a day.".into(),
        cure: None,
    }))
}

/// As a person does it who has looked at it.
fn delete(left: &Leftover) -> Step {
    Step::anywhere(
        "Look at it in the console of AWS. If it is the drill’s, delete it without a last snapshot.",
        format!(
            "aws rds delete-db-instance --region {} --db-instance-identifier {} --skip-final-snapshot --delete-automated-backups",
            word(&left.region),
            word(&left.name)
        ),
    )
}
