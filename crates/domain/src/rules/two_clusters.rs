//! Two servers archive into one stanza: segments of another cluster, twice the same segment, or WAL that the live server hasn't written.

use super::facts::{ArchiveReading, Facts, Read, sign};
use super::steps::few;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Evidence, Found, Rival, Severity, Step};
use crate::vitals::{Position, Vitals};

pub(super) const RULE: Rule = Rule {
    code: "two-clusters-one-stanza",
    title: "Two clusters archive into one stanza",
    symptom: "pgBackRest reports WAL of another cluster, or the same segment twice",
    looks: &[Looks::Database, Looks::Backups],
    hysteresis: Hysteresis::TWICE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let archives = facts.archives()?;
    let vitals = facts.vitals()?;
    let position = sign(&vitals.value.signs.position)?;
    let mut evidence = Vec::new();
    for (index, archive) in archives.iter().enumerate() {
        let newest = archives[index + 1..]
            .iter()
            .all(|later| later.value.repo != archive.value.repo);
        evidence.extend(doubled(archive));
        if newest {
            evidence.extend(other_system(archive, vitals.value));
        }
        evidence.extend(ahead(archive, vitals.value, position));
    }
    if evidence.is_empty() {
        return Ok(None);
    }
    evidence.push(vitals.evidence("system identifier of the live server", vitals.value.system_identifier));
    evidence.push(vitals.evidence(
        "its position",
        format!("timeline {}, {}", position.timeline, position.lsn),
    ));
    let stanza = facts.place.stanza.clone().unwrap_or_else(|| "STANZA".into());
    Ok(Some(Found {
        severity: Severity::Error,
        title: "Another server archives into the same stanza".into(),
        cause: "A second server (a copy, an old primary, a drill) uses this stanza as its archive. Which of two equal segments is the right \
                one nobody can tell, so a restore may stop there, or follow the wrong one."
            .into(),
        steps: vec![
            Step::anywhere("See whose WAL it is.", format!("pgbackrest --stanza={stanza} info")),
            Step::told("Stop the other server, or give it a stanza of its own (archive_command, pg1-path)."),
            Step::anywhere("If the live server is new here: tell the stanza.", format!("pgbackrest --stanza={stanza} stanza-upgrade")),
            Step::anywhere("Take a full backup: windows begin anew behind it.", format!("pgbackrest --stanza={stanza} backup --type=full")),
        ],
        evidence,
        rivals: vec![Rival {
            cause: "the stanza holds the cluster from before an upgrade of PostgreSQL".into(),
            ruled_out: "only the newest archive of each repository is compared with the live server".into(),
        }],
        refutes: "Every segment in the archive once, and none behind the live server’s position.".into(),
        cure: None,
    }))
}

fn doubled(archive: &Read<'_, ArchiveReading>) -> Option<Evidence> {
    let names = &archive.value.doubled;
    let named = few(names.iter().map(String::as_str));
    (!names.is_empty()).then(|| {
        archive.evidence(
            format!("twice in repo{} with different content", archive.value.repo),
            named,
        )
    })
}

fn other_system(archive: &Read<'_, ArchiveReading>, live: &Vitals) -> Option<Evidence> {
    let system = archive
        .value
        .system
        .filter(|system| *system != live.system_identifier)?;
    Some(archive.evidence(format!("system identifier of repo{}", archive.value.repo), system))
}

/// WAL of the live server's own timeline that it hasn't written yet.
fn ahead(archive: &Read<'_, ArchiveReading>, live: &Vitals, position: &Position) -> Option<Evidence> {
    let own = archive
        .value
        .system
        .is_none_or(|system| system == live.system_identifier);
    let mut timelines = archive.value.timelines.iter();
    let same = timelines.find(|one| own && one.timeline == position.timeline)?;
    let written = position.lsn.0.saturating_add(archive.value.segment_size);
    let is_ahead = same.end.0 > written && archive.at <= live.read_at;
    is_ahead.then(|| {
        archive.evidence(
            format!("end of timeline {} in repo{}", same.timeline, archive.value.repo),
            same.end,
        )
    })
}
