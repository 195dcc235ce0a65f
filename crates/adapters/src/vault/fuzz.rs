//! A server's answers as a body of fuzz tests.

use domain::time::Timestamp;

use super::stored::{self, Stored};
use super::{answers, describe};

/// Everything the server is asked for.
pub(crate) fn answer(data: &[u8]) {
    let _ = (answers::words(data), answers::grant(data), answers::written(data));
    let _ = (answers::gone(data), answers::engine(data), answers::is_vaults(data));
    if let Ok(stored) = Stored::of(data) {
        for field in stored.fields.values() {
            let _ = stored::content(field);
        }
    }
    let rules = answers::rules(data);
    let Ok(metadata) = answers::metadata(data) else {
        return;
    };
    for mount in [rules.as_ref().map_err(|_| "not understood"), Err("denied")] {
        let secret = describe::secret(&metadata, mount, Timestamp::UNIX_EPOCH);
        assert_eq!(secret.versions.len(), metadata.versions.len());
        assert!(secret.versions.iter().filter(|version| version.current).count() <= 1);
        assert!(secret.remarks.len() < 10, "remarks stay few however long the list is");
    }
}
