//! A drill passed once, and longer ago than the policy allows: what it has shown may not be so any more.

use super::drill_steps::{evidence, start};
use super::facts::Facts;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::drill::Freshness;
use crate::finding::{Found, Rival, Severity, Step};
use crate::time::{rfc3339, span};

pub(super) const RULE: Rule = Rule {
    code: "drill-overdue",
    title: "A drill is overdue",
    symptom: "Nobody has rehearsed a recovery for longer than was promised",
    looks: &[Looks::Drills],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let known = facts.rehearsals()?;
    let Some(every) = facts.promises.drill_every else {
        return Err(Silence::Unset("[deployment.policy] drill_every isn’t set".into()));
    };
    let by = match known.freshness(Some(every), facts.now) {
        Freshness::Overdue { by } => by,
        Freshness::NeverRun => return Err(Silence::Explained("drill-never-run")),
        Freshness::NeverPassed if known.standing_failure().is_some() => return Err(Silence::Explained("drill-failed")),
        Freshness::NeverPassed => return Err(Silence::Explained("drill-environment")),
        Freshness::Fresh { .. } | Freshness::Due { .. } | Freshness::Undeclared { .. } => return Ok(None),
    };
    let newest = known.newest();
    let passed = known.passed.as_ref();
    let mut seen: Vec<_> = passed.map(evidence).into_iter().collect();
    seen.extend(newest.filter(|drill| Some(*drill) != passed).map(evidence));
    Ok(Some(Found {
        severity: Severity::Warning,
        title: "The last drill that passed is older than promised".into(),
        cause: format!(
            "The policy allows {} between two drills that pass; the next one had to pass by {}. Backups, keys and tools have changed \
             since, and nobody has tried whether they still fit together.",
            span(every.num_seconds()),
            rfc3339(by)
        ),
        steps: vec![
            start(&facts.place, "Start a drill. Only one that passes resolves this."),
            Step::told(
                "See on the Drills page whether the schedule is switched off, and whether a worker runs: `muster serve` or `muster worker`.",
            ),
        ],
        evidence: seen,
        rivals: vec![Rival {
            cause: "drills run, and don’t pass".into(),
            ruled_out: match newest.filter(|drill| Some(*drill) != passed) {
                None => "none has ended since the one that passed".into(),
                Some(_) => "one did end since; what it found is a finding of its own".into(),
            },
        }],
        refutes: "A drill that passes.".into(),
        cure: None,
    }))
}
