//! The oldest audit rows disappear sooner than was promised: after a restore the retention sweep runs within the hour and eats what the
//! restored copy still had.

use chrono::TimeDelta;

use super::audit_rewound::accounted;
use super::facts::{Facts, sign};
use super::steps::stop;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};
use crate::time::Timestamp;
use crate::traces::LostHour;

pub(super) const RULE: Rule = Rule {
    code: "audit-sweep",
    title: "The retention sweep eats audit rows that were to be kept",
    symptom: "The oldest audit events are missing",
    looks: &[Looks::Database, Looks::Traces],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

/// `HotDays` and `ArchiveDays` as Ampora ships them.
const DOCUMENTED: TimeDelta = TimeDelta::days(90 + 2555);
/// The sweep runs every 60 minutes, and ends days rather than minutes.
const SLACK: TimeDelta = TimeDelta::hours(26);

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.is_empty_database() {
        return Err(Silence::Explained("empty-database"));
    }
    let traces = facts.traces()?;
    // After a restore that people agreed to, the sweep goes on all the same.
    let rewound = |lost: &Vec<LostHour>| !lost.is_empty() && accounted(facts, lost).is_none();
    if traces.value.lost_hours.known().is_ok_and(rewound) {
        return Err(Silence::Explained("audit-rewound"));
    }
    let Some((before, now)) = *sign(&traces.value.shortened)? else {
        return Ok(None);
    };
    let promised = facts.promises.audit_retention;
    let kept_from = facts.now - promised.unwrap_or(DOCUMENTED);
    let should_reach = before.max(kept_from);
    let reaches = now.unwrap_or(facts.now);
    if reaches <= should_reach + SLACK {
        return Ok(None);
    }
    let day = |at: Timestamp| at.format("%Y-%m-%d %H:%M UTC").to_string();
    let declared = promised.map_or_else(
        || "not declared; Ampora’s default is 2645 d".to_owned(),
        |limit| format!("{} d", limit.num_days()),
    );
    let place = &facts.place;
    Ok(Some(Found {
        severity: if promised.is_some() { Severity::Error } else { Severity::Warning },
        title: format!("Audit events from {} to {} are gone", day(should_reach), day(reaches)),
        cause: "Ampora’s retention sweep deleted them: with shorter settings than before (AuditRetention:HotDays, :ArchiveDays), as when \
                manifests and database are of different times."
            .into(),
        steps: vec![
            stop(place),
            Step::run(
                "Compare the retention that Ampora runs with to what was promised, and set it.",
                format!("kubectl -n {} set env deploy/{} --list | grep AuditRetention", place.namespace, place.workload),
                format!("grep AuditRetention {}", place.env_file),
            ),
            Step::told("Bring the rows back: restore the copy into a database of its own and insert what is older than the oldest row here into the archive table."),
            Step::told("If less is kept on purpose: set audit_retention under [deployment.policy]."),
        ],
        evidence: vec![
            traces.evidence("oldest audit event, earlier", day(before)),
            traces.evidence("oldest audit event, now", now.map_or_else(|| "none".into(), day)),
            traces.evidence("retention that was promised", declared),
        ],
        rivals: vec![Rival {
            cause: "an older state was restored (audit-rewound)".into(),
            ruled_out: "no newer hour lost an event that nobody agreed to lose".into(),
        }],
        refutes: "An event of that time in the hot table or the archive.".into(),
        cure: None,
    }))
}
