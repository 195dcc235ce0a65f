//! Backups that were there and are gone: whether retention keeps its promise can only be told by what disappeared.

use std::collections::BTreeSet;

use domain::policy::Vanished;
use domain::status::Status;
use domain::time::Timestamp;

use super::SourceReading;

/// How many are remembered, the newest.
const MOST: usize = 500;

/// What is gone of `before`, a reading that this one follows, with what was gone already.
pub fn gone(before: &SourceReading, after: &SourceReading, at: Timestamp) -> Vec<Vanished> {
    let there: BTreeSet<_> = after.backups.iter().map(|backup| backup.label.as_str()).collect();
    let usable = before.backups.iter().filter(|backup| backup.status == Status::Ok);
    let missed = usable.filter(|backup| !there.contains(backup.label.as_str()));
    let missed = missed.filter_map(|backup| {
        Some(Vanished {
            source: backup.source.clone(),
            label: backup.label.clone(),
            kind: backup.kind,
            stopped_at: backup.stopped_at?,
            gone_at: at,
        })
    });
    let mut all: Vec<_> = before.vanished.iter().cloned().chain(missed).collect();
    let surplus = all.len().saturating_sub(MOST);
    all.drain(..surplus);
    all
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use domain::backup::{Backup, Kind};

    use super::*;

    fn at(hours: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + Duration::hours(hours)
    }

    fn backup(label: &str, status: Status) -> Backup {
        Backup {
            source: "main".into(),
            tool: "pgbackrest".into(),
            repo: None,
            label: label.into(),
            kind: Kind::Full,
            parent: None,
            started_at: None,
            stopped_at: Some(at(1)),
            start_lsn: None,
            stop_lsn: None,
            size_bytes: None,
            stored_bytes: None,
            status,
            detail: String::new(),
        }
    }

    fn reading(backups: Vec<Backup>) -> SourceReading {
        SourceReading {
            kind: "pgbackrest".into(),
            status: Status::Ok,
            detail: String::new(),
            backups,
            windows: Vec::new(),
            gaps: Vec::new(),
            dumps: Vec::new(),
            repos: Vec::new(),
            managed: None,
            vanished: Vec::new(),
            archives: Vec::new(),
            systems: Vec::new(),
        }
    }

    #[test]
    fn what_was_usable_and_is_missing_is_remembered() {
        let mut first = reading(vec![
            backup("a", Status::Ok),
            backup("b", Status::Ok),
            backup("c", Status::Broken),
        ]);
        let mut second = reading(vec![backup("b", Status::Ok)]);
        second.vanished = gone(&first, &second, at(2));
        let labels = |all: &[Vanished]| all.iter().map(|one| one.label.clone()).collect::<Vec<_>>();
        assert_eq!(labels(&second.vanished), ["a"], "a broken one is no loss");
        let third = reading(Vec::new());
        assert_eq!(labels(&gone(&second, &third, at(3))), ["a", "b"]);
        first.vanished = vec![second.vanished[0].clone(); MOST + 5];
        assert_eq!(gone(&first, &reading(Vec::new()), at(4)).len(), MOST);
    }
}
