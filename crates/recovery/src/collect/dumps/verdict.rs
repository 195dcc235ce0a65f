//! What is said of one dump: whether it is whole and unchanged, and of what time its data are.

use adapters::dumps::DumpFile;
use chrono::{Duration, NaiveDateTime, TimeZone as _};
use chrono_tz::Tz;
use domain::backup::{Backup, DumpContents, Kind};
use domain::ids::Sha256;
use domain::status::Status;
use domain::time::Timestamp;
use store::DumpReading;

use crate::settings::Dumps;

/// A dump can't begin after it was written; clocks differ by less than this.
const SKEW: Duration = Duration::minutes(5);
/// A dump whose file is younger than its header by more than this was copied: its file says nothing about its end.
const LONGEST: Duration = Duration::days(7);
/// How far a clock of any zone is from UTC, at most.
const ANY_ZONE: Duration = Duration::hours(15);

pub fn backup(
    dumps: &Dumps,
    file: &DumpFile,
    reading: Option<&DumpReading>,
    first: Option<&(Sha256, Timestamp)>,
) -> Backup {
    let contents = reading.and_then(|reading| reading.contents.as_ref().ok());
    let time = contents.map(|contents| Time::of(contents, dumps.zone, file));
    let (status, detail) = match reading.map(|reading| &reading.contents) {
        None => dumps.progress.setback(file).map_or_else(
            || (Status::Unknown, "not read yet".into()),
            |setback| (setback.status, setback.reason),
        ),
        Some(Err(reason)) => (Status::Broken, reason.clone()),
        Some(Ok(contents)) => judge(contents, first, file, time.as_ref()),
    };
    // What was whole once and isn't now was damaged here, not on its way.
    let damaged = first.filter(|_| status == Status::Broken && contents.is_none());
    let detail = damaged.map_or(detail.clone(), |(_, at)| {
        format!("{detail}; it was whole when it was first read on {}", day(*at))
    });
    Backup {
        source: dumps.place.name().into(),
        tool: "pg_dump".into(),
        label: file.label.clone(),
        kind: Kind::Dump,
        repo: None,
        parent: None,
        started_at: time.as_ref().and_then(|time| time.started),
        stopped_at: time.is_none_or(|time| !time.copied).then_some(file.modified),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: Some(file.size),
        status,
        detail,
    }
}

/// How this content differs from the one that was first read under its name; `None`: it doesn't.
pub(crate) fn changed_since(now: Sha256, first: Option<&(Sha256, Timestamp)>) -> Option<String> {
    let (then, at) = first.filter(|(then, _)| *then != now)?;
    Some(format!(
        "changed after it was first read on {}: its SHA-256 was {then} and is {now} now. If a new dump took its place, give each a name of its own",
        day(*at)
    ))
}

fn judge(
    contents: &DumpContents,
    first: Option<&(Sha256, Timestamp)>,
    file: &DumpFile,
    time: Option<&Time>,
) -> (Status, String) {
    if let Some(changed) = changed_since(contents.sha256, first) {
        return (Status::Broken, changed);
    }
    let rows: u64 = contents.rows.values().map(|rows| rows.0).sum();
    let whole = format!("read to its end: {} tables, {rows} rows", contents.rows.len());
    if !file.form.is_restorable() {
        return (
            Status::Unknown,
            format!("{}: listed, never restored; {whole}", file.form.words()),
        );
    }
    match time {
        Some(time) if time.impossible => (
            Status::Unknown,
            format!("{whole}; it claims to be begun after it was written: check timezone and the clock of its host"),
        ),
        Some(Time {
            remark: Some(remark), ..
        }) => (Status::Ok, format!("{whole}; {remark}")),
        _ => (Status::Ok, whole),
    }
}

/// Of what time the data of a dump are: of its start.
struct Time {
    started: Option<Timestamp>,
    /// It claims to be begun after it was written.
    impossible: bool,
    /// The file is much younger than what it holds.
    copied: bool,
    remark: Option<String>,
}

impl Time {
    fn of(contents: &DumpContents, zone: Option<Tz>, file: &DumpFile) -> Self {
        let started = contents.begun.zip(zone).and_then(|(begun, zone)| zoned(begun, zone));
        let slack = if started.is_some() { SKEW } else { ANY_ZONE };
        let near = started.or(contents.begun.map(|begun| begun.and_utc()));
        let copied = near.is_some_and(|near| file.modified - near > LONGEST + slack);
        let remark = match (contents.begun, zone) {
            _ if copied => Some(format!(
                "its file is of {}, more than 7 days after the start that it names: it was copied since, or that host’s clock was wrong",
                day(file.modified)
            )),
            (None, _) => Some("it doesn’t name its start, so the time its data are of is not known".into()),
            (Some(_), None) => Some("zone unknown, so the time its data are of is not known".into()),
            (Some(begun), Some(zone)) if started.is_none() => Some(format!(
                "it names {begun} as its start, which no clock of {zone} shows: check timezone"
            )),
            _ => None,
        };
        Self {
            started,
            impossible: near.is_some_and(|near| near > file.modified + slack),
            copied,
            remark,
        }
    }
}

fn day(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// What a wall clock in this zone meant. Of the hour that is struck twice in autumn, the earlier: its data are the older ones. `None` for
/// the hour that is left out in spring, which no clock of this zone shows.
pub(crate) fn zoned(begun: NaiveDateTime, zone: Tz) -> Option<Timestamp> {
    zone.from_local_datetime(&begun).earliest().map(|time| time.to_utc())
}

#[cfg(test)]
mod tests;
