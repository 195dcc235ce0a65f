//! May the key in use become the manager's current version? Only where it is proven to be the key of the live database, and where writing it
//! costs no version that a kept backup needs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Secret, Version};
use crate::drift::Verdict;
use crate::inventory::{Coverage, CoverageStatus, InUse, KeyVersion, Keys};
use crate::key::Fingerprint;

/// What to do about a version that must not go.
const REMEDY: &str = "Let the manager keep more versions first.";

/// What will be written behind what, once nothing speaks against it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ready {
    /// The version that is current now.
    pub expected: String,
    /// The key in use.
    pub fingerprint: Fingerprint,
    /// Where the running Ampora has it from.
    pub source: String,
    /// A version that is this key already, and not the current one.
    pub held_as: Option<String>,
    /// Versions that this write removes.
    pub pruned: Vec<String>,
}

/// Judges a proof of this moment.
///
/// # Errors
/// With every reason against it.
pub fn ready(keys: &Keys, backups: &Result<Vec<Coverage>, String>) -> Result<Ready, Vec<String>> {
    let mut reasons = Vec::new();
    reasons.extend(verdict(keys));
    let in_use = in_use(keys).map_err(|reason| reasons.push(reason)).ok();
    reasons.extend(in_use.map(|(in_use, _)| opens(keys, in_use)).unwrap_or_default());
    let current = current(keys).map_err(|reason| reasons.push(reason)).ok();
    let pruned = match (&keys.secret, in_use) {
        (Some(secret), Some((_, fingerprint))) => {
            let at_stake = AtStake::of(secret, keys, fingerprint);
            reasons.extend(at_stake.needed(backups));
            at_stake.pruned
        }
        _ => Vec::new(),
    };
    match (in_use, current) {
        (Some((in_use, fingerprint)), Some(current)) if reasons.is_empty() => Ok(Ready {
            expected: current.version.clone(),
            fingerprint: fingerprint.clone(),
            source: in_use.source.clone(),
            held_as: in_use.version.clone(),
            pruned,
        }),
        _ => Err(reasons),
    }
}

/// Catching up is the cure of one verdict, and of no other.
fn verdict(keys: &Keys) -> Option<String> {
    let detail = &keys.detail;
    match keys.verdict {
        Verdict::ManagerBehind => None,
        Verdict::InSync => {
            Some("The manager’s current version is the key in use already: there is nothing to catch up.".into())
        }
        Verdict::ManagerAhead => Some(format!(
            "The manager is ahead, not behind ({detail}): catching up would put the old key back over the new one."
        )),
        Verdict::Mixed => Some(format!(
            "A rotation is under way or stuck ({detail}): which key is to be the current one is only known when it is finished."
        )),
        Verdict::Foreign => Some(format!("No key that can be reached is the key in use ({detail}).")),
        Verdict::Unknown => Some(format!("Which key is in use isn’t proven: {detail}.")),
    }
}

fn in_use(keys: &Keys) -> Result<(&InUse, &Fingerprint), String> {
    let in_use = keys.in_use.as_ref().ok_or(
        "Where the running Ampora has its key from isn’t configured: set in_use under [deployment.master_key].",
    )?;
    match &in_use.fingerprint {
        Some(Fingerprint::Weak) => {
            Err("The key in use isn’t a random key; a fingerprint to agree on would give it away. Rotate it.".into())
        }
        Some(fingerprint @ Fingerprint::Keyed(_)) => Ok((in_use, fingerprint)),
        Some(Fingerprint::Unread) | None => Err(format!(
            "The key in use isn’t known ({}): {}.",
            in_use.source, in_use.detail
        )),
    }
}

/// All of what was sampled, without exception: a damaged envelope counts as one that doesn't open.
fn opens(keys: &Keys, in_use: &InUse) -> Vec<String> {
    let mut reasons = Vec::new();
    match (in_use.opens, in_use.of) {
        (Some(opens), Some(of)) if of > 0 && opens == of => {}
        (Some(opens), Some(of)) if of > 0 => reasons.push(format!(
            "The key in use opens {opens} of {of} sampled envelopes of the live database; only a key that opens every one is written."
        )),
        _ => reasons.push("No envelope of the live database was sampled, so nothing proves the key in use.".into()),
    }
    if keys.envelopes.unparsed > 0 {
        reasons.push(format!(
            "{} sampled values could not be read as envelopes, so it isn’t proven that the key in use opens everything.",
            keys.envelopes.unparsed
        ));
    }
    reasons
}

fn current(keys: &Keys) -> Result<&KeyVersion, String> {
    let current = keys.versions.iter().find(|version| version.current);
    let current = current.ok_or("The manager names no current version, so there is nothing to write behind.")?;
    if current.fingerprint.is_some() {
        return Ok(current);
    }
    let detail = match current.detail.is_empty() {
        true => "its value is never read: set proof = \"values\" for as long as catching up takes",
        false => &current.detail,
    };
    Err(format!(
        "The manager’s current version {} wasn’t read ({detail}), so it can’t be told whether it is the key in use already.",
        current.version
    ))
}

/// Versions that the write removes, or may remove, and whose keys are nowhere else in the manager then.
struct AtStake {
    /// Removed for sure, whether or not their keys are elsewhere.
    pruned: Vec<String>,
    /// By the version's name.
    lost: BTreeSet<String>,
}

impl AtStake {
    fn of(secret: &Secret, keys: &Keys, written: &Fingerprint) -> Self {
        let name = |version: &&Version| version.name.clone();
        let pruned: Vec<_> = secret.pruned_by_next_write().iter().map(name).collect();
        let unclear = secret.unclear_at_next_write();
        let going: BTreeSet<_> = pruned.iter().cloned().chain(unclear.iter().map(name)).collect();
        let stays = |version: &&KeyVersion| !going.contains(&version.version);
        let mut fingerprints: BTreeSet<_> = keys.versions.iter().filter(stays).filter_map(keyed).collect();
        fingerprints.insert(written);
        let survives = |name: &&String| {
            let version = keys.versions.iter().find(|version| version.version == **name);
            version.and_then(keyed).is_some_and(|key| fingerprints.contains(key))
        };
        Self {
            lost: going.iter().filter(|name| !survives(name)).cloned().collect(),
            pruned,
        }
    }

    /// Why they can't be given up: backups that need them, or of which that isn't known.
    fn needed(&self, backups: &Result<Vec<Coverage>, String>) -> Vec<String> {
        if self.lost.is_empty() {
            return Vec::new();
        }
        let versions = listed(&self.lost);
        let cells = match backups {
            Ok(cells) => cells,
            Err(reason) => {
                return vec![format!(
                    "This write removes {versions}, and which backups need it isn’t known: {reason}. {REMEDY}"
                )];
            }
        };
        let mut by_backup: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
        for cell in cells {
            by_backup.entry(&cell.backup).or_default().push(cell);
        }
        let (mut need, mut unknown) = (Vec::new(), Vec::new());
        for (backup, cells) in by_backup {
            match self.needs(&cells) {
                Some(true) => need.push(backup),
                Some(false) => {}
                None => unknown.push(backup),
            }
        }
        let mut reasons = Vec::new();
        if !need.is_empty() {
            let need = need.join(", ");
            reasons.push(format!(
                "This write removes {versions}, which kept backups need: {need}. {REMEDY}"
            ));
        }
        if !unknown.is_empty() {
            reasons.push(format!(
                "This write removes {versions}, and it isn’t known whether these kept backups need it: {}. {REMEDY}",
                unknown.join(", ")
            ));
        }
        reasons
    }

    /// Whether a backup needs a version that is lost. `None`: that isn't known.
    fn needs(&self, cells: &[&Coverage]) -> Option<bool> {
        use CoverageStatus::{Expected, Missing, Proven, Refuted, Unknown};
        let lost = |cell: &Coverage| cell.version.as_ref().is_some_and(|version| self.lost.contains(version));
        // Missing of a version that is still there: it is needed, and won't be there for long enough.
        if cells
            .iter()
            .any(|cell| lost(cell) && matches!(cell.status, Proven | Expected | Missing))
        {
            return Some(true);
        }
        // Envelopes that nothing opened as a whole may be of several keys, of which a lost one opened its part.
        let tried = cells.iter().any(|cell| cell.status == Refuted);
        let unclear = |cell: &Coverage| match cell.status {
            Unknown => true,
            Missing => tried && cell.version.is_none() && cell.proven_at.is_none(),
            Proven | Expected | Refuted => false,
        };
        (!cells.iter().any(|cell| unclear(cell))).then_some(false)
    }
}

/// The fingerprint, where it tells keys apart.
fn keyed(version: &KeyVersion) -> Option<&Fingerprint> {
    version
        .fingerprint
        .as_ref()
        .filter(|fingerprint| matches!(fingerprint, Fingerprint::Keyed(_)))
}

/// `version 1`, or `versions 1, 2`.
fn listed(versions: &BTreeSet<String>) -> String {
    let names: Vec<_> = versions.iter().map(String::as_str).collect();
    match names.as_slice() {
        [one] => format!("version {one}"),
        several => format!("versions {}", several.join(", ")),
    }
}

#[cfg(test)]
mod tests;
