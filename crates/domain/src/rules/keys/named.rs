//! The keys of a deployment by their names, so that those of two deployments can be compared.

use crate::inventory::{InUse, KeyVersion, Keys};
use crate::key::{Fingerprint, KeyId};
use crate::policy::Fact;

/// A key, by its names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedKey {
    pub fingerprint: Fingerprint,
    pub id: Option<KeyId>,
    /// `version 2`, or `the key in use`.
    pub name: String,
    /// It is handed out, is what Ampora runs with, or opens something now.
    pub lives: bool,
}

impl NamedKey {
    /// Weak keys share one fingerprint, so their ids have to tell.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.fingerprint, &other.fingerprint) {
            (Fingerprint::Weak, Fingerprint::Weak) => self.id.is_some() && self.id == other.id,
            (Fingerprint::Keyed(one), Fingerprint::Keyed(two)) => one == two,
            _ => false,
        }
    }
}

/// The keys of another deployment of the site. Those that this one hasn't either may be left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    pub deployment: String,
    pub keys: Fact<Vec<NamedKey>>,
}

/// Every key of a deployment that was read.
#[must_use]
pub fn named(keys: &Keys) -> Vec<NamedKey> {
    let lives = |version: &KeyVersion| version.current || version.opens.is_some_and(|opens| opens > 0);
    let versions = keys.versions.iter().filter_map(|held| {
        Some(NamedKey {
            fingerprint: held.fingerprint.clone()?,
            id: held.key_id.clone(),
            name: format!("version {}", held.version),
            lives: lives(held),
        })
    });
    let outside = |in_use: &&InUse| in_use.version.is_none();
    let in_use = keys.in_use.as_ref().filter(outside).and_then(|in_use| {
        Some(NamedKey {
            fingerprint: in_use.fingerprint.clone()?,
            id: in_use.key_id.clone(),
            name: "the key in use".into(),
            lives: true,
        })
    });
    versions.chain(in_use).collect()
}
