//! Keys that shouldn't be as they are, or where they are.

use std::collections::{BTreeMap, BTreeSet};

use super::{KeyFinding, Named, Severity, count, named};
use crate::custody::State;
use crate::inventory::{Coverage, CoverageStatus, KeyVersion, Keys};
use crate::key::Fingerprint;
use crate::status::Status;

/// Wrong in length, guessable, or written down so that Ampora may not understand it.
pub(super) fn odd(keys: &Keys) -> Vec<KeyFinding> {
    let short = keys.versions.iter().filter(|version| version.length_ok == Some(false));
    let short = short.map(|version| {
        KeyFinding::new(
            "key-length",
            Severity::Error,
            format!("Version {} holds no 32 bytes", version.version),
            &version.detail,
            "write the right key as a new version, and check `field` and `encoding` of [deployment.master_key]. Ampora doesn’t start with this one.",
        )
    });
    let weak = named(keys).filter(|key| *key.fingerprint == Fingerprint::Weak);
    let weak = weak.map(|key| {
        KeyFinding::new(
            "key-weak",
            Severity::Error,
            format!("The key of {} can be guessed", key.name),
            "it is text, repeats, or counts; 32 drawn bytes don’t",
            "rotate to 32 bytes from a random generator. What was sealed with this key counts as read.",
        )
    });
    let untidy = keys.versions.iter().filter(|version| version.untidy);
    let untidy = untidy.map(|version| {
        KeyFinding::new(
            "key-encoding",
            Severity::Warning,
            format!("Version {} is stored untidily", version.version),
            "there are quotes or white space around it, or it is encoded twice. Muster sees through that; Ampora may not",
            "write the same key as a new version, in plain base64 of its 32 bytes.",
        )
    });
    short.chain(weak).chain(untidy).collect()
}

/// The same key in two deployments: whoever gets at one gets at both.
pub(super) fn shared(keys: &Keys, others: &[&Keys]) -> Vec<KeyFinding> {
    let mut found = Vec::new();
    for other in others.iter().filter(|other| other.name != keys.name) {
        let theirs: Vec<_> = named(other).collect();
        let both = named(keys).filter_map(|own| {
            let same = theirs.iter().find(|their| own.is_same(their))?;
            Some((own.lives && same.lives, own, same))
        });
        // One finding for a pair of deployments, about a key that lives if there is one.
        let worst = both.max_by_key(|(lives, ..)| *lives);
        found.extend(worst.map(|(lives, own, their)| in_both(other, lives, &own, their)));
    }
    found
}

fn in_both(other: &Keys, lives: bool, own: &Named<'_>, their: &Named<'_>) -> KeyFinding {
    KeyFinding::new(
        "key-shared",
        if lives { Severity::Error } else { Severity::Warning },
        format!("{} has the same key", other.name),
        format!("{} here is {} there: {}", own.name, their.name, own.fingerprint.short()),
        "rotate one of the two to a key of its own. Until then whoever reads one of the secrets opens both databases.",
    )
}

/// `PreviousMasterKey` that opens nothing any more.
pub(super) fn previous(keys: &Keys) -> Option<KeyFinding> {
    let in_use = keys.in_use.as_ref().filter(|in_use| in_use.previous_set)?;
    let opens_all = in_use.of.is_some_and(|of| of > 0 && in_use.opens == Some(of));
    opens_all.then(|| {
        KeyFinding::new(
            "previous-key-set",
            Severity::Warning,
            "PreviousMasterKey is still set after the rotation",
            format!("the key in use opens all that was sampled; {} keeps the old one at hand for nothing", in_use.source),
            "take PreviousMasterKey out of Ampora’s settings and restart it. Keep the old version in the manager: backups from before the \
             rotation need it.",
        )
    })
}

pub(super) fn replicas(keys: &Keys) -> Vec<KeyFinding> {
    let differs = keys.replicas.iter().filter(|replica| replica.status == Status::Broken);
    let found = differs.map(|replica| {
        KeyFinding::new(
            "replica-differs",
            Severity::Error,
            format!("{} doesn’t hold the manager’s current key", replica.name),
            &replica.detail,
            "let the replica catch up with the manager, and compare again. If the manager’s region is lost today, what the replica has is all \
             there is.",
        )
    });
    found.collect()
}

/// Versions that backups need and that are gone, or about to go.
pub(super) fn needed(keys: &Keys) -> Vec<KeyFinding> {
    let locked = keys
        .coverage
        .iter()
        .filter(|cell| cell.today() == CoverageStatus::Missing);
    let locked: Vec<_> = locked.collect();
    let mut found: Vec<_> = locked.first().map(|cell| missing(&locked, cell)).into_iter().collect();
    let mut warned: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for cell in keys.coverage.iter().filter(|cell| cell.warning.is_some()) {
        if let Some(version) = &cell.version {
            warned.entry(version).or_default().push(cell);
        }
    }
    for version in &keys.versions {
        if let Some(cells) = warned.get(version.version.as_str()) {
            found.push(ending(version, cells));
        }
    }
    found
}

fn missing(cells: &[&Coverage], first: &Coverage) -> KeyFinding {
    let backups: BTreeSet<_> = cells.iter().map(|cell| &cell.backup).collect();
    KeyFinding::new(
        "version-missing",
        Severity::Error,
        format!(
            "{} a key that the manager lacks",
            count(backups.len(), "backup needs", "backups need")
        ),
        format!("{}: {}", first.backup, first.detail),
        "look for the key in replicas, other regions and old exports, by its fingerprint, and write it into the manager. Without it the \
         backup brings back a database whose secrets stay locked.",
    )
}

/// `cells` are of backups that need this version.
fn ending(version: &KeyVersion, cells: &[&Coverage]) -> KeyFinding {
    let dated = cells.iter().find(|cell| cell.at.is_some());
    let unavailable = [State::Disabled, State::Deleted]
        .map(State::word)
        .contains(&version.state.as_str());
    let (code, title) = match dated {
        Some(_) => ("version-expiring", "goes, and backups need it"),
        None if unavailable => ("version-disabled", "can’t be read, and backups need it"),
        None => ("version-at-risk", "may go, and backups need it"),
    };
    let outlived = cells.iter().any(|cell| cell.status == CoverageStatus::Missing);
    let worst = dated.or(cells.first());
    let said = worst.and_then(|cell| cell.warning.as_deref()).unwrap_or_default();
    KeyFinding::new(
        code,
        if outlived { Severity::Error } else { Severity::Warning },
        format!("Version {} {title}", version.version),
        format!("{said}; {} it", count(cells.len(), "backup needs", "backups need")),
        "raise what limits the versions that the manager keeps, or take the date off this one, before anything else is written to the secret.",
    )
}
