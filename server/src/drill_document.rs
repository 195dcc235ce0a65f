//! A drill as `--json` prints it: `muster.drill/1`.

use domain::drill::{Check, Drill, Phase, Verdict};
use domain::time::{Timestamp, rfc3339};
use recovery::drills::StoredDrill;
use serde_json::{Value, json};

/// The document of one drill.
#[must_use]
pub fn document(stored: &StoredDrill) -> Value {
    let drill = &stored.drill;
    let receipt: Option<Value> = stored.receipt.as_ref().and_then(|text| serde_json::from_str(text).ok());
    json!({
        "schema": "muster.drill/1",
        "id": drill.id,
        "deployment": drill.deployment,
        "state": stored.state,
        "backup": drill.backup.as_ref().map(|backup| &backup.label),
        "chosen": drill.backup,
        "choice": drill.choice,
        "trigger": drill.trigger,
        "by": drill.by_name,
        "verdict": drill.verdict.map(Verdict::word),
        "failure": drill.failure,
        "isolation": drill.isolation.kind.word(),
        "isolation_detail": drill.isolation.detail,
        "queued_at": rfc3339(drill.queued_at),
        "started_at": time(drill.started_at),
        "finished_at": time(drill.finished_at),
        "rto_seconds": drill.figures.rto_seconds,
        "rpo_seconds": drill.figures.rpo_seconds,
        "rpo_detail": drill.figures.rpo_detail,
        "figures": drill.figures,
        "phases": drill.phases.iter().map(phase).collect::<Vec<_>>(),
        "checks": drill.checks.iter().map(check).collect::<Vec<_>>(),
        "key_fingerprint": drill.key_fingerprint,
        "key_version": drill.key_version,
        "warnings": drill.warnings,
        "certificates": drill.certificates,
        "instance": drill.instance,
        "receipt": receipt,
    })
}

/// Documents of several.
#[must_use]
pub fn list(drills: &[StoredDrill]) -> Value {
    json!({"schema": "muster.drills/1", "drills": drills.iter().map(document).collect::<Vec<_>>()})
}

/// One drill as text.
#[must_use]
pub fn text(drill: &Drill) -> String {
    let mut text = format!("drill {} of {}: {}\n", drill.id, drill.deployment, drill.sentence());
    if let Some(backup) = &drill.backup {
        text.push_str(&format!("backup     {} of {}\n", backup.label, backup.source));
    }
    if let Some(instance) = &drill.instance {
        let gone = if instance.gone_at.is_some() { ", deleted" } else { "" };
        text.push_str(&format!("instance   {}{gone}\n", instance.identity()));
    }
    if let Some(failure) = &drill.failure {
        text.push_str(&format!("why        {} ({})\n", failure.words, failure.code));
        if let Some(remedy) = &failure.remedy {
            text.push_str(&format!("remedy     {remedy}\n"));
        }
    }
    text.push_str(&format!(
        "isolation  {}: {}\n",
        drill.isolation.kind.word(),
        drill.isolation.detail
    ));
    let seconds =
        |seconds: Option<u32>| seconds.map_or("unknown".to_owned(), |seconds| domain::time::span(seconds.into()));
    text.push_str(&format!("RTO        {}\n", seconds(drill.figures.rto_seconds)));
    text.push_str(&format!(
        "RPO        {} ({})\n\nphases\n",
        seconds(drill.figures.rpo_seconds),
        drill.figures.rpo_detail
    ));
    for phase in &drill.phases {
        text.push_str(&format!(
            "  {:<8} {:<10} {}\n",
            phase.status.word(),
            phase.name.word(),
            phase.detail
        ));
    }
    text.push_str("\nchecks\n");
    for check in &drill.checks {
        text.push_str(&format!(
            "  {:<8} {:<15} {}\n",
            check.status.word(),
            check.name,
            check.detail
        ));
    }
    for warning in &drill.warnings {
        text.push_str(&format!("note       {warning}\n"));
    }
    text
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(rfc3339)
}

fn phase(phase: &Phase) -> Value {
    json!({
        "name": phase.name.word(),
        "started_at": rfc3339(phase.started_at),
        "finished_at": time(phase.finished_at),
        "status": phase.status.word(),
        "detail": phase.detail,
    })
}

fn check(check: &Check) -> Value {
    json!({
        "name": check.name,
        "status": check.status,
        "detail": check.detail,
        "evidence": check.evidence,
        "remedy": check.remedy,
    })
}
