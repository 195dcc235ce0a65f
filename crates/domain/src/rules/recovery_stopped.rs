//! The last recovery ended before the WAL did, without an error: the archive has more of the timeline that the server came from.

use super::facts::{ArchiveReading, Facts, REPLAYS, TimelineReading, sign};
use super::steps::stop;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};
use crate::wal::Lsn;

pub(super) const RULE: Rule = Rule {
    code: "recovery-stopped-early",
    title: "Recovery stopped early without an error",
    symptom: "After a restore the last hours are missing, and no log says why",
    looks: &[Looks::Database, Looks::Backups],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let archives = facts.archives()?;
    let vitals = facts.vitals()?;
    let position = sign(&vitals.value.signs.position)?;
    if position.in_recovery {
        return Err(Silence::Unknown(REPLAYS.into()));
    }
    if position.timeline <= 1 {
        return Ok(None);
    }
    let target = sign(&vitals.value.signs.recovery_target)?;
    if !target.is_empty() {
        // It stopped where somebody told it to.
        return Ok(None);
    }
    let own = archives.iter().filter(|archive| {
        archive
            .value
            .system
            .is_none_or(|system| system == vitals.value.system_identifier)
    });
    let mut told = false;
    for archive in own {
        let Some((parent, switch)) = origin(archive.value, position.timeline) else {
            continue;
        };
        told = true;
        let Some(left) = timeline(archive.value, parent) else {
            continue;
        };
        let first_left =
            switch.0 / archive.value.segment_size * archive.value.segment_size + archive.value.segment_size;
        if left.end.0 <= first_left {
            continue;
        }
        let evidence = vec![
            vitals.evidence("timeline of the live server", position.timeline),
            archive.evidence(format!("where it left timeline {parent}"), switch),
            archive.evidence(
                format!("end of timeline {parent} in repo{}", archive.value.repo),
                left.end,
            ),
            vitals.evidence("recovery target on the server", "none"),
        ];
        return Ok(Some(found(facts, (parent, switch, left.end), evidence)));
    }
    if told {
        Ok(None)
    } else {
        Err(Silence::Unknown(format!(
            "no archive has the history of timeline {}",
            position.timeline
        )))
    }
}

fn found(facts: &Facts<'_>, (parent, switch, end): (u32, Lsn, Lsn), evidence: Vec<crate::finding::Evidence>) -> Found {
    let bytes = crate::time::bytes(end.0 - switch.0);
    let archiver = facts.archiver();
    Found {
        severity: Severity::Error,
        title: format!("{bytes} of WAL behind {switch} were not replayed"),
        cause: "Without a recovery target PostgreSQL promotes where the next segment can’t be had, and calls it the end. A segment was \
                missing then, or the archive couldn’t be reached; what lies behind it is in the archive and not in the database."
            .into(),
        steps: vec![
            stop(&facts.place),
            Step::anywhere("See whether the WAL is whole now.", archiver.verify()),
            Step::anywhere(
                "Restore once more along the old timeline, beside the present directory.",
                archiver.restore_beside(parent),
            ),
            Step::run("Stop PostgreSQL.", "scale the database down", "systemctl stop postgresql"),
            Step::anywhere("Swap the directories. The present one stays beside it, and can be swapped back.", "mv \"$PGDATA\" \"$PGDATA.before\"\nmv \"$PGDATA.restored\" \"$PGDATA\""),
            Step::run("Start PostgreSQL, look for the last transactions, and take a full backup.", "scale the database up", "systemctl start postgresql"),
            Step::told("If what was written since counts more: acknowledge this finding with the reason."),
        ],
        evidence,
        rivals: vec![
            Rival {
                cause: "it was restored to a point in time on purpose".into(),
                ruled_out: "no recovery target is set on the server".into(),
            },
            Rival {
                cause: "a standby took over".into(),
                ruled_out: "then too the WAL behind the switch was not replayed, and is lost to this server".into(),
            },
        ],
        refutes: "The last transaction of the old timeline, found in the live database.".into(),
        cure: facts.windows.iter().find(|window| window.timelines.last() == Some(&parent)).map(|window| facts.restore_to(&window.source, window.to)),
    }
}

fn timeline(archive: &ArchiveReading, number: u32) -> Option<&TimelineReading> {
    archive.timelines.iter().find(|one| one.timeline == number)
}

fn origin(archive: &ArchiveReading, number: u32) -> Option<(u32, Lsn)> {
    timeline(archive, number)?.parent
}
