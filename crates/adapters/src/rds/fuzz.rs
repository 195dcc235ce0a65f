//! Answers of RDS as a body of fuzz tests.

use super::{answers, judge};

/// Every list that RDS is asked for, and what the lists together are worth.
pub(crate) fn answer(data: &[u8]) {
    let databases = answers::databases(data, "rds")
        .map(|page| page.entries)
        .unwrap_or_default();
    let automated = answers::automated_backups(data, "rds")
        .map(|page| page.entries)
        .unwrap_or_default();
    let snapshots = answers::snapshots(data, "rds")
        .map(|page| page.entries)
        .unwrap_or_default();
    let database = databases.first();
    for window in judge::windows("main", database, &automated) {
        assert!(window.from <= window.to, "{window:?} ends before it starts");
    }
    assert!(
        judge::backups("main", database, &snapshots).len() <= snapshots.len(),
        "a backup out of nothing"
    );
}
