//! Whether what a restore begins with stays until it is done: each backup that ends may expire older ones.

use chrono::TimeDelta;

use crate::backup::{Backup, Kind};
use crate::emergency::Retention;
use crate::time::Timestamp;

/// A run waits for people in between, so what goes within this time goes while it runs.
const WHILE_IT_RUNS: TimeDelta = TimeDelta::days(1);

/// Whether the full backup that `chain` begins with would be gone with the next one. `backups` are all of its repository.
/// <https://pgbackrest.org/user-guide.html#retention>
#[must_use]
pub fn goes_with_the_next(chain: &[String], backups: &[&Backup], kept: Retention, now: Timestamp) -> bool {
    let first = backups.iter().find(|backup| chain.first() == Some(&backup.label));
    let Some(begun) = first.and_then(|backup| backup.stopped_at) else {
        return false;
    };
    let fulls = backups.iter().filter(|backup| backup.kind == Kind::Full);
    let newer = fulls
        .filter_map(|backup| backup.stopped_at)
        .filter(|stopped| *stopped > begun);
    match kept {
        Retention::Fulls(all) => newer.count() + 1 >= usize::try_from(all).unwrap_or(usize::MAX),
        // A full stays until another one is as old as what is kept.
        Retention::Days(days) => newer
            .min()
            .is_some_and(|next| next + TimeDelta::days(days.into()) <= now + WHILE_IT_RUNS),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::status::Status;

    fn day(day: i64) -> Timestamp {
        DateTime::from_timestamp(1_790_000_000 + day * 86_400, 0).expect("in range")
    }

    fn backup(label: &str, kind: Kind, stopped: i64) -> Backup {
        Backup {
            source: "pgbr-main".into(),
            tool: "pgbackrest".into(),
            repo: Some(1),
            label: label.into(),
            kind,
            parent: None,
            started_at: None,
            stopped_at: Some(day(stopped)),
            start_lsn: None,
            stop_lsn: None,
            size_bytes: None,
            stored_bytes: None,
            status: Status::Ok,
            detail: String::new(),
        }
    }

    #[test]
    fn a_full_goes_once_as_many_newer_ones_are_there_as_are_kept() {
        let backups = [
            backup("a", Kind::Full, 0),
            backup("a_i", Kind::Incr, 1),
            backup("b", Kind::Full, 7),
            backup("c", Kind::Full, 14),
        ];
        let all: Vec<_> = backups.iter().collect();
        let goes = |chain: &[&str], kept| {
            let chain: Vec<_> = chain.iter().map(ToString::to_string).collect();
            goes_with_the_next(&chain, &all, kept, day(15))
        };
        for (chain, kept, expected) in [
            (&["a", "a_i"][..], Retention::Fulls(3), true),
            (&["a"], Retention::Fulls(4), false),
            (&["b"], Retention::Fulls(2), true),
            (&["b"], Retention::Fulls(3), false),
            (&["c"], Retention::Fulls(1), true),
            (&["c"], Retention::Fulls(2), false),
            (&["a"], Retention::Days(8), true),
            (&["a"], Retention::Days(9), true),
            (&["a"], Retention::Days(10), false),
            (&["c"], Retention::Days(1), false),
            (&["gone"], Retention::Fulls(1), false),
        ] {
            assert_eq!(goes(chain, kept), expected, "{chain:?} {kept:?}");
        }
    }
}
