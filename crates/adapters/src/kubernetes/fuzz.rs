//! Saved manifests as a body of fuzz tests.

use std::path::Path;

use super::manifests::{Manifests, difference};

/// A YAML file; each object in it is the same as itself.
pub(crate) fn manifests(data: &[u8]) {
    let mut manifests = Manifests::default();
    manifests.add_text(Path::new("manifests.yaml"), data.to_vec());
    for object in &manifests.objects {
        assert_eq!(difference(object, object, "object"), None);
    }
}
