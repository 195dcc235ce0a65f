//! What is asked for: which image, where, and in which versions.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::auth::Credentials;
use super::digest::Digest;
use super::platform::Platform;
use super::reference::{Reference, Tag};

/// The image of one deployment, at one registry.
#[derive(Clone, Debug)]
pub struct ImageSettings {
    pub reference: Reference,
    /// The one image that runs. It counts more than the digest in `reference`, and both more than the tag there.
    pub digest: Option<Digest>,
    /// Where to ask instead of the registry in `reference`. A path in it goes in front of the image's.
    pub registry: Option<Url>,
    pub credentials: Option<Credentials>,
    pub platform: Platform,
    pub pace: Pace,
}

/// A version, and why it matters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// In words: `running`, `wrote backup 20261101-031500F`.
    pub what: String,
    pub version: Version,
}

/// How a version is named.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Version {
    Digest(Digest),
    /// Whatever has this tag now.
    Tag(Tag),
}

/// How patient Muster is with a registry.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// For a connection to be made.
    pub connect: Duration,
    /// For a whole request.
    pub answer: Duration,
    /// For all requests about one version.
    pub version: Duration,
    /// Requests at the same time.
    pub at_once: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(30),
            version: Duration::from_secs(300),
            at_once: 8,
        }
    }
}

impl ImageSettings {
    /// The image as it is written, asked for where it says.
    #[must_use]
    pub fn new(reference: Reference) -> Self {
        Self {
            reference,
            digest: None,
            registry: None,
            credentials: None,
            platform: Platform::default(),
            pace: Pace::default(),
        }
    }

    /// The version that runs. Without digest and tag it is what everybody calls `latest`.
    #[must_use]
    pub fn running(&self) -> Wanted {
        let digest = self.digest.as_ref().or_else(|| self.reference.digest());
        let version = match (digest, self.reference.tag()) {
            (Some(digest), _) => Version::Digest(digest.clone()),
            (None, Some(tag)) => Version::Tag(tag.clone()),
            (None, None) => Version::Tag(Tag::latest()),
        };
        Wanted {
            what: "running".into(),
            version,
        }
    }
}

impl Version {
    /// As it stands in a URL.
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Digest(digest) => digest.as_str(),
            Self::Tag(tag) => tag.as_str(),
        }
    }
}
