//! Audit events that were there are gone: an older state was restored.

use chrono::TimeDelta;

use super::facts::{Facts, Read};
use super::steps::{few, stop};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::backup::Backup;
use crate::finding::{Cure, Evidence, Found, Rival, Severity, Step};
use crate::gap::Aftermath;
use crate::time::Timestamp;
use crate::traces::{LostHour, Traces};

pub(super) const RULE: Rule = Rule {
    code: "audit-rewound",
    title: "The audit log was rewound",
    symptom: "The audit log is empty, or its last hours are missing",
    looks: &[Looks::Database, Looks::Traces],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.is_empty_database() {
        return Err(Silence::Explained("empty-database"));
    }
    let traces = facts.traces()?;
    let lost = super::facts::sign(&traces.value.lost_hours)?;
    match accounted(facts, lost).as_deref() {
        Some(restores) if restores.iter().any(|one| one.loss_is_open()) => {
            Err(Silence::Explained("restore-lost-events"))
        }
        Some([.., last]) => Err(Silence::Agreed(format!(
            "the restore of request {} left these events behind, and somebody answered for it",
            last.request
        ))),
        _ => Ok((!lost.is_empty()).then(|| found(facts, &traces, lost))),
    }
}

/// The restores by Muster that account for every lost hour: it was seen before the restored database was Ampora's, it lies behind the
/// moment that was restored, and no more events are gone than their gap reports count. `None`: something else took events too.
pub(super) fn accounted<'a>(facts: &Facts<'a>, lost: &[LostHour]) -> Option<Vec<&'a Aftermath>> {
    let known = facts.restored?.iter();
    let restores: Vec<_> = known
        .filter(|one| lost.iter().any(|hour| left_behind(one, hour)))
        .collect();
    let all = |hour: &LostHour| restores.iter().any(|one| left_behind(one, hour));
    let events: u64 = lost.iter().map(|hour| hour.had - hour.has).sum();
    let most: Option<i64> = restores
        .iter()
        .map(|one| one.report.lost.as_ref()?.audit_events?.max)
        .sum();
    let fits = most.is_none_or(|most| events <= most.unsigned_abs());
    (fits && !lost.is_empty() && lost.iter().all(all)).then_some(restores)
}

fn left_behind(restore: &Aftermath, lost: &LostHour) -> bool {
    let point = restore.report.lost.as_ref().and_then(|lost| lost.restore_point);
    lost.seen_at <= restore.ended_at && point.is_some_and(|point| lost.hour + TimeDelta::hours(1) > point)
}

fn found(facts: &Facts<'_>, traces: &Read<'_, &Traces>, lost: &[LostHour]) -> Found {
    let events: u64 = lost.iter().map(|hour| hour.had - hour.has).sum();
    let last = lost.iter().map(|hour| hour.hour).max().unwrap_or(facts.now);
    let first = lost.iter().map(|hour| hour.hour).min().unwrap_or(facts.now);
    let seen = lost.iter().map(|hour| hour.seen_at).max().unwrap_or(last);
    let copy = holding(facts.backups, lost);
    // Of a timeline that was left the window ends soon after; that of the newer one spans the moment, and may not hold it.
    let reach = facts
        .windows
        .iter()
        .filter(|window| window.from <= seen && seen <= window.to);
    let window = reach.min_by_key(|window| window.to);
    let has_them = match (window, copy) {
        (Some(window), _) => format!(
            "{} can restore to {}, which has them.",
            window.source,
            seen.format("%Y-%m-%d %H:%M:%S UTC")
        ),
        (None, Some(backup)) => format!(
            "The backup {} of {} was taken after them and before they were gone.",
            backup.label, backup.source
        ),
        (None, None) => "No backup that is known of was taken after them and before they were gone.".into(),
    };
    Found {
        severity: Severity::Error,
        title: format!("{events} audit events of {} hours are gone", lost.len()),
        cause: format!("An older state of the database was restored, or rows were deleted. {has_them}"),
        steps: steps(facts, window.is_some() || copy.is_some(), seen),
        evidence: evidence(traces, lost, first, last),
        rivals: vec![
            Rival {
                cause: "row-level security hides the rows".into(),
                ruled_out: "Muster reads with row_security = off, which makes a hidden row an error".into(),
            },
            Rival {
                cause: "the retention sweep moved them".into(),
                ruled_out: "hot and archived events were counted together".into(),
            },
            Rival {
                cause: "a restore that people agreed to left them behind".into(),
                ruled_out: "no restore by Muster accounts for these hours and for as many events".into(),
            },
        ],
        refutes: "The events, found in the hot table or the archive of the live database.".into(),
        cure: match (window, copy) {
            (Some(window), _) => Some(facts.restore_to(&window.source, seen)),
            (None, Some(backup)) => Some(Cure::RestoreDump {
                source: backup.source.clone(),
                backup: backup.label.clone(),
            }),
            (None, None) => None,
        },
    }
}

/// The newest usable dump that was begun while the events were there: the newer, the less is lost beside them.
fn holding<'a>(backups: &'a [Backup], lost: &[LostHour]) -> Option<&'a Backup> {
    let there = |at: Timestamp| {
        lost.iter()
            .all(|hour| hour.since.unwrap_or(hour.seen_at) <= at && at <= hour.seen_at)
    };
    let usable = backups.iter().filter(|backup| backup.is_usable_dump());
    let meanwhile = usable.filter(|backup| backup.started_at.is_some_and(there));
    meanwhile.max_by_key(|backup| backup.started_at)
}

fn steps(facts: &Facts<'_>, can: bool, seen: Timestamp) -> Vec<Step> {
    let until = seen.format("%Y-%m-%d %H:%M:%S+00");
    if !can {
        return vec![
            Step::told("Look for a copy elsewhere: a replica, a snapshot, a repository that isn’t configured here."),
            Step::told(
                "Else accept the loss: acknowledge this finding with the reason. The gap stays in Ampora’s log, and the vital signs of the time prove its size.",
            ),
        ];
    }
    vec![
        stop(&facts.place),
        Step::told(
            "Decide what counts more: what was written since the rewind, or what is gone. A restore loses the former; take a dump of it before.",
        ),
        Step::anywhere(
            "Keep the present state.",
            format!(
                "pg_dump --format=custom --file=after-rewind.dump {}",
                facts.place.database
            ),
        ),
        Step::told(format!(
            "Put up a request to restore to {until} into a database of its own; compare, then point Ampora at it."
        )),
        Step::told("Or accept the loss: acknowledge this finding with the reason."),
    ]
}

fn evidence(traces: &Read<'_, &Traces>, lost: &[LostHour], first: Timestamp, last: Timestamp) -> Vec<Evidence> {
    let hour = |at: Timestamp| at.format("%Y-%m-%d %H:00").to_string();
    let had: u64 = lost.iter().map(|hour| hour.had).sum();
    let has: u64 = lost.iter().map(|hour| hour.has).sum();
    let named: Vec<_> = lost
        .iter()
        .map(|one| format!("{} ({} of {})", hour(one.hour), one.has, one.had))
        .collect();
    vec![
        traces.evidence(
            "hours with fewer events than before",
            few(named.iter().map(String::as_str)),
        ),
        traces.evidence(format!("events from {} to {}, then", hour(first), hour(last)), had),
        traces.evidence("events of these hours, now", has),
    ]
}
