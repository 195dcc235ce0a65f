//! A restore left audit events behind, and nobody has answered for the hole.

use super::facts::Facts;
use super::restored::{evidence, judged, report, settle};
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity, Step};
use crate::gap::{Aftermath, LOSS_REMEDY};
use crate::time::rfc3339;

pub(super) const RULE: Rule = Rule {
    code: "restore-lost-events",
    title: "A restore lost audit events",
    symptom: "The audit log has nothing of the time before a restore",
    looks: &[Looks::Restores],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    judged(facts, Aftermath::loss_is_open, found)
}

fn found(open: &[&Aftermath]) -> Found {
    let seen = open.iter().flat_map(|one| {
        let point = one.report.lost.as_ref().and_then(|lost| lost.restore_point);
        let point = point.map_or_else(|| "not known".into(), rfc3339);
        [
            evidence(one, "lost", one.report.loss_sentence()),
            evidence(one, "restored to", point),
            evidence(one, "ended", rfc3339(one.ended_at)),
        ]
    });
    let mut steps = vec![
        Step::told(
            "See whether they are in what was set aside: the old directory (PGDATA.before-…) or the old database is kept until somebody removes it.",
        ),
        Step::told(format!("If not: {LOSS_REMEDY}.")),
    ];
    steps.extend(settle(open));
    Found {
        severity: Severity::Warning,
        title: open.last().map(|one| one.report.loss_sentence()).unwrap_or_default(),
        cause: "They were written after the moment that was restored. Whoever reads the audit log later doesn’t see that it has a hole."
            .into(),
        steps,
        evidence: seen.collect(),
        rivals: vec![Rival {
            cause: "somebody deleted audit events".into(),
            ruled_out: "they were counted right before the restore, and lie behind the moment it went back to".into(),
        }],
        refutes: "The line about them settled: done, or waived by somebody who approves.".into(),
        cure: report(open),
    }
}
