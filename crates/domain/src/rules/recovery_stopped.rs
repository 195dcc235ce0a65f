//! The last recovery ended before the WAL did, without an error: the archive has more of the timeline that the server came from. A restore
//! by Muster that ended where people agreed that it should is none.

use super::facts::{ArchiveReading, Facts, REPLAYS, Read, TimelineReading, sign};
use super::steps::{sql, stop};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Evidence, Found, Rival, Severity, Step};
use crate::set_back::{Promotion, SetBack};
use crate::vitals::{Position, Vitals};
use crate::wal::{Lsn, replayed_up_to};

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
        let promotion = Promotion {
            timeline: position.timeline,
            parent,
            switch,
        };
        if let Some(end) = more_of(archive.value, promotion) {
            let evidence = evidence((&vitals, archive), position, (promotion, end));
            return behind(facts, &vitals, (promotion, end), evidence);
        }
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

/// Where the archive's WAL of the old timeline ends, if that is behind the segment that the server left it in.
fn more_of(archive: &ArchiveReading, Promotion { parent, switch, .. }: Promotion) -> Option<Lsn> {
    let end = timeline(archive, parent)?.end;
    let first_left = switch.0 / archive.segment_size * archive.segment_size + archive.segment_size;
    (end.0 > first_left).then_some(end)
}

/// There is WAL behind the end of recovery: whether it was left there on purpose.
fn behind(
    facts: &Facts<'_>,
    vitals: &Read<'_, &Vitals>,
    (promotion, end): (Promotion, Lsn),
    evidence: Vec<Evidence>,
) -> Judgement {
    let own =
        |one: &&SetBack| one.system == vitals.value.system_identifier && one.promotion.timeline == promotion.timeline;
    let set_back = facts.set_back.map(|all| all.iter().rfind(own));
    let not_ours = match set_back {
        None => "not ruled out: restores are remembered in Muster’s own database, which isn’t asked here".to_owned(),
        Some(None) => format!("no restore that it carried out made timeline {}", promotion.timeline),
        Some(Some(one)) if one.promotion != promotion => format!(
            "the restore of request {} left timeline {} at {}, and this server left timeline {} at {}",
            one.request, one.promotion.parent, one.promotion.switch, promotion.parent, promotion.switch
        ),
        Some(Some(one)) if !one.is_whole() => format!(
            "the restore of request {} was to reach {}, and ended at {}",
            one.request,
            one.target(),
            promotion.switch
        ),
        Some(Some(one)) => {
            return Err(Silence::Agreed(format!(
                "the restore of request {} was agreed to end at {}, and made timeline {} there, at {}; the WAL behind it was left on purpose",
                one.request,
                one.target(),
                promotion.timeline,
                promotion.switch
            )));
        }
    };
    Ok(Some(found(
        facts,
        (promotion.parent, promotion.switch, end),
        evidence,
        not_ours,
    )))
}

fn evidence(
    (vitals, archive): (&Read<'_, &Vitals>, &Read<'_, ArchiveReading>),
    position: &Position,
    (promotion, end): (Promotion, Lsn),
) -> Vec<Evidence> {
    let parent = promotion.parent;
    vec![
        vitals.evidence("timeline of the live server", position.timeline),
        archive.evidence(format!("where it left timeline {parent}"), promotion.switch),
        archive.evidence(format!("end of timeline {parent} in repo{}", archive.value.repo), end),
        vitals.evidence("recovery target on the server", "none"),
    ]
}

fn found(
    facts: &Facts<'_>,
    (parent, switch, end): (u32, Lsn, Lsn),
    evidence: Vec<Evidence>,
    not_ours: String,
) -> Found {
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
            Step::run("Start PostgreSQL. It replays, and waits.", "scale the database up", "systemctl start postgresql"),
            sql(
                "Promote it, once it has replayed into the last segment; until then this tells where it stands and changes nothing.",
                &facts.place,
                &format!(
                    "SELECT pg_last_wal_replay_lsn() AS position,\n\
                     CASE WHEN {}\n\
                     THEN pg_promote(true, 600) ELSE false END AS promoted;",
                    replayed_up_to(end)
                ),
            ),
            Step::told("Look for the last transactions, and take a full backup."),
            Step::told("If what was written since counts more: acknowledge this finding with the reason."),
        ],
        evidence,
        rivals: vec![
            Rival {
                cause: "it was restored to a point in time on purpose".into(),
                ruled_out: "no recovery target is set on the server".into(),
            },
            Rival {
                cause: "Muster set it back, as two people agreed".into(),
                ruled_out: not_ours,
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
