//! Was there a way back before each upgrade?

use chrono::TimeDelta;

use super::verdict::{Verdict, ahead, words};
use super::wholes::{clock_off, in_doubt, is_whole, named, wholes};
use super::{Facts, Standing};
use crate::status::Status;
use crate::time::{Timestamp, clock};
use crate::upgrade::Upgrade;

/// How old a snapshot may be when the upgrade starts.
const BEFORE: TimeDelta = TimeDelta::hours(24);
/// How long a way back is worth keeping where no retention is promised: as long as the documentation has fulls kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// `pre-upgrade-snapshot`: each upgrade began with a fresh copy, or inside a window. Upgrades from before the time that copies are kept
/// for aren't judged any more, since their proof may rightly be gone.
pub(super) fn pre_upgrade_snapshot(kept: Option<TimeDelta>, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let upgrades = match facts.upgrades.known() {
        Ok(upgrades) => upgrades,
        Err(reason) => return Verdict::unknown(reason),
    };
    let newest = upgrades.iter().map(|upgrade| upgrade.first_new).max();
    let off = newest
        .and_then(|at| ahead("an upgrade", at, now))
        .or_else(|| clock_off(facts, now));
    if let Some(objection) = off {
        return Verdict::unknown(objection);
    }
    let Some(since) = facts.observed_since else {
        return Verdict::unknown("since when upgrades are watched isn’t known");
    };
    let kept = kept.unwrap_or(KEPT);
    let judged: Vec<_> = upgrades
        .iter()
        .filter(|upgrade| now - upgrade.last_old <= kept)
        .collect();
    if judged.is_empty() {
        let what = match upgrades.len() {
            0 => format!("no upgrade was seen since {}", clock(since, now)),
            earlier => format!("none in the last {}, {earlier} before that", words(kept)),
        };
        return Verdict::ok(what).at("no upgrade");
    }
    let parts: Vec<_> = judged.iter().map(|upgrade| way_back(upgrade, facts, now)).collect();
    let with = parts.iter().filter(|part| part.standing == Standing::Ok).count();
    Verdict::of_parts(&parts).at(format!("{with} of {}", parts.len()))
}

fn way_back(upgrade: &Upgrade, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let what = format!("{} changed after {}", upgrade.what.word(), clock(upgrade.last_old, now));
    if let Some(proof) = proof(upgrade, facts) {
        return Verdict::ok(format!("{what}: {proof}"));
    }
    match doubt(upgrade, facts) {
        Some(doubt) => Verdict::unknown(format!("{what}: {doubt}")),
        None => Verdict::broken(format!("{what}, and nothing was saved in the 24 h before")),
    }
}

fn proof(upgrade: &Upgrade, facts: &Facts<'_>) -> Option<String> {
    let start = upgrade.last_old;
    let copy = wholes(facts, Status::Ok).find(|(at, _)| in_time(*at, start));
    let copy = copy.map(|(_, backup)| named(backup));
    let window = || {
        let covering = facts
            .windows
            .iter()
            .find(|window| window.from <= start && start <= window.to);
        covering.map(|window| format!("in a window of {}", window.source))
    };
    let expired = || {
        let fulls = facts
            .vanished
            .iter()
            .filter(|gone| is_whole(gone.kind) && gone.gone_at > start);
        let gone = fulls.into_iter().find(|gone| in_time(gone.stopped_at, start));
        gone.map(|gone| format!("{} of {}, deleted since", gone.label, gone.source))
    };
    copy.or_else(window).or_else(expired)
}

fn in_time(stopped_at: Timestamp, start: Timestamp) -> bool {
    stopped_at <= start && start - stopped_at <= BEFORE
}

/// What may yet turn out to be a way back.
fn doubt(upgrade: &Upgrade, facts: &Facts<'_>) -> Option<String> {
    let unproven = in_doubt(facts, |at| in_time(at, upgrade.last_old));
    let unseen = || {
        let meanwhile = |at: Timestamp| upgrade.last_old < at && at < upgrade.first_new;
        let copy = wholes(facts, Status::Ok).find(|(at, _)| meanwhile(*at));
        copy.map(|(_, backup)| {
            format!(
                "whether {} was taken before or after isn’t known: nobody looked",
                named(backup)
            )
        })
    };
    unproven.or_else(unseen).or_else(|| facts.backups_unread.clone())
}
