//! The three answers of wal-g put together.

use domain::backup::Backup;
use domain::ids::{Big, SystemIdentifier};
use domain::status::Status;
use domain::wal::Segment;
use domain::window::{Anchor, Archive, Gap};

use super::answer::few;
use super::judge::{Evidence, Judged, judge};
use super::verify::WalVerify;
use super::wal::WalShow;
use super::{Answer, BackupList, WalGError};

/// A storage has no repositories to number.
const NO_REPO: u32 = 0;

/// What the storage holds.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Without regard to gaps.
    pub status: Status,
    pub detail: String,
    pub backups: Vec<Backup>,
    /// `None`: the WAL could not be read or told apart. Windows are unknown then.
    pub archive: Option<Archive>,
    /// Of the usable backups, except permanent ones.
    pub anchors: Vec<Anchor>,
    /// Of the usable permanent backups: wal-g keeps no WAL behind them, so the gap there is meant.
    pub permanent: Vec<Anchor>,
    /// Clusters whose backups lie there. With several it isn't told whose WAL is whose, and `archive` is `None`.
    pub systems: Vec<SystemIdentifier>,
    /// What could not be read or understood, with the reason.
    pub unread: Vec<String>,
    /// `None`: it failed, as it does whenever the database is out of reach.
    pub verify: Option<WalVerify>,
}

impl Storage {
    pub(super) fn assemble(
        name: &str,
        list: Answer<BackupList>,
        show: Result<Answer<WalShow>, WalGError>,
        verify: Result<WalVerify, WalGError>,
    ) -> Self {
        let Answer { read: list, errors } = list;
        let sure = errors.is_empty() && (list.is_printed || show.is_ok());
        let unread = [errors, doubts(&list, &show)].concat();
        let one_system = list.systems().len() <= 1;
        let wal = show.as_ref().ok().map(|show| &show.read).filter(|_| one_system);
        let evidence = Evidence {
            segment_size: list.segment_size(),
            wal,
            verify: verify.as_ref().ok(),
        };
        let judged = judge(&list, name, evidence);
        let (verified, words) = match &verify {
            Ok(verify) => verify.judge(evidence.segment_size),
            Err(error) => (Status::Unknown, format!("wal-verify: unknown ({error})")),
        };
        let partial = if unread.is_empty() { Status::Ok } else { Status::Unknown };
        // What wal-verify can't tell is known from wal-show too.
        let verified = if verified == Status::Broken {
            Status::Broken
        } else {
            Status::Ok
        };
        Self {
            status: Status::group([usable(&judged, sure), partial, verified]),
            detail: format!("{}; {words}", summary(&judged)),
            archive: wal.map(|wal| Archive {
                source: name.into(),
                repo: NO_REPO,
                system: list.systems().first().map(|system| SystemIdentifier(Big(*system))),
                segment_size: evidence.segment_size,
                segments: wal.segments(),
                branches: wal.branches.clone(),
            }),
            anchors: anchors(&judged, false),
            permanent: anchors(&judged, true),
            backups: judged.into_iter().map(|one| one.backup).collect(),
            systems: list
                .systems()
                .into_iter()
                .map(|system| SystemIdentifier(Big(system)))
                .collect(),
            unread,
            verify: verify.ok(),
        }
    }

    /// Whether the WAL that a gap misses may still arrive, as far as wal-verify could tell.
    #[must_use]
    pub fn is_pending(&self, gap: &Gap) -> bool {
        let (Some(verify), Some(archive)) = (&self.verify, &self.archive) else {
            return false;
        };
        let segment = |name: &str| Segment::parse(name, archive.segment_size);
        match (segment(&gap.first_missing), segment(&gap.last_missing)) {
            (Ok(first), Ok(last)) => verify.are_pending(first, last),
            _ => false,
        }
    }
}

/// Why the answers don't tell everything.
fn doubts(list: &BackupList, show: &Result<Answer<WalShow>, WalGError>) -> Vec<String> {
    let mut doubts = Vec::new();
    if list.nameless > 0 {
        doubts.push(format!("{} entries of backup-list name no backup", list.nameless));
    }
    let systems = list.systems();
    if systems.len() > 1 {
        let systems: Vec<_> = systems.iter().map(u64::to_string).collect();
        doubts.push(format!(
            "backups of several database systems ({}) share this storage and wal-g doesn’t tell whose WAL is whose, so nothing is known \
             of windows; give each system a storage of its own, and let `wal-g delete` order by --use-sentinel-time until then",
            few(&systems)
        ));
    }
    match show {
        Ok(show) => {
            doubts.extend(show.errors.iter().cloned());
            doubts.extend(show.read.unread.iter().cloned());
        }
        Err(error) => doubts.push(format!("WAL: {error}")),
    }
    if !list.is_printed && show.is_err() {
        doubts.push("wal-g found no backups; until 3.0.6 it says the same when it can’t read the storage".into());
    }
    doubts
}

/// Whether there is anything to restore. `sure`: an empty list means that there are no backups.
fn usable(judged: &[Judged], sure: bool) -> Status {
    match Status::group(judged.iter().map(|one| one.backup.status)) {
        _ if judged.iter().any(|one| one.backup.status == Status::Ok) => Status::Ok,
        _ if judged.is_empty() && sure => Status::Broken,
        worst => worst,
    }
}

fn summary(judged: &[Judged]) -> String {
    let with = |status| judged.iter().filter(|one| one.backup.status == status).count();
    match judged.len() {
        0 => "wal-g lists no backup".into(),
        all => format!("{} of {all} backups usable", with(Status::Ok)),
    }
}

fn anchors(judged: &[Judged], permanent: bool) -> Vec<Anchor> {
    let of_kind = judged.iter().filter(|one| one.permanent == permanent);
    of_kind.filter_map(|one| one.anchor.clone()).collect()
}
