//! The backup tool ended well and its backup isn't: it recorded errors while it read, or a repository didn't answer.

use super::facts::Facts;
use super::steps::few;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::backup::Backup;
use crate::finding::{Evidence, Found, Rival, Severity, Step};
use crate::status::Status;

pub(super) const RULE: Rule = Rule {
    code: "backup-tool-errors",
    title: "The backup tool exits 0 with errors",
    symptom: "Backups look fresh, and a restore of one fails",
    looks: &[Looks::Backups],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

/// Backups that commands are given for, and that are evidence.
const NAMED: usize = 20;

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.sources.is_empty() {
        return Err(Silence::Unset("no source of backups is configured".into()));
    }
    let broken: Vec<_> = facts
        .backups
        .iter()
        .filter(|backup| backup.status == Status::Broken)
        .collect();
    if broken.is_empty() {
        let unread = facts.sources.iter().find(|source| source.status == Status::Unknown);
        return match unread {
            Some(source) => Err(Silence::Unknown(format!("{}: {}", source.name, source.detail))),
            None => Ok(None),
        };
    }
    let labels: Vec<_> = broken.iter().map(|backup| backup.label.as_str()).collect();
    let newest = broken.iter().any(|backup| is_newest(facts.backups, backup));
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!(
            "{} backups can’t be relied on: {}",
            broken.len(),
            few(labels.iter().copied())
        ),
        cause: format!(
            "The tool listed them as taken and ended without an error, but what it recorded says otherwise.{}",
            if newest {
                " The newest backup is among them."
            } else {
                ""
            }
        ),
        steps: steps(facts, &broken),
        evidence: broken
            .iter()
            .take(NAMED)
            .map(|backup| evidence(facts, backup))
            .collect(),
        rivals: vec![Rival {
            cause: "the repository can’t be read".into(),
            ruled_out: "it was read, and told these backups from the good ones".into(),
        }],
        refutes: "A restore of one of these backups that passes all checks.".into(),
        cure: None,
    }))
}

fn steps(facts: &Facts<'_>, broken: &[&Backup]) -> Vec<Step> {
    let archiver = facts.archiver();
    let lines = |command: &dyn Fn(&Backup) -> String| {
        let mut commands: Vec<_> = broken.iter().take(NAMED).map(|backup| command(backup)).collect();
        commands.dedup();
        commands.join("\n")
    };
    vec![
        Step::anywhere(
            "Read what the tool recorded.",
            lines(&|backup| archiver.details(backup.repo, &backup.label)),
        ),
        Step::anywhere(
            "Check the live cluster’s pages: a checksum error is in the data, not in the backup. Go on once this finds nothing.",
            "pg_amcheck --all --install-missing",
        ),
        Step::anywhere(
            "Take a full backup once the cause is gone, and keep the last good one until it is proven.",
            lines(&|backup| archiver.full_backup(backup.repo)),
        ),
        Step::anywhere(
            "Then remove what can’t be restored, so that nobody picks it at night.",
            lines(&|backup| archiver.remove(backup.repo, &backup.label)),
        ),
    ]
}

fn evidence(facts: &Facts<'_>, backup: &Backup) -> Evidence {
    let read = facts.sources.iter().find(|source| source.name == backup.source);
    Evidence {
        fact: format!("backup {}", backup.label),
        value: backup.detail.clone(),
        observed_at: read.and_then(|source| source.observed_at),
        source: backup.source.clone(),
    }
}

fn is_newest(all: &[Backup], backup: &Backup) -> bool {
    let same = all
        .iter()
        .filter(|other| other.source == backup.source && other.repo == backup.repo);
    same.max_by_key(|other| other.stopped_at)
        .is_some_and(|newest| newest.label == backup.label)
}
