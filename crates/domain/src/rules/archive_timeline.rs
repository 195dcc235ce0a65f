//! The archive holds a timeline that the live server isn't on: something else was promoted with it as its archive, such as a drill.

use super::facts::{ArchiveReading, Facts, TimelineReading, sign};
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
        return Err(Silence::Unknown(
            "the server replays WAL, so its timeline isn’t settled".into(),
        ));
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
    let stanza = facts.place.stanza.clone().unwrap_or_else(|| "STANZA".into());
    Ok(Some(Found {
        severity: Severity::Error,
        title: format!("The archive has timeline {}, the server is on {}", foreign.timeline, position.timeline),
        cause: "Another server was promoted from a backup and archived its WAL here: a drill without archive_mode = off, or a copy that \
                somebody started. PostgreSQL recovers along the newest timeline unless it is told otherwise, so a restore to the latest \
                point would end on the foreign one."
            .into(),
        steps: vec![
            Step::told("Find the server that archives there and stop it, or set its archive_mode to off. It has the same system identifier as this one."),
            Step::anywhere(
                "Name the timeline in every restore until then.",
                format!("pgbackrest --stanza={stanza} restore --type=default --target-timeline={}", position.timeline),
            ),
            Step::anywhere("Take a full backup on the server’s own timeline.", format!("pgbackrest --stanza={stanza} backup --type=full")),
            Step::told("The foreign segments expire with the backups before it; don’t remove files from the repository by hand."),
        ],
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
