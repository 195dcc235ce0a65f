//! What the keys say that the envelopes stand for: one key, or several.

use super::{Candidate, Damage, Evidence, Finding, Group, Key, Verdict};
use crate::status::Status;

/// One key for all of them.
pub(super) fn single(evidence: &Evidence, key: Key<'_>, damage: &Damage) -> Finding {
    let parsed = evidence.parsed();
    let of = format!("{} of {parsed} envelopes", parsed - damage.unopened);
    let Key::Held(index) = key else {
        return nothing_opens(evidence, parsed);
    };
    let opener = evidence.candidates[index];
    if matches!(opener, Candidate::Version { current: true, .. }) {
        let detail = format!("the manager’s current version opens {of}");
        return Finding {
            by_manager: true,
            ..Finding::new(Verdict::InSync, Status::Ok, detail)
        };
    }
    match evidence.current() {
        None => Finding::unknown(format!(
            "another key than a current version opens {of}; the manager marks none as current"
        )),
        Some((_, false)) => Finding::unknown(format!(
            "another key than the current version opens {of}; whether the current one is the same can’t be told, for it can’t be read"
        )),
        Some((current, true)) => other(evidence, opener, current, &of),
    }
}

/// Not the current version opens them.
fn other(evidence: &Evidence, opener: Candidate, current: u32, of: &str) -> Finding {
    let ahead = |detail: String| Finding::broken(Verdict::ManagerAhead, detail);
    let behind = |detail: String| Finding::broken(Verdict::ManagerBehind, detail);
    match opener {
        Candidate::Version { order, .. } if order < current => ahead(format!(
            "an older version than the current one opens {of}: the manager was rotated, Ampora wasn’t"
        )),
        Candidate::Version { .. } => behind(format!(
            "a newer version than the current one opens {of}: the manager still points at the old key"
        )),
        Candidate::Previous if !evidence.candidates.contains(&Candidate::InUse) => ahead(format!(
            "only Ampora’s PreviousMasterKey opens {of}: Ampora has the manager’s key and has rewritten nothing with it"
        )),
        Candidate::Previous => behind(format!(
            "only Ampora’s PreviousMasterKey opens {of}; the manager has neither that nor the key Ampora runs with"
        )),
        Candidate::InUse | Candidate::Unread { .. } => behind(format!(
            "only the key Ampora runs with opens {of}; the manager doesn’t have it"
        )),
    }
}

fn nothing_opens(evidence: &Evidence, parsed: u64) -> Finding {
    if evidence.current_opened_before {
        return Finding::broken(
            Verdict::ManagerBehind,
            format!("no version opens any of {parsed} envelopes; the current one opened them before"),
        );
    }
    match evidence.candidates.len() - evidence.tried() {
        0 => Finding::broken(Verdict::Foreign, format!("no key opens any of {parsed} envelopes")),
        unread => Finding::unknown(format!(
            "no key that can be read opens any of {parsed} envelopes; {unread} more can’t be read"
        )),
    }
}

/// Several keys. Whether the rotation goes on is for [`Finding::after`] to say.
pub(super) fn mixed(evidence: &Evidence, keys: &[Key<'_>], damage: &Damage) -> Finding {
    let parsed = evidence.parsed();
    let held = |key: &Key<'_>| matches!(key, Key::Held(_));
    let of_manager = |key: &Key<'_>| match key {
        Key::Held(index) => matches!(evidence.candidates[*index], Candidate::Version { .. }),
        Key::Stranger(_) => false,
    };
    let unopened: u64 = evidence.groups.iter().map(Group::unopened).sum();
    let of = format!("{parsed} envelopes are of {} keys", keys.len());
    let by_manager = keys.iter().all(of_manager);
    let detail = match (by_manager, keys.iter().all(held)) {
        (true, _) => format!("{of}, and the manager has them all"),
        (false, true) => format!("{of}; the manager lacks one of them, which Ampora has"),
        (false, false) => format!("{of}; {} open with nothing", unopened - damage.unopened),
    };
    Finding {
        by_manager,
        ..Finding::broken(Verdict::Mixed, detail)
    }
}
