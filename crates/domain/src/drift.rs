//! Is the key in the secret manager the key in use? Proven by opening envelopes, never inferred from names. The procedure is fixed, and
//! every verdict comes with the counts that led to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::key::KeyId;
use crate::status::Status;

/// What the envelopes of the live database say about the manager's current key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The manager's current version opens everything.
    InSync,
    /// The key in use is newer than the manager's current one, or the manager doesn't have it.
    ManagerBehind,
    /// The key in use is an older version of the manager's.
    ManagerAhead,
    /// Envelopes of several keys, at least one of them in use.
    Mixed,
    /// No key that can be reached opens anything.
    Foreign,
    /// Not proven either way.
    Unknown,
}

impl Verdict {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InSync => "in_sync",
            Self::ManagerBehind => "manager_behind",
            Self::ManagerAhead => "manager_ahead",
            Self::Mixed => "mixed",
            Self::Foreign => "foreign",
            Self::Unknown => "unknown",
        }
    }
}

/// A key that was tried on the envelopes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Candidate {
    /// A version of the secret manager, by its place in the order of creation (0 is the oldest).
    Version { order: u32, current: bool },
    /// The key that the running Ampora was started with, where it is none of the manager's versions.
    InUse,
}

/// Envelopes that belong together: of one column and one key id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    pub column: String,
    pub key_id: Option<KeyId>,
    pub sampled: u64,
    /// How many each candidate opened, by its index in [`Evidence::candidates`]. Candidates that opened none are left out.
    pub opened: BTreeMap<usize, u64>,
}

impl Group {
    /// The candidate that opened most.
    fn opener(&self) -> Option<usize> {
        self.opened
            .iter()
            .max_by_key(|(_, count)| **count)
            .map(|(candidate, _)| *candidate)
    }

    fn unopened(&self) -> u64 {
        self.sampled
            .saturating_sub(self.opened.values().copied().max().unwrap_or(0))
    }
}

/// All that the verdict is drawn from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    pub candidates: Vec<Candidate>,
    /// Key ids of the manager's versions and the key in use.
    pub known_ids: BTreeSet<KeyId>,
    pub groups: Vec<Group>,
    pub unparsed: u64,
    /// The layout opened an envelope of this deployment at some time.
    pub layout_proven: bool,
    /// The manager's current version opened this deployment's envelopes before.
    pub current_opened_before: bool,
}

/// The verdict with its reason in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub verdict: Verdict,
    pub status: Status,
    pub detail: String,
    /// Envelopes set aside as damaged: their key opens others, so the bytes must be spoilt.
    pub damaged: u64,
}

/// Decides. The order of the questions is the rule (`docs/key-verdicts.md`).
#[must_use]
pub fn judge(evidence: &Evidence) -> Finding {
    let parsed: u64 = evidence.groups.iter().map(|g| g.sampled).sum();
    let all = parsed + evidence.unparsed;
    if parsed == 0 {
        return unknown(if all == 0 {
            "no envelope was found: nothing to prove a key on".into()
        } else {
            format!("none of {all} values could be read as an envelope")
        });
    }
    if evidence.unparsed * 100 > all {
        return unknown(format!(
            "{} of {all} values could not be read as envelopes",
            evidence.unparsed
        ));
    }
    let opened: u64 = evidence.groups.iter().map(|g| g.sampled - g.unopened()).sum();
    if !evidence.layout_proven && opened == 0 {
        if let Some(stranger) = evidence
            .groups
            .iter()
            .find_map(|g| g.key_id.as_ref().filter(|id| !evidence.known_ids.contains(id)))
        {
            return broken(
                Verdict::Foreign,
                format!("no key opens any of {parsed} envelopes; key id {stranger} belongs to no version"),
                0,
            );
        }
        return unknown(format!(
            "layout unproven: no key opens any of {parsed} envelopes, so key and layout can't be told apart"
        ));
    }
    let damage = match set_damage_aside(&evidence.groups) {
        Ok(damage) => damage,
        Err(reason) => return unknown(reason),
    };
    let keys = distinct_keys(&evidence.groups);
    match keys.as_slice() {
        [one] => single(evidence, *one, parsed, damage),
        several => mixed(evidence, several, parsed, damage),
    }
}

/// Unopened envelopes whose key opens others: at most 3, or one in a thousand, are damage. `Err`: too many to be damage.
fn set_damage_aside(groups: &[Group]) -> Result<u64, String> {
    let total: u64 = groups.iter().map(|g| g.sampled).sum();
    let damaged: u64 = groups
        .iter()
        .filter(|group| {
            let opened = group.sampled - group.unopened();
            match group.key_id {
                Some(_) => opened > 0,
                None => opened * 100 >= group.sampled * 99,
            }
        })
        .map(Group::unopened)
        .sum();
    let bearable = (total / 1000).max(3);
    if damaged > bearable {
        return Err(format!(
            "{damaged} of {total} envelopes don't open although their key opens others: more than damage explains"
        ));
    }
    Ok(damaged)
}

/// The keys that the groups stand for: `Some(candidate)` where one opens the group, `None` for keys nobody has.
fn distinct_keys(groups: &[Group]) -> Vec<Option<usize>> {
    let strangers: BTreeSet<_> = groups
        .iter()
        .filter(|g| g.opener().is_none())
        .map(|g| &g.key_id)
        .collect();
    let openers: BTreeSet<_> = groups.iter().filter_map(Group::opener).collect();
    openers
        .into_iter()
        .map(Some)
        .chain(strangers.into_iter().map(|_| None))
        .collect()
}

fn single(evidence: &Evidence, opener: Option<usize>, parsed: u64, damaged: u64) -> Finding {
    let current = evidence.candidates.iter().find_map(|c| match c {
        Candidate::Version { order, current: true } => Some(*order),
        _ => None,
    });
    let of = format!("{} of {parsed} envelopes", parsed - damaged);
    match opener.map(|index| &evidence.candidates[index]) {
        Some(Candidate::Version { current: true, .. }) => Finding {
            verdict: Verdict::InSync,
            status: Status::Ok,
            detail: format!("the manager’s current version opens {of}"),
            damaged,
        },
        Some(Candidate::Version { order, .. }) if current.is_some_and(|c| *order < c) => broken(
            Verdict::ManagerAhead,
            format!("an older version than the current one opens {of}: the manager was rotated, Ampora wasn’t"),
            damaged,
        ),
        Some(Candidate::Version { .. }) => broken(
            Verdict::ManagerBehind,
            format!("a newer version than the current one opens {of}: the manager still points at the old key"),
            damaged,
        ),
        Some(Candidate::InUse) => broken(
            Verdict::ManagerBehind,
            format!("only the key Ampora runs with opens {of}; the manager doesn’t have it"),
            damaged,
        ),
        None if evidence.current_opened_before => broken(
            Verdict::ManagerBehind,
            format!("no version opens any of {parsed} envelopes; the current one opened them before"),
            damaged,
        ),
        None => broken(
            Verdict::Foreign,
            format!("no key opens any of {parsed} envelopes"),
            damaged,
        ),
    }
}

fn mixed(evidence: &Evidence, keys: &[Option<usize>], parsed: u64, damaged: u64) -> Finding {
    let by_manager = keys
        .iter()
        .all(|key| key.is_some_and(|index| matches!(evidence.candidates[index], Candidate::Version { .. })));
    let unopened: u64 = evidence
        .groups
        .iter()
        .filter(|g| g.opener().is_none())
        .map(|g| g.sampled)
        .sum();
    let detail = if by_manager {
        format!(
            "{parsed} envelopes are of {} keys, and the manager has them all: a rotation is under way or stuck",
            keys.len()
        )
    } else {
        format!(
            "{parsed} envelopes are of {} keys, and the manager lacks one; {unopened} open with nothing",
            keys.len()
        )
    };
    broken(Verdict::Mixed, detail, damaged)
}

const fn broken(verdict: Verdict, detail: String, damaged: u64) -> Finding {
    Finding {
        verdict,
        status: Status::Broken,
        detail,
        damaged,
    }
}

const fn unknown(detail: String) -> Finding {
    Finding {
        verdict: Verdict::Unknown,
        status: Status::Unknown,
        detail,
        damaged: 0,
    }
}

#[cfg(test)]
mod tests;
