//! Rules about the master key: which of them is live, what it looks like, where it is kept, what it sealed, and in whose hands it is. What
//! cures by changing a key begins with what keeps the way back open; what doesn't, never asks anybody to stop Ampora.

mod drift;
mod exposed;
mod named;
mod needed;
mod odd;
mod replicas;
mod sealed;
mod shared;

use super::facts::Read;
use super::{Judgement, Rule, Silence};
use crate::custody::State;
use crate::drift::Verdict;
use crate::finding::{Evidence, Found, Rival};
use crate::inventory::Keys;

pub use named::{Elsewhere, NamedKey, named};
pub(super) use needed::overlooked;

/// All of them, in the order in which they are told.
pub(super) const BEHIND: Rule = drift::BEHIND;
pub(super) const AHEAD: Rule = drift::AHEAD;
pub(super) const MIXED: Rule = drift::MIXED;
pub(super) const UNPROVEN: Rule = drift::UNPROVEN;
pub(super) const LENGTH: Rule = odd::LENGTH;
pub(super) const WEAK: Rule = odd::WEAK;
pub(super) const ENCODING: Rule = odd::ENCODING;
pub(super) const SHARED: Rule = shared::RULE;
pub(super) const REPLICA: Rule = replicas::RULE;
pub(super) const MISSING: Rule = needed::MISSING;
pub(super) const DISABLED: Rule = needed::DISABLED;
pub(super) const DAMAGE: Rule = sealed::DAMAGE;
pub(super) const NONCES: Rule = sealed::NONCES;
pub(super) const EXPOSED: Rule = exposed::RULE;

/// Nothing was found; which is only said where everything was read that could have shown it.
fn nothing(unread: Option<String>) -> Judgement {
    unread.map_or(Ok(None), |why| Err(Silence::Unknown(why)))
}

/// Why the keys themselves aren't all known: the manager wasn't described, or a version that should be had wasn't read.
fn unread(keys: &Keys) -> Option<String> {
    if let Some(why) = keys.undescribed() {
        return Some(why.to_owned());
    }
    let held_back = [State::Disabled, State::Deleted, State::Destroyed].map(State::word);
    let unread = keys.versions.iter().find(|version| {
        version.fingerprint.is_none() && version.length_ok.is_none() && !held_back.contains(&version.state.as_str())
    });
    unread.map(|version| match version.detail.as_str() {
        "" => format!("version {} was not read", version.version),
        why => format!("version {} was not read: {why}", version.version),
    })
}

/// Only a proof that proved something shows what is live.
fn proven(keys: &Keys) -> Result<(), Silence> {
    match keys.verdict {
        Verdict::Unknown => Err(Silence::Unknown(keys.detail.clone())),
        _ => Ok(()),
    }
}

/// What every key at hand opens.
fn openings(keys: &Read<'_, Keys>) -> Vec<Evidence> {
    let opens = |opens: Option<u32>, of: Option<u32>| match opens.zip(of) {
        Some((opens, of)) => format!("opens {opens} of {of}"),
        None => "not tried".into(),
    };
    let versions = keys.value.versions.iter().map(|version| {
        let current = if version.current { ", current" } else { "" };
        let fact = format!("version {} of {}{current}", version.version, version.manager);
        keys.evidence(fact, opens(version.opens, version.of))
    });
    let in_use = keys
        .value
        .in_use
        .iter()
        .map(|in_use| keys.evidence(format!("key in use, {}", in_use.source), opens(in_use.opens, in_use.of)));
    versions.chain(in_use).collect()
}

fn rival(cause: &str, ruled_out: impl Into<String>) -> Vec<Rival> {
    vec![Rival {
        cause: cause.into(),
        ruled_out: ruled_out.into(),
    }]
}

/// `1 backup`, `3 backups`.
fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// `version 1`, `versions 1 and 2`, `versions 1, 2, 3, 4, 5 and 7 more`.
fn versions<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    let word = if names.len() == 1 { "version" } else { "versions" };
    format!("{word} {}", super::steps::few(names))
}

/// A sentence begins with a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn found(found: Found) -> Judgement {
    Ok(Some(found))
}

#[cfg(test)]
mod tests;
