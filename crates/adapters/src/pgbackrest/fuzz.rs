//! pgBackRest's answers as bodies of fuzz tests.

use std::collections::BTreeSet;

use super::archive::{Listing, newest_branch};
use super::info::Info;
use super::segment_size;
use super::verify::Report;

/// Sizes that segments can have, and ones that they can't.
const SIZES: [u64; 3] = [1 << 20, 16 << 20, 1 << 30];

/// `info`; each entry is judged, whatever it says.
pub(crate) fn info(data: &[u8]) {
    let Ok(info) = Info::parse(data, "demo") else { return };
    let backups = info.backups("main");
    assert_eq!(backups.len(), info.entries().len(), "a backup was lost on the way");
    assert!(
        backups.iter().all(|backup| !backup.detail.is_empty()),
        "a status without a reason"
    );
    let _ = (info.judge(), info.repos(), info.progress(), info.not_understood());
    for archive in info.archives() {
        let _ = info.system(archive.database);
    }
}

/// `repo-ls`.
pub(crate) fn listing(data: &[u8]) {
    let Ok(listing) = Listing::parse(data) else { return };
    let _ = segment_size::derive(std::iter::empty(), listing.highest_place());
    for size in SIZES {
        for segment in listing.segments(size).keys() {
            assert!(segment.start(size) < segment.end(size), "{segment:?}");
        }
    }
}

/// A `.history` file.
pub(crate) fn history(data: &[u8]) {
    let _ = newest_branch(data);
}

/// What `verify` prints.
pub(crate) fn verify(data: &[u8]) {
    let report = Report::parse(1, &String::from_utf8_lossy(data));
    let findings = report.findings(&BTreeSet::from([(1, "20261115-020000F".to_owned())]));
    assert!(
        !findings.is_empty() || !report.is_empty(),
        "nothing said, and nothing doubted"
    );
}
