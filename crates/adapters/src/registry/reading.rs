//! What was found out about an image.

use domain::status::Status;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::platform::Platform;
use super::reference::Tag;
use super::settings::{ImageSettings, Version, Wanted};

/// One image at one registry, in all versions that matter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImageReading {
    /// As it is configured.
    pub reference: String,
    /// Where was asked.
    pub registry: String,
    pub status: Status,
    pub detail: String,
    /// Set if the configured tag no longer means the version that runs.
    pub drift: Option<Drift>,
    /// The running version first.
    pub checked: Vec<VersionReading>,
}

/// Where a tag leads by now. The running version is what its digest says, so this breaks nothing until somebody pulls by tag.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Drift {
    pub tag: Tag,
    /// `None`: the registry no longer knows the tag.
    pub digest: Option<Digest>,
}

/// One version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VersionReading {
    /// Why it matters, as it was asked for.
    pub what: String,
    /// As it was asked for.
    pub version: Version,
    /// Of its manifest or index.
    pub digest: Option<Digest>,
    pub media_type: Option<String>,
    pub platform: Platform,
    /// Config and different layers.
    pub parts: usize,
    /// Of these, and of manifests, what can't be pulled.
    pub missing: Vec<Part>,
    /// Of all parts. `None`: unknown.
    pub size_bytes: Option<u64>,
    pub status: Status,
    pub detail: String,
}

/// Something that an image can't be pulled without.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    pub kind: PartKind,
    pub digest: Digest,
    /// That it should have.
    pub size_bytes: Option<u64>,
    /// That the registry keeps instead. `None`: nothing is there.
    pub found_bytes: Option<u64>,
}

/// What a part is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartKind {
    Manifest,
    Config,
    Layer,
}

impl VersionReading {
    /// Nothing was found out yet.
    pub(super) fn unread(wanted: &Wanted, platform: &Platform) -> Self {
        Self {
            what: wanted.what.clone(),
            version: wanted.version.clone(),
            digest: None,
            media_type: None,
            platform: platform.clone(),
            parts: 0,
            missing: Vec::new(),
            size_bytes: None,
            status: Status::Unknown,
            detail: "not asked for yet".into(),
        }
    }

    /// The same for another reason to ask.
    pub(super) fn also(&self, what: &str) -> Self {
        Self {
            what: what.into(),
            ..self.clone()
        }
    }
}

impl ImageReading {
    pub(super) fn of(settings: &ImageSettings, registry: String, checked: Vec<VersionReading>) -> Self {
        let status = Status::group(checked.iter().map(|version| version.status));
        Self {
            reference: settings.reference.to_string(),
            registry,
            status,
            detail: summary(&checked, status),
            drift: None,
            checked,
        }
    }

    /// Says it if the tag has moved.
    pub(super) fn with_drift(mut self, drift: Option<Drift>) -> Self {
        if let Some(Drift { tag, digest }) = &drift {
            let now = digest.as_ref().map_or("is gone from the registry".into(), |digest| {
                format!("now means {digest}")
            });
            self.detail = format!("{}; the tag {tag} {now}, so pull by digest", self.detail);
        }
        self.drift = drift;
        self
    }
}

/// One sentence about all versions: the first of the worst, and how many there are.
fn summary(checked: &[VersionReading], status: Status) -> String {
    let mut worst = checked.iter().filter(|version| version.status == status);
    let Some(first) = worst.next() else {
        return "no version was asked for".into();
    };
    match (status, worst.count()) {
        (Status::Ok, 0) => first.detail.clone(),
        (Status::Ok, more) => format!("all {} versions can be pulled: {}", more + 1, first.detail),
        (_, 0) => format!("{}: {}", first.what, first.detail),
        (_, more) => format!(
            "{}: {} (and {more} more of {} versions)",
            first.what,
            first.detail,
            checked.len()
        ),
    }
}

/// `layer sha256:… (3.1 MB)`; the first few of many.
pub(super) fn name_parts(parts: &[Part]) -> String {
    const SHOWN: usize = 3;
    let name = |part: &Part| {
        let kind = match part.kind {
            PartKind::Manifest => "manifest",
            PartKind::Config => "config",
            PartKind::Layer => "layer",
        };
        let size = match (part.size_bytes, part.found_bytes) {
            (Some(wanted), Some(found)) => format!(" (has {found} bytes instead of {wanted})"),
            (Some(wanted), None) => format!(" ({})", domain::time::bytes(wanted)),
            (None, _) => String::new(),
        };
        format!("{kind} {}{size}", part.digest)
    };
    let named: Vec<_> = parts.iter().take(SHOWN).map(name).collect();
    let more = parts.len().saturating_sub(SHOWN);
    if more > 0 {
        format!("{} and {more} more", named.join(", "))
    } else {
        named.join(", ")
    }
}
