//! Copies that bring the whole database back by themselves, and how old they are.

use chrono::TimeDelta;

use super::Facts;
use super::verdict::{Verdict, age, ahead, words};
use crate::backup::{Backup, Kind};
use crate::status::Status;
use crate::time::Timestamp;
use crate::window::place;

/// Whether a backup of this kind needs no other backup.
pub(super) const fn is_whole(kind: Kind) -> bool {
    matches!(kind, Kind::Full | Kind::Dump | Kind::Snapshot)
}

/// Whole copies of this status with the time at which they were complete.
pub(super) fn wholes<'a>(facts: &Facts<'a>, status: Status) -> impl Iterator<Item = (Timestamp, &'a Backup)> {
    let matching = facts
        .backups
        .iter()
        .filter(move |backup| is_whole(backup.kind) && backup.status == status);
    matching.filter_map(|backup| Some((backup.stopped_at?, backup)))
}

/// Name of a copy and where it lies.
pub(super) fn named(backup: &Backup) -> String {
    format!(
        "{} of {}",
        backup.label,
        place(&backup.source, backup.repo.unwrap_or(0))
    )
}

/// The objection to backups from the future.
pub(super) fn clock_off(facts: &Facts<'_>, now: Timestamp) -> Option<String> {
    let believed = facts.backups.iter().filter(|backup| backup.status != Status::Broken);
    believed
        .filter_map(|backup| Some((backup.stopped_at.max(backup.started_at)?, backup)))
        .max_by_key(|(at, _)| *at)
        .and_then(|(at, backup)| ahead(&named(backup), at, now))
}

/// A copy that would help at such a time, if only it were known to be usable, or when it was complete.
pub(super) fn in_doubt(facts: &Facts<'_>, helps: impl Fn(Timestamp) -> bool) -> Option<String> {
    let doubtful = |backup: &&Backup| match (backup.status, backup.stopped_at) {
        (Status::Broken, _) => false,
        (_, None) => true,
        (Status::Ok, Some(_)) => false,
        (Status::Unknown, Some(at)) => helps(at),
    };
    let found = facts
        .backups
        .iter()
        .filter(|backup| is_whole(backup.kind))
        .find(doubtful)?;
    let why = match found.stopped_at {
        Some(_) => &found.detail,
        None => "when it was complete isn’t known",
    };
    Some(format!("{}: {why}", named(found)))
}

/// No usable copy: broken only if everything was read and nothing is left that may turn out usable.
pub(super) fn none_usable(facts: &Facts<'_>) -> Verdict {
    match in_doubt(facts, |_| true).or_else(|| facts.backups_unread.clone()) {
        Some(doubt) => Verdict::unknown(doubt),
        None => Verdict::broken("no source holds a usable full backup, dump or snapshot").at("none"),
    }
}

/// `full-backup-age`: the newest whole copy is young enough.
pub(super) fn full_backup_age(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    if let Some(objection) = clock_off(facts, now) {
        return Verdict::unknown(objection);
    }
    let Some((at, newest)) = wholes(facts, Status::Ok).max_by_key(|(at, _)| *at) else {
        return none_usable(facts);
    };
    let last_day = wholes(facts, Status::Ok)
        .filter(|(at, _)| age(*at, now) <= TimeDelta::days(1))
        .count();
    let detail = format!("newest: {}; {last_day} in the last 24 h", named(newest));
    let verdict = if age(at, now) <= limit {
        Verdict::ok(detail)
    } else {
        match in_doubt(facts, |at| age(at, now) <= limit).or_else(|| facts.backups_unread.clone()) {
            Some(doubt) => Verdict::unknown(format!("{detail}; {doubt}")),
            None => Verdict::broken(detail),
        }
    };
    verdict.at(words(age(at, now)))
}
