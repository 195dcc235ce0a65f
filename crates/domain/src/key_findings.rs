//! What is wrong with the keys of a deployment, one by one: with the key itself, with where it is kept, with what it sealed. Each finding
//! says what to do, and begins with what keeps the way back open.

mod sealed;
mod verdicts;
mod versions;

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::finding::Severity;
use crate::inventory::{InUse, KeyVersion, Keys};
use crate::key::{Fingerprint, KeyId};

/// What comes before any change of a key, whatever was found. A rotation or a change before that loses what it should save.
pub const FIRST: &str = "Scale Ampora to 0, take a backup, and count the envelopes written since the wrong key was set: they need that key, \
                         and a rotation started now would lose them. Only then, as a request: ";

/// One thing that was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyFinding {
    pub code: String,
    pub severity: Severity,
    pub title: String,
    /// What it is concluded from.
    pub detail: String,
    /// What to do, in order.
    pub recovery: String,
}

impl KeyFinding {
    fn new(code: &str, severity: Severity, title: impl Into<String>, detail: impl Into<String>, then: &str) -> Self {
        Self {
            code: code.into(),
            severity,
            title: title.into(),
            detail: detail.into(),
            recovery: format!("{FIRST}{then}"),
        }
    }
}

/// Everything that is wrong with these keys, the worst first. `others` are those of the site's other deployments.
#[must_use]
pub fn findings(keys: &Keys, others: &[&Keys]) -> Vec<KeyFinding> {
    let mut found = Vec::new();
    found.extend(verdicts::verdict(keys));
    found.extend(versions::odd(keys));
    found.extend(versions::shared(keys, others));
    found.extend(versions::previous(keys));
    found.extend(versions::replicas(keys));
    found.extend(versions::needed(keys));
    found.extend(sealed::damage(keys));
    found.extend(sealed::nonces(keys));
    found.sort_by_key(|finding| Reverse(finding.severity));
    found
}

/// A key of a deployment, by its names.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Named<'a> {
    fingerprint: &'a Fingerprint,
    id: Option<&'a KeyId>,
    /// `version 2`, or `the key in use`.
    name: String,
    /// It is handed out, is what Ampora runs with, or opens something now.
    lives: bool,
}

impl Named<'_> {
    /// Weak keys share one fingerprint, so their ids have to tell.
    fn is_same(&self, other: &Self) -> bool {
        match (self.fingerprint, other.fingerprint) {
            (Fingerprint::Weak, Fingerprint::Weak) => self.id.is_some() && self.id == other.id,
            (one, two) => one == two,
        }
    }
}

/// Every key of a deployment that was read.
fn named(keys: &Keys) -> impl Iterator<Item = Named<'_>> {
    let version = |version: &'_ KeyVersion| version.current || version.opens.is_some_and(|opens| opens > 0);
    let versions = keys.versions.iter().filter_map(move |held| {
        Some(Named {
            fingerprint: held.fingerprint.as_ref()?,
            id: held.key_id.as_ref(),
            name: format!("version {}", held.version),
            lives: version(held),
        })
    });
    let outside = |in_use: &&InUse| in_use.version.is_none();
    let in_use = keys.in_use.as_ref().filter(outside).and_then(|in_use| {
        Some(Named {
            fingerprint: in_use.fingerprint.as_ref()?,
            id: in_use.key_id.as_ref(),
            name: "the key in use".into(),
            lives: true,
        })
    });
    versions.chain(in_use)
}

/// `1 backup`, `3 backups`.
fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

#[cfg(test)]
mod tests;
