//! No drill has ever come to an end: a backup that was never restored is a hope.

use super::drill_steps::start;
use super::facts::Facts;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Evidence, Found, Rival, Severity, Step};

pub(super) const RULE: Rule = Rule {
    code: "drill-never-run",
    title: "No drill has ever run",
    symptom: "Backups are there, and nobody has ever restored one",
    looks: &[Looks::Drills],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let known = facts.rehearsals()?;
    if known.newest().is_some() {
        return Ok(None);
    }
    let count = |count: usize, what: &str| Evidence {
        fact: what.into(),
        value: count.to_string(),
        observed_at: Some(facts.now),
        source: "drills".into(),
    };
    Ok(Some(Found {
        severity: Severity::Warning,
        title: "No backup was ever restored in a drill".into(),
        cause: "Nobody knows whether these backups come back, how long that takes, or whether the key opens what comes back. A backup that \
                was never restored is a hope."
            .into(),
        steps: vec![
            start(&facts.place, "Press Start drill on the Drills page, or run one here: it restores into a sandbox and harms nothing."),
            Step::told("Leave [deployment.drill] switched on, so that it is rehearsed again by itself."),
        ],
        evidence: vec![count(0, "drills that came to an end"), count(facts.backups.len(), "backups that are listed")],
        rivals: vec![Rival {
            cause: "drills ran before, and their history is gone".into(),
            ruled_out: "Muster’s database holds none; a receipt that somebody kept proves one all the same".into(),
        }],
        refutes: "A drill that comes to an end; one that didn’t pass is a finding of its own.".into(),
        cure: None,
    }))
}
