//! Which backup a drill takes.

use chrono::TimeDelta;

use super::Choice;
use crate::backup::{Backup, Kind};
use crate::status::Status;
use crate::time::Timestamp;

/// A backup that was found, and whether WAL behind it can be followed to the end of the archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    pub backup: Backup,
    pub has_wal: bool,
    /// End of the window that it begins: WAL without a hole leads from it to here.
    pub reaches: Option<Timestamp>,
}

/// Why there is nothing to rehearse.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoBackup {
    #[error("no source lists a backup that could be restored")]
    None,
    #[error("no source lists a backup named {0}")]
    Unlisted(String),
    #[error("several sources list a backup named {0}: name the source too")]
    Several(String),
}

/// Picks one; whether it is to be followed to the end of its WAL stands beside it. `draw` is a random number. A backup that is asked for by
/// name is taken even if it is believed to be broken: that is what the drill will show.
///
/// # Errors
/// If there is none, or the name isn't one.
pub fn pick<'a>(candidates: &'a [Candidate], choice: &Choice, draw: u64) -> Result<(&'a Candidate, bool), NoBackup> {
    let usable: Vec<_> = candidates.iter().filter(|candidate| is_restorable(candidate)).collect();
    match choice {
        Choice::Latest => {
            // WAL reaches further than any dump, whenever that was made.
            let newest = usable
                .iter()
                .max_by_key(|candidate| (candidate.has_wal, candidate.backup.stopped_at));
            newest
                .map(|candidate| (*candidate, candidate.has_wal))
                .ok_or(NoBackup::None)
        }
        Choice::LatestRestorableTime => {
            let furthest = usable
                .iter()
                .max_by_key(|candidate| (candidate.has_wal, candidate.reaches, candidate.backup.stopped_at));
            furthest
                .map(|candidate| (*candidate, candidate.has_wal))
                .ok_or(NoBackup::None)
        }
        Choice::Random => {
            let count = u64::try_from(usable.len()).unwrap_or_default();
            let at = draw.checked_rem(count).and_then(|at| usize::try_from(at).ok());
            let chosen = at.and_then(|at| usable.get(at)).ok_or(NoBackup::None)?;
            Ok((chosen, chosen.has_wal))
        }
        Choice::Label { label, source } => {
            let named: Vec<_> = candidates
                .iter()
                .filter(|candidate| candidate.backup.label == *label)
                .filter(|candidate| source.as_ref().is_none_or(|source| candidate.backup.source == *source))
                .collect();
            let [first, others @ ..] = named.as_slice() else {
                return Err(NoBackup::Unlisted(label.clone()));
            };
            // The same label in two repositories of one stanza is the same backup twice.
            if others.iter().any(|other| other.backup.source != first.backup.source) {
                return Err(NoBackup::Several(label.clone()));
            }
            Ok((first, false))
        }
    }
}

/// A snapshot alone is nothing that a sandbox could start; with the log behind it whoever keeps both restores to a moment.
fn is_restorable(candidate: &Candidate) -> bool {
    let backup = &candidate.backup;
    backup.status == Status::Ok && (backup.kind != Kind::Snapshot || candidate.has_wal)
}

/// Any moment between these two, in whole seconds. `draw` is a random number.
#[must_use]
pub fn drawn(earliest: Timestamp, latest: Timestamp, draw: u64) -> Timestamp {
    let seconds = u64::try_from((latest - earliest).num_seconds()).unwrap_or_default();
    let offset = i64::try_from(draw % seconds.saturating_add(1)).unwrap_or_default();
    earliest + TimeDelta::seconds(offset)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn candidate(source: &str, label: &str, stopped: i64, status: Status, has_wal: bool) -> Candidate {
        Candidate {
            backup: Backup {
                source: source.into(),
                tool: "pgbackrest".into(),
                repo: Some(1),
                label: label.into(),
                kind: if has_wal { Kind::Full } else { Kind::Dump },
                parent: None,
                started_at: None,
                stopped_at: DateTime::from_timestamp(1_790_000_000 + stopped, 0),
                start_lsn: None,
                stop_lsn: None,
                size_bytes: None,
                stored_bytes: None,
                status,
                detail: String::new(),
            },
            has_wal,
            reaches: None,
        }
    }

    fn site() -> Vec<Candidate> {
        vec![
            candidate("main", "old", 1, Status::Ok, true),
            candidate("main", "new", 5, Status::Ok, true),
            candidate("main", "bad", 9, Status::Broken, true),
            candidate("dumps", "dump", 7, Status::Ok, false),
            candidate("dumps", "old", 7, Status::Unknown, false),
        ]
    }

    fn label(label: &str, source: Option<&str>) -> Choice {
        Choice::Label {
            label: label.into(),
            source: source.map(Into::into),
        }
    }

    #[test]
    fn the_latest_is_the_one_whose_wal_reaches_furthest() {
        let site = site();
        let (found, to_the_end) = pick(&site, &Choice::Latest, 0).expect("some are usable");
        assert_eq!((found.backup.label.as_str(), to_the_end), ("new", true));
        let (found, to_the_end) = pick(&site[3..], &Choice::Latest, 0).expect("a dump");
        assert_eq!((found.backup.label.as_str(), to_the_end), ("dump", false));
    }

    #[test]
    fn the_latest_restorable_time_is_where_wal_leads_without_a_hole() {
        let mut site = site();
        let reaching = |seconds: i64| DateTime::from_timestamp(1_790_000_000 + seconds, 0);
        (site[0].reaches, site[1].reaches) = (reaching(40), reaching(20));
        let (found, to_the_end) = pick(&site, &Choice::LatestRestorableTime, 0).expect("some are usable");
        assert_eq!((found.backup.label.as_str(), to_the_end), ("old", true));
        site[1].reaches = reaching(40);
        let (found, _) = pick(&site, &Choice::LatestRestorableTime, 0).expect("some are usable");
        assert_eq!(
            found.backup.label, "new",
            "of two that lead there the newer one has less to replay"
        );
        let (found, to_the_end) = pick(&site[3..], &Choice::LatestRestorableTime, 0).expect("a dump");
        assert_eq!((found.backup.label.as_str(), to_the_end), ("dump", false));
    }

    #[test]
    fn a_name_is_taken_at_its_word() {
        let site = site();
        assert_eq!(
            pick(&site, &label("bad", None), 0).expect("is there").0.backup.label,
            "bad"
        );
        assert_eq!(
            pick(&site, &label("old", None), 0),
            Err(NoBackup::Several("old".into()))
        );
        assert_eq!(
            pick(&site, &label("old", Some("main")), 0)
                .expect("is there")
                .0
                .backup
                .source,
            "main"
        );
        assert_eq!(
            pick(&site, &label("none", None), 0),
            Err(NoBackup::Unlisted("none".into()))
        );
        assert_eq!(pick(&[], &Choice::Random, 3), Err(NoBackup::None));
    }

    #[test]
    fn a_snapshot_counts_with_the_log_behind_it() {
        let mut moments = candidate("managed", "2026-04-01T02:00:00Z", 1, Status::Ok, true);
        moments.backup.kind = Kind::Snapshot;
        assert!(pick(&[moments.clone()], &Choice::Random, 0).is_ok());
        moments.has_wal = false;
        assert_eq!(pick(&[moments], &Choice::Random, 0), Err(NoBackup::None));
    }

    proptest! {
        #[test]
        fn a_drawn_moment_lies_within_the_window(draw: u64, span in 0_i64..10_000_000) {
            let earliest = DateTime::from_timestamp(1_790_000_000, 0).expect("in range");
            let latest = earliest + TimeDelta::seconds(span);
            let moment = drawn(earliest, latest, draw);
            prop_assert!(earliest <= moment && moment <= latest);
            // A window that is none has its beginning.
            prop_assert_eq!(drawn(latest, earliest - TimeDelta::seconds(1), draw), latest);
        }

        #[test]
        fn chance_never_picks_what_is_not_believed_to_be_good(draw: u64) {
            let site = site();
            prop_assert_eq!(pick(&site, &Choice::Random, draw).expect("some are usable").0.backup.status, Status::Ok);
        }
    }
}
