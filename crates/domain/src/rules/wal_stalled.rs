//! WAL no longer leaves the machine while the backups still look fresh: what is written since could not be brought back.

use chrono::TimeDelta;

use super::facts::{ArchiveReading, Facts, REPLAYS, Read};
use super::steps::sql;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Evidence, Found, Rival, Severity, Step};
use crate::policy::Lag;
use crate::status::Status;
use crate::time::{Timestamp, ago, span};
use crate::vitals::Vitals;

pub(super) const RULE: Rule = Rule {
    code: "wal-archiving-stalled",
    title: "WAL archiving is stalled while backups look fresh",
    symptom: "Backups are green, and the point that can be restored to stands still",
    looks: &[Looks::Database, Looks::Backups],
    hysteresis: Hysteresis::TWICE,
    judge,
};

/// Age of the oldest commit outside the repository where nothing else was declared.
const USUAL_LAG: TimeDelta = TimeDelta::minutes(15);

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.archives.is_empty() {
        return Err(Silence::Unset("no source archives WAL".into()));
    }
    let vitals = facts.vitals()?;
    let replays = vitals
        .value
        .signs
        .position
        .known()
        .is_ok_and(|position| position.in_recovery);
    let mut evidence = if replays { Vec::new() } else { archiver(facts, &vitals) };
    let limit = facts.promises.wal_lag.unwrap_or(USUAL_LAG).max(TimeDelta::minutes(1));
    let (late, unread) = late(facts, vitals.value, limit);
    evidence.extend(late);
    if evidence.is_empty() {
        let unread = unread.or_else(|| replays.then(|| REPLAYS.to_owned()));
        return unread.map_or(Ok(None), |reason| Err(Silence::Unknown(reason)));
    }
    let usable = facts.backups.iter().filter(|backup| backup.status == Status::Ok);
    if let Some(newest) = usable.filter_map(|backup| backup.stopped_at).max() {
        evidence.push(vitals.evidence("newest usable backup", ago(newest, facts.now)));
    }
    Ok(Some(Found {
        severity: Severity::Error,
        title: "WAL isn’t archived any more".into(),
        cause: "The server can’t hand its WAL over: the repository is full or out of reach, its credentials ended, or archive_command fails. \
                Backups that were taken before look as good as ever, but nothing behind them can be brought back, and pg_wal grows until \
                the disk is full."
            .into(),
        steps: steps(facts),
        evidence,
        rivals: vec![Rival {
            cause: "the database is idle, so no segment is full".into(),
            ruled_out: "an attempt failed, or commits that are known are missing from the repository".into(),
        }],
        refutes: "A segment archived after the last failed attempt, and no known commit outside the repository.".into(),
        cure: None,
    }))
}

/// What the server's own archiver says. Only the primary's archives.
fn archiver(facts: &Facts<'_>, vitals: &Read<'_, &Vitals>) -> Vec<Evidence> {
    let archiver = &vitals.value.archive;
    let mut evidence = Vec::new();
    if archiver.mode == "off" {
        evidence.push(vitals.evidence("archive_mode", "off"));
    }
    if let Some(failed) = archiver.last_failed_at
        && archiver.last_archived_at.is_none_or(|archived| archived < failed)
    {
        evidence.push(vitals.evidence("last failed attempt", ago(failed, facts.now)));
        let archived = archiver
            .last_archived_at
            .map_or_else(|| "never".into(), |at| ago(at, facts.now));
        evidence.push(vitals.evidence("last archived segment", archived));
    }
    evidence
}

fn steps(facts: &Facts<'_>) -> Vec<Step> {
    let place = &facts.place;
    vec![
        sql(
            "See what is tried, and since when it fails.",
            place,
            "SHOW archive_mode; SHOW archive_command;\nSELECT last_failed_wal, last_failed_time, last_archived_time FROM pg_stat_archiver;",
        ),
        Step::told(
            "Read why in the server’s log on the database’s machine, as a rule below /var/log/postgresql: look for archive.",
        ),
        Step::anywhere(
            "Try it by hand, as the server’s user, once the cause is gone.",
            facts.archiver().check(),
        ),
        sql(
            "See how much waits.",
            place,
            "SELECT count(*) AS waiting FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready';",
        ),
        Step::anywhere("See how long the disk lasts.", "df -h \"$PGDATA\""),
        Step::told(
            "Don’t empty pg_wal by hand and don’t set archive_command to true: either makes a hole that ends every window.",
        ),
    ]
}

/// Repositories that are behind, and why one of them isn't known.
fn late(facts: &Facts<'_>, live: &Vitals, limit: TimeDelta) -> (Vec<Evidence>, Option<String>) {
    let (mut late, mut unread) = (Vec::new(), None);
    for lag in &facts.lags {
        match lag.oldest_unarchived.known() {
            Ok(Some(oldest)) if facts.now - *oldest > limit && !was_handed_over(facts, live, lag, *oldest) => late
                .push(Evidence {
                    fact: format!("oldest commit that isn’t in repo{}", lag.repo),
                    value: format!(
                        "{} old, the limit is {}",
                        span((facts.now - *oldest).num_seconds()),
                        span(limit.num_seconds())
                    ),
                    observed_at: Some(facts.now),
                    source: lag.source.clone(),
                }),
            Ok(_) => {}
            Err(reason) => unread = Some(reason.to_owned()),
        }
    }
    (late, unread)
}

/// Whether a repository has every segment that is full, and the last file that the server handed over is younger than this commit. Rows of
/// an older copy tell of commits that were made long before they were written here.
fn was_handed_over(facts: &Facts<'_>, live: &Vitals, lag: &Lag, commit: Timestamp) -> bool {
    let Ok(position) = live.signs.position.known() else {
        return false;
    };
    let source = facts.archives.iter().find(|archive| archive.source == lag.source);
    let archives = source.and_then(|source| source.archives.known().ok());
    let written = position.lsn.0.saturating_sub(1);
    let has_all = |archive: &ArchiveReading| {
        let full = written - written % archive.segment_size.max(1);
        let mut timelines = archive.timelines.iter();
        archive.repo == lag.repo && timelines.any(|one| one.timeline == position.timeline && one.end.0 >= full)
    };
    archives.is_some_and(|archives| archives.iter().any(has_all))
        && live.archive.last_archived_at.is_some_and(|at| commit <= at)
}
