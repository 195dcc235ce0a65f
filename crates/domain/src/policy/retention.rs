//! What is kept long enough: full backups, and Ampora's audit log.

use chrono::TimeDelta;

use super::verdict::{Verdict, age, ahead, few, words};
use super::wholes::{clock_off, in_doubt, is_whole, named, none_usable, wholes};
use super::{Facts, Promises, Vanished};
use crate::status::Status;
use crate::time::Timestamp;

/// A new deployment has nothing to back up or to log at first, and sweeps run once a day.
const GRACE: TimeDelta = TimeDelta::days(1);

/// `full-retention`: no full goes before its time, and the oldest one reaches back as far as promised.
pub(super) fn full_retention(limit: TimeDelta, promises: &Promises, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    if let Some(objection) = clock_off(facts, now) {
        return Verdict::unknown(objection);
    }
    let reach = reach(facts);
    let actual = reach
        .as_ref()
        .map_or("none".into(), |(oldest, _)| words(age(*oldest, now)));
    let early: Vec<_> = gone_early(limit, facts, now).map(kept).collect();
    if !early.is_empty() {
        return Verdict::broken(few(early.iter().map(String::as_str))).at(actual);
    }
    let Some((oldest, name)) = reach else {
        return none_usable(facts);
    };
    let verdict = if age(oldest, now) >= limit {
        Verdict::ok(format!("oldest: {name}"))
    } else if let Some(before) = kept_its_time(limit, oldest, facts) {
        Verdict::ok(format!("oldest: {name}; before it, {}", kept(before)))
    } else {
        since_it_began(limit, promises, facts, now, oldest).unwrap_or_else(|| too_short(limit, facts, now, &name))
    };
    verdict.at(actual)
}

/// The oldest moment that something kept brings back whole. A managed service lists no fulls, but tells how far it reaches.
fn reach(facts: &Facts<'_>) -> Option<(Timestamp, String)> {
    let copies = wholes(facts, Status::Ok).map(|(at, backup)| (at, named(backup)));
    let managed = facts.windows.iter().filter(|window| facts.is_managed(&window.source));
    let spans = managed.map(|window| (window.from, format!("the span of {}", window.source)));
    copies.chain(spans).min_by_key(|(at, _)| *at)
}

/// Fulls that were gone before their time, as long as they should still be there.
fn gone_early<'a>(limit: TimeDelta, facts: &'a Facts<'_>, now: Timestamp) -> impl Iterator<Item = &'a Vanished> {
    let fulls = facts.vanished.iter().filter(|gone| is_whole(gone.kind));
    fulls.filter(move |gone| gone.gone_at - gone.stopped_at < limit && age(gone.stopped_at, now) < limit)
}

/// The full before the oldest one, if it was deleted in due time: then the oldest one is merely the next to go.
fn kept_its_time<'a>(limit: TimeDelta, oldest: Timestamp, facts: &'a Facts<'_>) -> Option<&'a Vanished> {
    let fulls = facts.vanished.iter().filter(|gone| is_whole(gone.kind));
    let before = fulls
        .filter(|gone| gone.stopped_at < oldest)
        .max_by_key(|gone| gone.stopped_at)?;
    (before.gone_at - before.stopped_at >= limit).then_some(before)
}

fn kept(full: &Vanished) -> String {
    let time = words(full.gone_at - full.stopped_at);
    format!("{} of {} was kept {time}", full.label, full.source)
}

/// A deployment that is younger than what was promised can't have older backups. `None`: it is older.
fn since_it_began(
    limit: TimeDelta,
    promises: &Promises,
    facts: &Facts<'_>,
    now: Timestamp,
    oldest: Timestamp,
) -> Option<Verdict> {
    let log = facts.audit.known().ok().and_then(|span| span.oldest);
    let evidence = facts.oldest_evidence.into_iter().chain(log).min();
    let known = evidence.into_iter().chain(facts.observed_since).min();
    if known.is_some_and(|since| age(since, now) >= limit) {
        return None;
    }
    let Some(began) = evidence.and(known) else {
        return Some(Verdict::unknown("how old the deployment is isn’t known"));
    };
    let began_ago = words(age(began, now));
    let from_the_start = oldest - began <= promises.full_backup_age.unwrap_or_default().max(GRACE);
    let watched = facts.observed_since.is_some_and(|since| since <= oldest);
    if from_the_start || watched {
        return Some(Verdict::ok(format!(
            "everything since the deployment began {began_ago} ago"
        )));
    }
    Some(Verdict::unknown(format!(
        "the deployment began {began_ago} ago; whether earlier fulls were deleted before Muster looked isn’t known"
    )))
}

/// Broken, unless something unread or doubtful may reach further.
fn too_short(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp, name: &str) -> Verdict {
    let reaches = |at| age(at, now) >= limit;
    if let Some(doubt) = in_doubt(facts, reaches).or_else(|| facts.backups_unread.clone()) {
        return Verdict::unknown(format!("oldest: {name}; {doubt}"));
    }
    let short = facts
        .managed
        .iter()
        .filter(|span| TimeDelta::days(span.retention_days.into()) < limit);
    let keeps = short.map(|span| format!("; {} keeps {} d", span.source, span.retention_days));
    Verdict::broken(format!("oldest: {name}{}", keeps.collect::<String>()))
}

/// `audit-retention`: the live log reaches back to the deployment's beginning, or as far as Ampora keeps it.
pub(super) fn audit_retention(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let span = match facts.audit.known() {
        Ok(span) => span,
        Err(reason) => return Verdict::unknown(reason),
    };
    let newest = span.newest.max(span.oldest);
    if let Some(objection) = newest.and_then(|at| ahead("the newest audit row", at, now)) {
        return Verdict::unknown(objection);
    }
    match span.oldest {
        Some(oldest) => log_from(oldest, limit, facts, now).at(words(age(oldest, now))),
        None => match facts.known_since() {
            Some(began) if age(began, now) > GRACE => Verdict::broken(known_age(began, now)).at("empty"),
            _ => Verdict::unknown("the log is empty, as that of a new deployment may be").at("empty"),
        },
    }
}

fn log_from(oldest: Timestamp, limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let reaches = |back: TimeDelta| age(oldest, now) + GRACE >= back;
    if reaches(limit) {
        return Verdict::ok("as far back as Ampora keeps it");
    }
    match facts.known_since() {
        Some(began) if reaches(age(began, now)) => Verdict::ok(known_age(began, now)),
        Some(began) => Verdict::broken(known_age(began, now)),
        None => Verdict::unknown("nothing but the log itself tells how old the deployment is"),
    }
}

fn known_age(began: Timestamp, now: Timestamp) -> String {
    format!("the deployment is known to be {} old", words(age(began, now)))
}
