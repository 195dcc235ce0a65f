//! A registry's answers as bodies of fuzz tests.

use super::challenge::Challenge;
use super::manifest::{self, Manifest};
use super::platform::Platform;

/// `WWW-Authenticate`.
pub(crate) fn challenge(data: &[u8]) {
    let header = String::from_utf8_lossy(data);
    for challenge in Challenge::parse(&header) {
        let _ = (challenge.is("bearer"), challenge.get("realm"));
    }
}

/// A manifest, an index, or an image's config. The first line is the media type that comes with it.
pub(crate) fn manifest(data: &[u8]) {
    let (content_type, body) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) if data[0] != b'{' => (String::from_utf8_lossy(&data[..end]), &data[end..]),
        _ => ("application/json".into(), data),
    };
    if let Ok((Manifest::Index(index), _)) = manifest::parse(body, &content_type) {
        let amd64: Platform = "linux/amd64".parse().expect("a platform");
        let _ = (index.image_for(&amd64), index.is_vague());
    }
    let _ = manifest::platform_of_config(body);
}
