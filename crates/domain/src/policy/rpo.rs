//! What would be lost if everything were lost now: for each source a least and a most, from which the best one is taken.

use chrono::TimeDelta;

use super::Facts;
use super::verdict::{Verdict, age, ahead, words};
use super::wholes::named;
use crate::backup::{Backup, Kind};
use crate::status::Status;
use crate::time::Timestamp;
use crate::window::{Window, place};

/// What a restore from one place would lack. Where both are equal the loss is known.
struct Loss {
    from: String,
    least: TimeDelta,
    /// `None`: nothing bounds it.
    most: Option<TimeDelta>,
}

/// `rpo`: the best place loses no more than promised. A place proves that only by the most that it may lose.
pub(super) fn rpo(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    if let Some(objection) = clock_off(facts, now) {
        return Verdict::unknown(objection);
    }
    let losses = losses(facts, now);
    if let Some(kept) = losses
        .iter()
        .filter(|loss| loss.most.is_some_and(|most| most <= limit))
        .min_by_key(|loss| loss.most)
    {
        return Verdict::ok(format!("from {}", kept.from)).at(kept.words());
    }
    let Some(best) = losses.iter().min_by_key(|loss| loss.least) else {
        return nothing_left(facts, now);
    };
    let doubt = if best.least <= limit {
        Some("how much more isn’t known".into())
    } else {
        doubt(limit, facts, now)
    };
    let verdict = match doubt {
        Some(doubt) => Verdict::unknown(format!("from {}; {doubt}", best.from)),
        None => Verdict::broken(format!("from {}", best.from)),
    };
    verdict.at(best.words())
}

impl Loss {
    fn exact(from: String, loss: TimeDelta) -> Self {
        Self {
            from,
            least: loss,
            most: Some(loss),
        }
    }

    fn words(&self) -> String {
        let least = words(self.least);
        match self.most {
            Some(most) if most == self.least => least,
            Some(most) if self.least.is_zero() => format!("{} at most", words(most)),
            Some(most) => format!("{least} to {}", words(most)),
            None => format!("{least} at least"),
        }
    }
}

fn losses(facts: &Facts<'_>, now: Timestamp) -> Vec<Loss> {
    let windows = facts.windows.iter().filter(|window| !facts.is_managed(&window.source));
    let windows = windows.map(|window| of_window(window, facts.newest_commit.known().ok().copied(), now));
    let managed = facts.managed.iter();
    let managed = managed.map(|span| Loss::exact(span.source.clone(), age(span.latest, now)));
    let copies = facts
        .backups
        .iter()
        .filter(|backup| stands_alone(backup) && backup.status == Status::Ok);
    let copies = copies.map(|backup| of_copy(backup, now));
    windows.chain(managed).chain(copies).collect()
}

/// From the window's end to the newest commit; to now, at most, where that isn't known. An end known only by the arrival of its last
/// segment may be missing any part of the window.
fn of_window(window: &Window, newest: Option<Timestamp>, now: Timestamp) -> Loss {
    let production = newest.unwrap_or(now);
    let surely_held = if window.exact { window.to } else { window.from };
    Loss {
        from: format!("the window of {}", place(&window.source, window.repo)),
        least: newest.map_or(TimeDelta::zero(), |newest| age(window.to, newest)),
        most: Some(age(surely_held, production)),
    }
}

/// Whether no WAL carries it on.
const fn stands_alone(backup: &Backup) -> bool {
    matches!(backup.kind, Kind::Dump | Kind::Snapshot)
}

/// A dump holds what was there when it was begun. One that doesn't tell when that was may have been begun at any time before its end.
fn of_copy(backup: &Backup, now: Timestamp) -> Loss {
    let own = match backup.kind {
        Kind::Snapshot => backup.started_at.or(backup.stopped_at),
        _ => backup.started_at,
    };
    match own {
        Some(at) => Loss::exact(named(backup), age(at, now)),
        None => Loss {
            from: named(backup),
            least: backup.stopped_at.map_or(TimeDelta::zero(), |stopped| age(stopped, now)),
            most: None,
        },
    }
}

fn nothing_left(facts: &Facts<'_>, now: Timestamp) -> Verdict {
    match doubt(TimeDelta::MAX, facts, now) {
        Some(doubt) => Verdict::unknown(doubt),
        None => Verdict::broken("nothing that was found can be restored").at("everything"),
    }
}

/// What may yet turn out to lose little enough: a source that wasn't read, a copy that isn't proven, or a backup that WAL carries on
/// from, if only it is usable.
fn doubt(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Option<String> {
    let in_window = |backup: &Backup| {
        let own = facts.windows.iter().filter(|window| window.source == backup.source);
        let holds = |at: Timestamp| own.clone().any(|window| window.from <= at && at <= window.to);
        backup.stopped_at.is_some_and(holds)
    };
    let mut unproven = facts.backups.iter().filter(|backup| backup.status == Status::Unknown);
    let unproven = unproven.find(|backup| match backup.kind {
        Kind::Dump | Kind::Snapshot => of_copy(backup, now).least <= limit,
        Kind::Full | Kind::Diff | Kind::Incr => !in_window(backup),
    });
    let unproven = unproven.map(|backup| format!("{}: {}", named(backup), backup.detail));
    unproven.or_else(|| facts.backups_unread.clone())
}

fn clock_off(facts: &Facts<'_>, now: Timestamp) -> Option<String> {
    let windows = facts.windows.iter().map(|window| (window.source.as_str(), window.to));
    let managed = facts.managed.iter().map(|span| (span.source.as_str(), span.latest));
    let commit = facts.newest_commit.known().ok().map(|at| ("the newest commit", *at));
    let newest = windows.chain(managed).chain(commit).max_by_key(|(_, at)| *at);
    let objection = newest.and_then(|(what, at)| ahead(what, at, now));
    objection.or_else(|| super::wholes::clock_off(facts, now))
}
