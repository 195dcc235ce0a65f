//! A drill failed, and none has passed since: what was restored, or the key to it, isn't what a recovery needs.

use super::drill_steps::{evidence, start, when};
use super::facts::Facts;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity, Step};

pub(super) const RULE: Rule = Rule {
    code: "drill-failed",
    title: "A drill failed",
    symptom: "A rehearsed restore did not bring Ampora back",
    looks: &[Looks::Drills],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let known = facts.rehearsals()?;
    let Some(failed) = known.standing_failure() else {
        return Ok(None);
    };
    let (code, words) = failed.failure.as_ref().map_or_else(
        || ("unknown".to_owned(), "it left no reason".to_owned()),
        |failure| (failure.code.clone(), failure.words.clone()),
    );
    let backup = failed.backup.as_ref();
    let of = backup.map_or_else(
        || "no backup".into(),
        |backup| format!("{} of {}", backup.label, backup.source),
    );
    let mut seen = vec![evidence(failed)];
    seen.extend(known.passed.as_ref().map(evidence));
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("The drill of {of} failed: {code}"),
        cause: format!(
            "The drill that ended at {} restored {of} in a sandbox and found: {words}. A recovery from it would end the same way. \
             Production was not touched.",
            when(failed)
        ),
        steps: vec![
            Step::told(format!("Read the drill’s checks and its log: /drills/{}.", failed.id)),
            remedy(&code, facts),
            start(&facts.place, "Start a drill again. Only one that passes resolves this."),
        ],
        evidence: seen,
        rivals: vec![Rival {
            cause: "the sandbox is broken, and the backup is good".into(),
            ruled_out: "the drill says so where it is: then its verdict is environment_broken, not failed".into(),
        }],
        refutes: "A drill that passes.".into(),
        cure: None,
    }))
}

/// What to do about the fault, by where it shows; a backup is a command where a tool archives.
fn remedy(code: &str, facts: &Facts<'_>) -> Step {
    let archiver = facts.place.archiver.as_ref();
    match archiver.filter(|_| ["wal-gap", "check:recovery", "no-backup"].contains(&code)) {
        Some(archiver) => Step::anywhere(told(code), archiver.full_backup(None)),
        None => Step::told(told(code)),
    }
}

fn told(code: &str) -> &'static str {
    match code {
        "check:key" => "Bring the key that the backup needs into the secret manager: Keys tells which one is missing.",
        "check:authority" => {
            "Find a backup that has the authority and its key; without it every agent has to be enrolled again."
        }
        "check:audit" => "Find out who or what shortened Ampora’s audit log, and keep the backups that still have it.",
        "check:tables" => {
            "Treat the backup as corrupt: keep an older one that passes, take a full backup, and check the live cluster with pg_amcheck."
        }
        "wal-gap" | "check:recovery" => {
            "Take a full backup now: behind a hole in the WAL nothing can be restored until there is one."
        }
        "no-backup" => "Take a full backup: there is none that could be restored.",
        _ => "Remove the cause that the drill names; keep older backups until a drill of a new one has passed.",
    }
}
