//! Whether WAL leaves the cluster as it is written, and whether what arrived is whole.

use chrono::TimeDelta;

use super::verdict::{Verdict, age, ahead, words};
use super::{Fact, Facts, Lag, ManagedSpan};
use crate::time::Timestamp;
use crate::vitals::ArchiveState;
use crate::window::{Gap, place};

/// One repository or service: how it stands, and its lag where that is known.
type Part = (Verdict, Option<TimeDelta>);

/// `wal-archiving`: the archiver works, and no commit waits longer than promised. An idle database has nothing that waits.
pub(super) fn wal_archiving(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    if facts.lags.is_empty() && facts.managed.is_empty() {
        return nowhere(facts);
    }
    let lags = facts.lags.iter().map(|lag| repository(limit, lag, now));
    let managed = facts
        .managed
        .iter()
        .map(|span| service(limit, span, &facts.newest_commit, now));
    let (mut parts, figures): (Vec<_>, Vec<_>) = lags.chain(managed).unzip();
    if !facts.lags.is_empty() {
        parts.push(archiver(&facts.archiver, now));
    }
    let mut verdict = Verdict::of_parts(&parts);
    verdict.actual = figures.into_iter().flatten().max().map(words);
    verdict
}

/// No source shows where WAL goes; the database may still tell that it goes nowhere.
fn nowhere(facts: &Facts<'_>) -> Verdict {
    match facts.archiver.known() {
        Ok(state) if state.mode == "off" => Verdict::broken("archive_mode is off and no source archives WAL").at("off"),
        Ok(_) => Verdict::unknown("no configured source shows where the WAL goes"),
        Err(reason) => Verdict::unknown(reason),
    }
}

fn archiver(state: &Fact<ArchiveState>, now: Timestamp) -> Verdict {
    let state = match state.known() {
        Ok(state) => state,
        Err(reason) => return Verdict::unknown(format!("the archiver: {reason}")),
    };
    let latest = state.last_archived_at.max(state.last_failed_at);
    if let Some(objection) = latest.and_then(|at| ahead("the archiver’s last attempt", at, now)) {
        return Verdict::unknown(objection);
    }
    match state.mode.as_str() {
        "off" => Verdict::broken("archive_mode is off"),
        "on" | "always" => match state.last_failed_at {
            Some(failed) if state.last_archived_at.is_none_or(|archived| failed > archived) => Verdict::broken(
                format!("the archive command fails, last {} ago", words(age(failed, now))),
            ),
            _ => Verdict::ok("the archiver works"),
        },
        other => Verdict::unknown(format!("archive_mode is {other:?}")),
    }
}

fn repository(limit: TimeDelta, lag: &Lag, now: Timestamp) -> Part {
    let name = place(&lag.source, lag.repo);
    let oldest = match lag.oldest_unarchived.known() {
        Ok(Some(oldest)) => *oldest,
        Ok(None) => {
            return (
                Verdict::ok(format!("{name} has every known commit")),
                Some(TimeDelta::zero()),
            );
        }
        Err(reason) => return (Verdict::unknown(format!("{name}: {reason}")), None),
    };
    if let Some(objection) = ahead("the oldest commit that waits", oldest, now) {
        return (Verdict::unknown(objection), None);
    }
    let waits = age(oldest, now);
    let detail = format!("{name} lacks commits of {} ago and later", words(waits));
    let verdict = if waits <= limit {
        Verdict::ok(detail)
    } else {
        Verdict::broken(detail)
    };
    (verdict, Some(waits))
}

/// A managed service archives by itself; what it doesn't reach yet is what was committed after its latest restorable time.
fn service(limit: TimeDelta, span: &ManagedSpan, newest_commit: &Fact<Timestamp>, now: Timestamp) -> Part {
    let name = &span.source;
    if let Some(objection) = ahead(&format!("the latest restorable time of {name}"), span.latest, now) {
        return (Verdict::unknown(objection), None);
    }
    let behind = age(span.latest, now);
    let detail = format!("{name} restores to {} ago", words(behind));
    match newest_commit.known() {
        Ok(newest) if *newest <= span.latest => (Verdict::ok(detail), Some(TimeDelta::zero())),
        _ if behind <= limit => (Verdict::ok(detail), Some(behind)),
        Ok(_) => (Verdict::broken(detail), Some(behind)),
        Err(reason) => (
            Verdict::unknown(format!("{detail}; whether anything was committed since: {reason}")),
            Some(behind),
        ),
    }
}

/// `wal-gaps`: no hole behind a usable backup.
pub(super) fn wal_gaps(facts: &Facts<'_>) -> Verdict {
    if !facts.gaps.is_empty() {
        let holes: Vec<_> = facts.gaps.iter().map(|gap| Verdict::broken(hole(gap))).collect();
        return Verdict::of_parts(&holes).at(facts.gaps.len().to_string());
    }
    if let Some(reason) = &facts.backups_unread {
        return Verdict::unknown(reason);
    }
    if !facts.windows.is_empty() {
        return Verdict::ok("every window is whole up to its end").at("none");
    }
    if facts.lags.is_empty() && facts.managed.is_empty() {
        return Verdict::unset("no source archives WAL: add a [[deployment.source]] that does, such as pgbackrest");
    }
    Verdict::unknown("there is no window to look for holes in")
}

fn hole(gap: &Gap) -> String {
    let name = place(&gap.source, gap.repo);
    let until = gap.to.map_or("on, since no usable backup follows".into(), |to| {
        format!("to {}", to.format("%Y-%m-%d %H:%M:%S UTC"))
    });
    let from = gap.from.format("%Y-%m-%d %H:%M:%S UTC");
    if gap.first_missing == gap.last_missing {
        return format!("{name} lacks {}: nothing from {from} {until}", gap.first_missing);
    }
    format!(
        "{name} lacks {} to {}: nothing from {from} {until}",
        gap.first_missing, gap.last_missing
    )
}
