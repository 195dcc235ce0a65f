//! The archive holds a timeline that the live server isn't on: something else was promoted with it as its archive, such as a drill.

use super::facts::{ArchiveReading, Facts, REPLAYS, TimelineReading, sign};
use super::steps::sql;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};

pub(super) const RULE: Rule = Rule {
    code: "foreign-timeline",
    title: "A foreign timeline in the archive",
    symptom: "A restore to the latest point ends on the wrong timeline",
    looks: &[Looks::Database, Looks::Backups],
    hysteresis: Hysteresis::TWICE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let archives = facts.archives()?;
    let vitals = facts.vitals()?;
    let position = sign(&vitals.value.signs.position)?;
    if position.in_recovery {
        return Err(Silence::Unknown(REPLAYS.into()));
    }
    let own = |archive: &ArchiveReading| {
        archive
            .system
            .is_none_or(|system| system == vitals.value.system_identifier)
    };
    let newer = |timeline: &&TimelineReading| timeline.timeline > position.timeline;
    let Some((archive, foreign)) = archives
        .iter()
        .filter(|archive| own(archive.value))
        .find_map(|archive| Some((archive, archive.value.timelines.iter().rfind(newer)?)))
    else {
        return Ok(None);
    };
    let origin = foreign.parent.map_or_else(
        || "without a history file".to_owned(),
        |(parent, switch)| format!("branched off timeline {parent} at {switch}"),
    );
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("The archive has timeline {}, the server is on {}", foreign.timeline, position.timeline),
        cause: "Another server was promoted from a backup and archived its WAL here: a drill without archive_mode = off, or a copy that \
                somebody started. PostgreSQL recovers along the newest timeline unless it is told otherwise, so a restore to the latest \
                point would end on the foreign one."
            .into(),
        steps: steps(facts, position.timeline),
        evidence: vec![
            archive.evidence(format!("newest timeline in repo{}", archive.value.repo), format!("{}, {origin}, to {}", foreign.timeline, foreign.end)),
            vitals.evidence("timeline of the live server", position.timeline),
            vitals.evidence("system identifier", vitals.value.system_identifier),
        ],
        rivals: vec![Rival {
            cause: "the live server failed over and Muster reads the old one".into(),
            ruled_out: "the server that Muster reads takes writes; if another one does too, that is this finding".into(),
        }],
        refutes: format!("The live server on timeline {}.", foreign.timeline),
        cure: None,
    }))
}

/// A timeline that is only left alone outlives the backups: it expires with none of another timeline. So the server takes a newer one.
fn steps(facts: &Facts<'_>, timeline: u32) -> Vec<Step> {
    let archiver = facts.archiver();
    let restore = archiver.restore_command().replace('\'', "''");
    let set = format!(
        "ALTER SYSTEM SET restore_command = '{restore}';\nALTER SYSTEM SET recovery_target_timeline = 'current';"
    );
    vec![
        Step::told(
            "Find the server that archives there and stop it, or set its archive_mode to off. It has the same system identifier as this one.",
        ),
        Step::told(format!(
            "Until the next steps are done: name the timeline in every restore (--target-timeline={timeline})."
        )),
        sql(
            "Have the live server take a timeline that is newer than the foreign one: its next start recovers to its own end and branches off.",
            &facts.place,
            &set,
        ),
        Step::anywhere(
            "On the database’s machine, as its user:",
            "touch \"$PGDATA/recovery.signal\"",
        ),
        Step::run(
            "Restart PostgreSQL; it accepts writes again within seconds.",
            "restart the pod of the database",
            "systemctl restart postgresql",
        ),
        sql(
            "Take the setting back, for the next recovery.",
            &facts.place,
            "ALTER SYSTEM RESET recovery_target_timeline;",
        ),
        Step::anywhere("Take a full backup on the new timeline.", archiver.full_backup(None)),
        Step::told("Don’t remove files from the repository by hand."),
    ]
}
