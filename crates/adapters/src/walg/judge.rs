//! What a wal-g backup is worth, from the list, the WAL and wal-verify together.

use domain::backup::{Backup, Kind};
use domain::status::Status;
use domain::wal::Segment;
use domain::window::Anchor;

use super::backups::{BackupList, Entry};
use super::chain::{self, BackupName, Base, Chain};
use super::verify::WalVerify;
use super::wal::{Coverage, WalShow};

/// A backup with what it opens.
#[derive(Clone, Debug)]
pub struct Judged {
    pub backup: Backup,
    /// Only of a backup that is ok.
    pub anchor: Option<Anchor>,
    /// wal-g keeps it for ever, but of the WAL behind it no more than makes it consistent.
    pub permanent: bool,
}

/// The WAL that backups are judged against.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Bytes in a segment.
    pub segment_size: u64,
    /// `None`: it could not be read, or doesn't belong to one system alone.
    pub wal: Option<&'a WalShow>,
    pub verify: Option<&'a WalVerify>,
}

/// Judges every backup, oldest first.
#[must_use]
pub fn judge(list: &BackupList, source: &str, evidence: Evidence<'_>) -> Vec<Judged> {
    let names: Vec<_> = list.entries.iter().map(|entry| entry.name.as_str()).collect();
    let bases = chain::bases(&names);
    let chains = chain::chains(&bases);
    let each = list.entries.iter().zip(&bases).zip(&chains);
    let mut judged: Vec<_> = each
        .map(|((entry, base), chain)| {
            let parent = match base {
                Base::Listed(index) => Some(names[*index].to_owned()),
                Base::Full | Base::Absent(_) | Base::Ambiguous => None,
            };
            one(entry, parent, chain, source, evidence)
        })
        .collect();
    judged.sort_by_key(|one| one.backup.started_at);
    judged
}

fn one(entry: &Entry, parent: Option<String>, chain: &Chain, source: &str, evidence: Evidence<'_>) -> Judged {
    let span = entry.span(evidence.segment_size);
    let (status, mut detail) = verdict(entry, chain, span, evidence);
    if entry.permanent {
        detail.push_str("; permanent");
    }
    if let Some(storage) = entry.storage.as_deref().filter(|name| *name != "default") {
        detail.push_str(&format!("; in storage {storage}"));
    }
    let anchor = (status == Status::Ok).then_some(()).and_then(|()| {
        let (first, last) = span?;
        Some(Anchor {
            stopped_at: entry.finished?,
            first,
            last,
            stop_lsn: entry.finish,
        })
    });
    let is_delta = BackupName::parse(&entry.name).is_some_and(|name| name.base.is_some());
    Judged {
        anchor,
        permanent: entry.permanent,
        backup: Backup {
            source: source.into(),
            tool: "wal-g".into(),
            repo: None,
            label: entry.name.clone(),
            kind: if is_delta { Kind::Incr } else { Kind::Full },
            parent,
            started_at: entry.started,
            stopped_at: entry.finished,
            start_lsn: entry.start,
            stop_lsn: entry.finish,
            size_bytes: entry.size,
            stored_bytes: entry.stored,
            status,
            detail,
        },
    }
}

fn verdict(entry: &Entry, chain: &Chain, span: Option<(Segment, Segment)>, evidence: Evidence<'_>) -> (Status, String) {
    let unknown = |why: &str| (Status::Unknown, why.to_owned());
    if let Some(fault) = chain.fault() {
        return fault;
    }
    if BackupName::parse(&entry.name).is_none() {
        return unknown("its name isn’t one that wal-g gives to a base backup of PostgreSQL");
    }
    if entry.finished.is_none() || entry.start.is_none() || entry.finish.is_none() {
        return unknown("wal-g doesn’t tell when it finished or which WAL it needs; its metadata may be missing");
    }
    let (Some((first, last)), Some(wal)) = (span, evidence.wal) else {
        return match span {
            None => unknown("its name and its WAL positions contradict each other"),
            Some(_) => unknown("whether the WAL it needs is there could not be read"),
        };
    };
    match wal.coverage(first, last) {
        Coverage::Whole => (
            Status::Ok,
            "wal-g lists it as complete, with its WAL; its contents were not read".into(),
        ),
        Coverage::Unknown => unknown("whether the WAL it needs is there isn’t known"),
        Coverage::Torn(missing) => {
            let name = missing.name(evidence.segment_size);
            match evidence.verify {
                Some(verify) if verify.are_pending(missing, missing) => {
                    unknown(&format!("it waits for WAL that may still arrive, from {name} on"))
                }
                _ => (
                    Status::Broken,
                    format!("it can’t be made consistent: WAL it needs is missing, {name} first"),
                ),
            }
        }
    }
}
