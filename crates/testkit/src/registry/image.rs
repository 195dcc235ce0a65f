//! Images of a few kilobytes that are made like any other: layers are tar archives, configs name their digests, an index names them all.

use adapters::registry::Digest;
use serde_json::{Value, json};

use super::Registry;

pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// What was pushed under one tag.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// Of the index that has the tag.
    pub digest: Digest,
    pub amd64: PushedImage,
    pub arm64: PushedImage,
}

/// What was pushed for one platform.
#[derive(Clone, Debug)]
pub struct PushedImage {
    /// Of its manifest.
    pub digest: Digest,
    pub config: Digest,
    pub layers: Vec<Digest>,
    /// Of config and layers together.
    pub size_bytes: u64,
}

pub(super) async fn push(registry: &Registry, repository: &str, tag: &str) -> Pushed {
    let (amd64, first) = push_image(registry, repository, tag, "amd64").await;
    let (arm64, second) = push_image(registry, repository, tag, "arm64").await;
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [first, second] });
    let index = index.to_string().into_bytes();
    let digest = Digest::of(&index);
    registry.tag(repository, tag, INDEX, index).await;
    Pushed { digest, amd64, arm64 }
}

async fn push_image(registry: &Registry, repository: &str, tag: &str, architecture: &str) -> (PushedImage, Value) {
    let files = [("usr/bin/web", 3000), ("etc/web.conf", 10)];
    let archives = files.map(|(name, size)| archive(name, format!("{repository}:{tag} {architecture} ").repeat(size)));
    let mut layers = Vec::new();
    for archive in &archives {
        layers.push(registry.upload(repository, archive.clone()).await);
    }
    let config = json!({
        "architecture": architecture, "os": "linux", "created": "2026-01-02T03:04:05Z",
        "config": { "Entrypoint": ["/usr/bin/web"], "Labels": { "org.opencontainers.image.version": tag } },
        "rootfs": { "type": "layers", "diff_ids": layers },
    });
    let config = config.to_string().into_bytes();
    let size_bytes = archives.iter().chain([&config]).map(|bytes| bytes.len() as u64).sum();
    let described = archives
        .iter()
        .zip(&layers)
        .map(|(bytes, digest)| describe(LAYER, digest, bytes.len()));
    let described: Vec<_> = described.collect();
    let config_size = config.len();
    let config = registry.upload(repository, config).await;
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": describe(CONFIG, &config, config_size), "layers": described });
    let manifest = manifest.to_string().into_bytes();
    let digest = Digest::of(&manifest);
    let mut entry = describe(MANIFEST, &digest, manifest.len());
    entry["platform"] = json!({ "os": "linux", "architecture": architecture });
    registry.tag(repository, digest.as_str(), MANIFEST, manifest).await;
    let image = PushedImage {
        digest,
        config,
        layers,
        size_bytes,
    };
    (image, entry)
}

fn describe(media_type: &str, digest: &Digest, size: usize) -> Value {
    json!({ "mediaType": media_type, "digest": digest, "size": size })
}

/// A tar archive with one file.
/// Format: <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06>
fn archive(name: &str, text: String) -> Vec<u8> {
    let mut header = [0_u8; 512];
    let size = format!("{:011o}", text.len());
    let fields: [(usize, &[u8]); 8] = [
        (0, name.as_bytes()),
        (100, b"0000644"),
        (108, b"0000000"),
        (116, b"0000000"),
        (124, size.as_bytes()),
        (136, b"00000000000"),
        (148, b"        0"),
        (257, b"ustar\x0000"),
    ];
    for (at, field) in fields {
        header[at..at + field.len()].copy_from_slice(field);
    }
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.extend(text.into_bytes());
    // Whole blocks, and two empty ones at the end.
    archive.resize(archive.len().next_multiple_of(512) + 1024, 0);
    archive
}
