//! `backup-list --detail --json`: an array of the backups from which recovery is available, as wal-g puts it: those whose last file, the
//! sentinel, was uploaded. Whether page checksums were right isn't in it. Formats:
//! <https://github.com/wal-g/wal-g/blob/v3.0.9/internal/backup_time.go> and `ExtendedMetadataDto` in
//! <https://github.com/wal-g/wal-g/blob/v3.0.9/internal/databases/postgres/backup_sentinel_dto.go>; the names are the same since 0.2.15,
//! `storage_name` came with 3.0.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use domain::time::Timestamp;
use domain::wal::{Lsn, Segment};

use super::WalGError;
use super::answer::{self, Fields};
use super::chain::BackupName;

/// What is said of a storage without backups. Until 3.0.6 wal-g prints no JSON then, and says the same when the storage can't be read.
pub(super) const NO_BACKUPS: &str = "No backups found";
/// Size of a segment unless the server was built otherwise; wal-g doesn't name it.
const DEFAULT_SEGMENT: u64 = 16 * 1024 * 1024;
/// `initdb --wal-segsize` takes powers of two from 1 to 1024 MiB, which are these shifts.
const SEGMENT_SHIFTS: std::ops::RangeInclusive<u32> = 20..=30;

/// One backup as wal-g describes it. What it doesn't tell is `None`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub name: String,
    pub storage: Option<String>,
    pub started: Option<Timestamp>,
    pub finished: Option<Timestamp>,
    pub start: Option<Lsn>,
    pub finish: Option<Lsn>,
    pub permanent: bool,
    system: Option<u64>,
    /// Bytes, before and after compression.
    pub size: Option<u64>,
    pub stored: Option<u64>,
}

/// The backups in the storage.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BackupList {
    pub(super) entries: Vec<Entry>,
    /// Entries that name no backup.
    pub nameless: usize,
    /// wal-g printed a list. Otherwise it only said that there are no backups.
    pub is_printed: bool,
}

impl BackupList {
    /// Reads the answer.
    ///
    /// # Errors
    /// If there is no such list in what wal-g said, and not that there are no backups either.
    pub fn parse(said: &[u8]) -> Result<Self, WalGError> {
        let said = String::from_utf8_lossy(said);
        let Some(values) = answer::list(&said) else {
            let none = said.contains(NO_BACKUPS).then(Self::default);
            return none.ok_or_else(|| WalGError::no_json("backup-list", &said));
        };
        let entries: Vec<_> = values.iter().filter_map(|value| entry(Fields::of(value)?)).collect();
        Ok(Self {
            nameless: values.len() - entries.len(),
            entries,
            is_printed: true,
        })
    }

    /// Bytes in a segment: the size under which most backups started in the segment that their name says.
    #[must_use]
    pub fn segment_size(&self) -> u64 {
        let agreeing = |size: &u64| self.entries.iter().filter(|entry| entry.first(*size).is_some()).count();
        let sizes = SEGMENT_SHIFTS.map(|shift| 1 << shift);
        sizes
            .max_by_key(|size| (agreeing(size), *size == DEFAULT_SEGMENT))
            .unwrap_or(DEFAULT_SEGMENT)
    }

    /// The database systems that the backups come from, as far as they say.
    #[must_use]
    pub fn systems(&self) -> BTreeSet<u64> {
        self.entries.iter().filter_map(|entry| entry.system).collect()
    }

    /// Backups in the list.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }
}

impl Entry {
    /// The segment it started in. `None` if its name doesn't agree.
    fn first(&self, segment_size: u64) -> Option<Segment> {
        let named = Segment::parse(BackupName::parse(&self.name)?.own, segment_size).ok()?;
        let first = Segment::holding(named.timeline, self.start?, segment_size);
        // The name is of the byte before the start.
        let agrees = first == named || (first.number == named.number + 1 && self.start?.0 % segment_size == 0);
        agrees.then_some(first)
    }

    /// First and last segment it needs to be consistent.
    pub fn span(&self, segment_size: u64) -> Option<(Segment, Segment)> {
        let first = self.first(segment_size)?;
        // What it needs ends before this position.
        let end = Lsn(self.finish?.0.checked_sub(1)?);
        let last = Segment::holding(first.timeline, end, segment_size);
        (self.finish >= self.start).then_some((first, last.max(first)))
    }
}

fn entry(fields: Fields<'_>) -> Option<Entry> {
    let format = fields.text("date_fmt");
    let time = |key| fields.text(key).and_then(|text| time(text, format));
    let size = |key| fields.number(key).filter(|bytes| *bytes > 0);
    Some(Entry {
        name: fields.text("backup_name")?.to_owned(),
        storage: fields.text("storage_name").map(str::to_owned),
        started: time("start_time"),
        finished: time("finish_time"),
        start: fields.lsn("start_lsn"),
        finish: fields.lsn("finish_lsn"),
        permanent: fields.flag("is_permanent").unwrap_or(false),
        system: fields.number("system_identifier"),
        size: size("uncompressed_size"),
        stored: size("compressed_size"),
    })
}

/// A time as Go writes it, else by the `date_fmt` beside it (Python's letters), which is believed only where it names a zone. Year 1 is
/// Go's way to say that there is none.
fn time(text: &str, format: Option<&str>) -> Option<Timestamp> {
    let by_format = || {
        let format = format?.replace(".%f", "%.f");
        let zoned = DateTime::parse_from_str(text, &format).map(|time| time.to_utc());
        let utc = || {
            let wall = NaiveDateTime::parse_from_str(text, &format).ok();
            wall.filter(|_| format.ends_with('Z')).map(|wall| wall.and_utc())
        };
        zoned.ok().or_else(utc)
    };
    let read = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
    read.ok().or_else(by_format).filter(|time| *time > DateTime::UNIX_EPOCH)
}
