//! `[deployment.images]`: the container image in use. It must remain pullable, or a restored database has nothing to run on it.

use adapters::registry::{Digest, Platform, Reference};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use crate::config::text::is_loopback;
use crate::config::{KeyPath, Notes, Secret};

/// The image and its registry.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Images {
    /// E.g. `registry.example.org/ampora/web:1.4.2`.
    #[schemars(with = "String", extend("format" = "argument"))]
    pub reference: Reference,
    /// `sha256:` and 64 hex digits: the one image that this deployment runs.
    #[schemars(with = "Option<String>", extend("format" = "image-digest"))]
    pub digest: Option<Digest>,
    /// Where to ask, if the reference doesn't say or a mirror is to be used. A path in it goes in front of the image's.
    #[schemars(extend("format" = "web-url"))]
    pub registry: Option<Url>,
    /// The region or account the registry lies in, in the words that `[[deployment]] region` uses too.
    #[schemars(extend("format" = "not-empty"))]
    pub site: Option<String>,
    #[schemars(extend("format" = "not-empty"))]
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// Of the machines that run it: `os/architecture`, or `os/architecture/variant`.
    #[serde(default)]
    #[schemars(with = "String")]
    pub platform: Platform,
    /// What ran before Muster knew this deployment and wrote backups that are still kept.
    #[serde(default)]
    pub versions: Vec<EarlierVersion>,
    /// The same images in another site.
    pub second_registry: Option<SecondRegistry>,
}

/// A version that doesn't run any more.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct EarlierVersion {
    #[schemars(with = "String", extend("format" = "image-digest"))]
    pub digest: Digest,
    /// The day it began to run, e.g. `2026-03-01`: backups from then on may need it. Left out: all of them.
    pub from: Option<NaiveDate>,
    /// What people call it.
    #[schemars(extend("format" = "not-empty"))]
    pub note: Option<String>,
}

/// A registry that is asked for the same digests.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SecondRegistry {
    /// A path in it goes in front of the image's.
    #[schemars(extend("format" = "web-url"))]
    pub address: Url,
    /// The region or account it lies in, in the words that `[[deployment]] region` uses too.
    #[schemars(extend("format" = "not-empty"))]
    pub site: Option<String>,
    #[schemars(extend("format" = "not-empty"))]
    pub username: Option<String>,
    pub password: Option<Secret>,
}

impl Images {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        let home = self.registry.clone().or_else(|| self.reference.home());
        inspect_login(
            at,
            home.as_ref(),
            self.username.as_deref(),
            self.password.as_ref(),
            notes,
        );
        self.inspect_digest(at, notes);
        let versions = at.key("versions");
        for (index, version) in self.versions.iter().enumerate() {
            if self.versions[..index]
                .iter()
                .any(|earlier| earlier.digest == version.digest)
            {
                notes.refuse(
                    &versions.index(index).key("digest"),
                    "is the digest of an earlier entry too",
                );
            }
        }
        if let Some(second) = &self.second_registry {
            let at = at.key("second_registry");
            inspect_login(
                &at,
                Some(&second.address),
                second.username.as_deref(),
                second.password.as_ref(),
                notes,
            );
            if home.is_some_and(|home| home.origin() == second.address.origin()) {
                notes.refuse(
                    &at.key("address"),
                    "is the first registry again: with it, both are lost",
                );
            }
        }
    }

    fn inspect_digest(&self, at: &KeyPath, notes: &mut Notes) {
        match (&self.digest, self.reference.digest()) {
            (Some(own), Some(other)) if own != other => {
                notes.refuse(
                    &at.key("digest"),
                    "contradicts the digest in reference: keep one of them",
                );
            }
            (None, None) => {
                notes.warn(
                    &at.key("digest"),
                    "is missing: a tag can be moved, so that another image than the running one would be looked at",
                );
            }
            _ => {}
        }
    }
}

fn inspect_login(
    at: &KeyPath,
    registry: Option<&Url>,
    username: Option<&str>,
    password: Option<&Secret>,
    notes: &mut Notes,
) {
    if username.is_some() != password.is_some() {
        notes.refuse(at, "username and password go together: give both or neither");
    }
    if username.is_some_and(|name| name.contains(':')) {
        notes.refuse(
            &at.key("username"),
            "has a colon in it, which HTTP can't tell from the password's beginning",
        );
    }
    let plain = registry.is_some_and(|url| url.scheme() == "http" && !is_loopback(url));
    if plain && password.is_some() {
        notes.refuse(
            at,
            "would send the password over http://, where anybody on the way can read it: the registry needs https://",
        );
    } else if plain {
        notes.warn(
            at,
            "asks the registry over http://, where anybody on the way could answer that all is well",
        );
    }
}
