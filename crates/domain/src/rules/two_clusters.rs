//! Two servers archive into one stanza: segments of another cluster, twice the same segment, or WAL that the live server hasn't written.

use super::facts::{ArchiveReading, Facts, REPLAYS, Read, sign};
use super::steps::few;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Evidence, Found, Rival, Severity, Step};
use crate::policy::Fact;
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
    let mut evidence = shared(facts);
    if !evidence.is_empty() {
        return Ok(Some(found(facts, evidence)));
    }
    let archives = facts.archives()?;
    let vitals = facts.vitals()?;
    let position = sign(&vitals.value.signs.position)?;
    for (index, archive) in archives.iter().enumerate() {
        let newest = archives[index + 1..]
            .iter()
            .all(|later| later.value.repo != archive.value.repo);
        evidence.extend(doubled(archive));
        if newest {
            evidence.extend(other_system(archive, vitals.value));
        }
        if !position.in_recovery {
            evidence.extend(ahead(archive, vitals.value, position));
        }
    }
    if evidence.is_empty() {
        return if position.in_recovery {
            Err(Silence::Unknown(REPLAYS.into()))
        } else {
            Ok(None)
        };
    }
    evidence.push(vitals.evidence("system identifier of the live server", vitals.value.system_identifier));
    evidence.push(vitals.evidence(
        "its position",
        format!("timeline {}, {}", position.timeline, position.lsn),
    ));
    Ok(Some(found(facts, evidence)))
}

fn found(facts: &Facts<'_>, evidence: Vec<Evidence>) -> Found {
    Found {
        severity: Severity::Error,
        title: "Another server archives into the same stanza".into(),
        cause: "A second server (a copy, an old primary, a drill) uses this stanza as its archive. Which of two equal segments is the right \
                one nobody can tell, so a restore may stop there, or follow the wrong one."
            .into(),
        steps: steps(facts),
        evidence,
        rivals: vec![Rival {
            cause: "the stanza holds the cluster from before an upgrade of PostgreSQL".into(),
            ruled_out: "only the newest archive of each repository is compared with the live server".into(),
        }],
        refutes: "Every segment in the archive once, and none behind the live server’s position.".into(),
        cure: None,
    }
}

/// Storages that hold backups of several clusters: whose their WAL is nobody can tell, so there is nothing to compare.
fn shared(facts: &Facts<'_>) -> Vec<Evidence> {
    let several = facts.archives.iter().filter_map(|source| match &source.systems {
        Fact::Known { value, at } if value.len() > 1 => {
            let systems: Vec<_> = value.iter().map(ToString::to_string).collect();
            Some(Evidence {
                fact: format!("system identifiers of the backups in {}", source.source),
                value: few(systems.iter().map(String::as_str)),
                observed_at: Some(*at),
                source: source.source.clone(),
            })
        }
        _ => None,
    });
    several.collect()
}

fn steps(facts: &Facts<'_>) -> Vec<Step> {
    let archiver = facts.archiver();
    let adopt = archiver.adopt();
    let steps = [
        Some(Step::anywhere("See whose WAL it is.", archiver.list())),
        Some(Step::told(
            "Stop the other server, or give it a stanza or storage of its own (archive_command, pg1-path).",
        )),
        adopt.map(|command| {
            Step::anywhere(
                "Where it made the stanza its own: tell the stanza whose it is, beside the live server.",
                command,
            )
        }),
        Some(Step::anywhere(
            "Take a full backup: windows begin anew behind it.",
            archiver.full_backup(None),
        )),
        Some(Step::told(
            "If the live server’s own segments are refused because others of the same name lie there already (a copy on the same timeline \
             wrote them): give the live server a new stanza and take a full backup there; keep the old one for what lies before.",
        )),
    ];
    steps.into_iter().flatten().collect()
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
