//! `[host[:port]/]path[:tag][@digest]`: which image, and where it comes from.
//! Format: <https://github.com/distribution/reference/blob/main/reference.go>

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use super::digest::{Digest, DigestError};
use crate::http::is_loopback;

/// What a reference without a host means, and who answers for it.
const DOCKER_HUB: [&str; 2] = ["docker.io", "index.docker.io"];
const DOCKER_HUB_API: &str = "registry-1.docker.io";
/// Longest host and path together, as registries limit it.
const LONGEST_NAME: usize = 255;

/// An image, as people write it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference {
    host: Option<String>,
    path: String,
    tag: Option<Tag>,
    digest: Option<Digest>,
}

/// The name of a version, which can be given to another one at any time.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

/// Why a text names no image. The end of a sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReferenceError {
    #[error("it is empty or longer than {LONGEST_NAME} characters")]
    Length,
    #[error("it begins like a web address; write it without https://")]
    Scheme,
    #[error("what stands before the first slash is no host, or its port is none")]
    Host,
    #[error("its path needs parts of lower-case letters and digits, with single '.' or '_', '__' or '-' between them")]
    Path,
    #[error("a tag has at most 128 letters, digits, '_', '.' and '-', and begins with none of the last two")]
    Tag,
    #[error(transparent)]
    Digest(#[from] DigestError),
}

impl Reference {
    /// Where its registry answers: HTTPS, or plain HTTP if that is this host.
    #[must_use]
    pub fn home(&self) -> Option<Url> {
        let host = match self.host.as_deref() {
            None => DOCKER_HUB_API,
            Some(host) if DOCKER_HUB.contains(&host) => DOCKER_HUB_API,
            Some(host) => host,
        };
        let plain = Url::parse(&format!("http://{host}")).ok()?;
        if is_loopback(&plain) {
            Some(plain)
        } else {
            Url::parse(&format!("https://{host}")).ok()
        }
    }

    /// Its path at [`home`](Self::home): Docker Hub keeps names of one part under `library/`.
    #[must_use]
    pub fn path_at_home(&self) -> String {
        let hub = self.host.as_deref().is_none_or(|host| DOCKER_HUB.contains(&host));
        if hub && !self.path.contains('/') {
            format!("library/{}", self.path)
        } else {
            self.path.clone()
        }
    }

    /// Its path at another registry, such as a mirror: as it is written, unless Docker Hub is named.
    #[must_use]
    pub fn path_elsewhere(&self) -> String {
        if self.host.is_some() {
            self.path_at_home()
        } else {
            self.path.clone()
        }
    }

    #[must_use]
    pub const fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    #[must_use]
    pub const fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if text.contains("://") {
            return Err(ReferenceError::Scheme);
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse()?)),
            None => (text, None),
        };
        // The colon of a port has a slash behind it.
        let (name, tag) = match name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
            Some((name, tag)) => (name, Some(tag.parse()?)),
            None => (name, None),
        };
        if name.is_empty() || name.len() > LONGEST_NAME {
            return Err(ReferenceError::Length);
        }
        let is_host = |part: &str| part == "localhost" || part.contains(['.', ':', '[']);
        let (host, path) = match name.split_once('/').filter(|(host, _)| is_host(host)) {
            Some((host, path)) => (Some(check_host(host)?), path),
            None => (None, name),
        };
        if !is_path(path) {
            return Err(ReferenceError::Path);
        }
        Ok(Self {
            host,
            path: path.into(),
            tag,
            digest,
        })
    }
}

impl TryFrom<String> for Reference {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.to_string()
    }
}

fn check_host(host: &str) -> Result<String, ReferenceError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:[]".contains(&b);
    let known = Url::parse(&format!("http://{host}/")).is_ok_and(|url| url.has_host());
    // The URL parser takes an empty port for the usual one.
    if known && host.bytes().all(plain) && !host.ends_with(':') {
        Ok(host.to_ascii_lowercase())
    } else {
        Err(ReferenceError::Host)
    }
}

/// Whether this is the path of a repository, and so safe in a URL as it is.
pub(super) fn is_path(path: &str) -> bool {
    path.split('/').all(is_path_part)
}

fn is_path_part(part: &str) -> bool {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let separators = part
        .split(|c: char| c.is_ascii() && word(c as u8))
        .filter(|between| !between.is_empty());
    let bytes = part.as_bytes();
    bytes.first().is_some_and(|b| word(*b))
        && bytes.last().is_some_and(|b| word(*b))
        && separators
            .into_iter()
            .all(|between| [".", "_", "__"].contains(&between) || between.bytes().all(|b| b == b'-'))
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.iter().try_for_each(|host| write!(f, "{host}/"))?;
        f.write_str(&self.path)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

impl Tag {
    /// The tag that is meant if none is written.
    pub(super) fn latest() -> Self {
        Self("latest".into())
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
        let begins_well = !text.is_empty() && !text.starts_with(['.', '-']);
        if begins_well && text.len() <= 128 && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(ReferenceError::Tag)
        }
    }
}

impl TryFrom<String> for Tag {
    type Error = ReferenceError;

    fn try_from(text: String) -> Result<Self, ReferenceError> {
        text.parse()
    }
}

impl From<Tag> for String {
    fn from(tag: Tag) -> Self {
        tag.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
