//! Manifests: of one image, or an index of images for several platforms. What can't be understood of one entry is said of that entry.
//! Formats: <https://github.com/opencontainers/image-spec/blob/main/manifest.md> and image-index.md,
//! <https://distribution.github.io/distribution/spec/manifest-v2-2/>

use serde::Deserialize;
use serde_json::Value;

use super::digest::Digest;
use super::failure::tame;
use super::platform::Platform;

/// What Muster takes, best first; without them a registry may convert or deny what it has. The last is asked for to be recognised only.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
    application/vnd.oci.image.manifest.v1+json, \
    application/vnd.docker.distribution.manifest.list.v2+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.v1+prettyjws";

/// Media types whose config tells a platform; other things than images are kept in registries too.
const IMAGE_CONFIGS: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];

/// A manifest that was understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Manifest {
    Index(Index),
    Image(Image),
}

/// The images of one version, one a platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Index {
    pub entries: Vec<Entry>,
    /// Entries that can't be read.
    pub unread: usize,
}

/// An entry of an index. Without a platform it may be anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub descriptor: Descriptor,
    pub platform: Option<Platform>,
}

/// What an image is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Image {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
    /// Layers whose entry can't be read.
    pub unread: usize,
}

/// Something a registry keeps, as it is named in a manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Descriptor {
    pub digest: Digest,
    pub size: Option<u64>,
    pub media_type: String,
    /// Where else it is kept: the layers of Windows aren't given to registries.
    pub urls: Vec<String>,
}

/// Why a body is no manifest that Muster can judge. The end of a sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum ManifestError {
    #[error("sent no manifest but {0}")]
    NoManifest(String),
    #[error(
        "has it in Docker’s first format (schema 1), which container engines no longer pull; push it again with a present one"
    )]
    Schema1,
    #[error("has a manifest that is both an index and an image, which each reader would understand differently")]
    Ambiguous,
    #[error("has a manifest whose list of contents can’t be understood")]
    NoContents,
    #[error("has a manifest whose config can’t be understood: {0}")]
    Config(String),
}

#[derive(Deserialize)]
struct Document {
    #[serde(default, rename = "schemaVersion")]
    schema: Value,
    #[serde(default, rename = "mediaType")]
    media_type: Value,
    config: Option<Value>,
    layers: Option<Value>,
    manifests: Option<Value>,
    #[serde(rename = "fsLayers")]
    first_format_layers: Option<Value>,
}

/// Reads a body. `content_type` says what it is if it doesn't do so itself. Also returned: its media type.
pub(super) fn parse(body: &[u8], content_type: &str) -> Result<(Manifest, String), ManifestError> {
    let document: Document =
        serde_json::from_slice(body).map_err(|_| ManifestError::NoManifest(describe(body, content_type)))?;
    let media_type = document.media_type.as_str().unwrap_or(content_type).to_owned();
    if document.schema == 1 || document.first_format_layers.is_some() {
        return Err(ManifestError::Schema1);
    }
    let manifest = match (document.manifests, document.layers) {
        (Some(_), Some(_)) => return Err(ManifestError::Ambiguous),
        (Some(Value::Array(entries)), None) => Manifest::Index(index(&entries)),
        (None, Some(Value::Array(layers))) => Manifest::Image(image(document.config.as_ref(), &layers)?),
        _ => return Err(ManifestError::NoContents),
    };
    Ok((manifest, media_type))
}

/// The platform that an image's config names. `None`: it is no image's, or names none.
/// Format: <https://github.com/opencontainers/image-spec/blob/main/config.md>
pub(super) fn platform_of_config(body: &[u8]) -> Option<Platform> {
    platform(&serde_json::from_slice(body).ok()?)
}

impl Index {
    /// The image that a machine of this platform runs. One of exactly its variant comes first.
    pub(super) fn image_for(&self, wanted: &Platform) -> Option<&Descriptor> {
        let fits = |entry: &&Entry| entry.platform.as_ref().is_some_and(|platform| wanted.runs(platform));
        let exactly = |entry: &&Entry| {
            entry
                .platform
                .as_ref()
                .is_some_and(|platform| platform.variant == wanted.variant)
        };
        let fitting = || self.entries.iter().filter(fits);
        fitting()
            .find(exactly)
            .or_else(|| fitting().next())
            .map(|entry| &entry.descriptor)
    }

    /// Whether an entry could be for any platform.
    pub(super) fn is_vague(&self) -> bool {
        self.unread > 0 || self.entries.iter().any(|entry| entry.platform.is_none())
    }
}

impl Image {
    /// Whether its config would name a platform.
    pub(super) fn is_runnable(&self) -> bool {
        IMAGE_CONFIGS.contains(&self.config.media_type.as_str())
    }
}

fn image(config: Option<&Value>, layers: &[Value]) -> Result<Image, ManifestError> {
    let config = config.ok_or_else(|| ManifestError::Config("there is none".into()))?;
    let config =
        descriptor(config).ok_or_else(|| ManifestError::Config("it has no digest that can be checked".into()))?;
    let understood: Vec<_> = layers.iter().filter_map(descriptor).collect();
    Ok(Image {
        config,
        unread: layers.len() - understood.len(),
        layers: understood,
    })
}

fn index(entries: &[Value]) -> Index {
    let understood: Vec<_> = entries.iter().filter_map(entry).collect();
    Index {
        unread: entries.len() - understood.len(),
        entries: understood,
    }
}

fn entry(value: &Value) -> Option<Entry> {
    Some(Entry {
        descriptor: descriptor(value)?,
        platform: platform(&value["platform"]),
    })
}

fn descriptor(value: &Value) -> Option<Descriptor> {
    let urls = value["urls"].as_array().into_iter().flatten();
    Some(Descriptor {
        digest: value["digest"].as_str()?.parse().ok()?,
        size: value["size"].as_u64(),
        media_type: value["mediaType"].as_str().unwrap_or_default().to_owned(),
        urls: urls.filter_map(Value::as_str).map(String::from).collect(),
    })
}

fn platform(value: &Value) -> Option<Platform> {
    let word = |name: &str| value[name].as_str().filter(|word| !word.is_empty()).map(String::from);
    Some(Platform {
        os: word("os")?,
        architecture: word("architecture")?,
        variant: word("variant"),
    })
}

/// What an answer is, for somebody who expected a manifest.
fn describe(body: &[u8], content_type: &str) -> String {
    let start = String::from_utf8_lossy(&body[..body.len().min(200)])
        .trim_start()
        .to_ascii_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        "a web page: does something in front of the registry answer in its place?".into()
    } else if body.is_empty() {
        "nothing".into()
    } else {
        format!(
            "{} bytes that can’t be read as one (called {:?})",
            body.len(),
            tame(content_type)
        )
    }
}

#[cfg(test)]
mod tests;
