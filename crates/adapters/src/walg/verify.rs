//! `wal-verify integrity timeline --json`: whether WAL is missing between the oldest backup and what the running server writes now, and
//! whether the storage holds a timeline that the server doesn't know. It asks the server, so it fails where that is down or out of reach.
//! Format: <https://github.com/wal-g/wal-g/blob/v3.0.9/docs/PostgreSQL.md#wal-verify>, unchanged since 1.0.

use std::ops::RangeInclusive;

use domain::status::Status;
use domain::wal::Segment;

use super::WalGError;
use super::answer::{self, Fields, few};

/// What became of a run of missing segments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// The server didn't try to archive them yet, or their upload may still be under way.
    Pending,
    Lost,
}

/// The answers of both checks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WalVerify {
    integrity: Option<String>,
    timeline: Option<String>,
    /// Ids of the server's timeline and of the highest one in the storage.
    timelines: (Option<u32>, Option<u32>),
    missing: Vec<(Fate, RangeInclusive<Segment>)>,
}

impl WalVerify {
    /// Reads the answer; `segment_size` in bytes isn't in it.
    ///
    /// # Errors
    /// If there is no such object in what wal-g said.
    pub fn parse(said: &[u8], segment_size: u64) -> Result<Self, WalGError> {
        let said = String::from_utf8_lossy(said);
        let checks =
            answer::object(&said, &["integrity", "timeline"]).ok_or_else(|| WalGError::no_json("wal-verify", &said))?;
        let check = |name: &str| checks.get(name).and_then(Fields::of);
        let word = |name: &str| check(name)?.text("status").map(answer::quote);
        let ids = check("timeline").and_then(|fields| fields.object("details"));
        let id = |key: &str| ids?.timeline(key);
        let rows = check("integrity")
            .and_then(|fields| fields.entries("details"))
            .unwrap_or_default();
        let runs = rows.iter().filter_map(|row| missing(Fields::of(row)?, segment_size));
        let mut missing: Vec<_> = runs.collect();
        missing.sort_by_key(|(_, run)| *run.start());
        Ok(Self {
            integrity: word("integrity"),
            timeline: word("timeline"),
            timelines: (id("current_timeline_id"), id("highest_storage_timeline_id")),
            missing,
        })
    }

    /// Whether all segments from `first` to `last`, none of which is there, may still arrive.
    #[must_use]
    pub fn are_pending(&self, first: Segment, last: Segment) -> bool {
        let mut next = first;
        for run in self.runs(Fate::Pending) {
            if run.contains(&next) {
                next.number = run.end().number + 1;
            }
        }
        next > last
    }

    /// Both checks in words. What they can't tell is noted and harms nothing: the WAL is also judged without them.
    #[must_use]
    pub fn judge(&self, segment_size: u64) -> (Status, String) {
        let (integrity, timeline) = (self.judge_integrity(segment_size), self.judge_timeline());
        (
            Status::group([integrity.0, timeline.0]),
            format!("{}; {}", integrity.1, timeline.1),
        )
    }

    fn judge_integrity(&self, segment_size: u64) -> (Status, String) {
        let lost = self.names(Fate::Lost, segment_size);
        let pending = self.names(Fate::Pending, segment_size);
        match self.integrity.as_deref() {
            _ if !lost.is_empty() && self.integrity.as_deref() != Some("WARNING") => {
                (Status::Broken, format!("wal-verify: lost {}", few(&lost)))
            }
            Some("OK") => (
                Status::Ok,
                "wal-verify: no WAL is missing since the oldest backup".into(),
            ),
            Some("WARNING") if !pending.is_empty() => (
                Status::Ok,
                format!("wal-verify: {} may still arrive and is no gap yet", few(&pending)),
            ),
            Some("FAILURE") => (
                Status::Broken,
                "wal-verify calls the WAL a failure and doesn’t say what is lost".into(),
            ),
            word => (Status::Unknown, unclear("integrity", word)),
        }
    }

    fn judge_timeline(&self) -> (Status, String) {
        let id = |id: Option<u32>| id.map_or_else(|| "unknown".into(), |id| id.to_string());
        let (current, highest) = self.timelines;
        match self.timeline.as_deref() {
            Some("OK") => (
                Status::Ok,
                format!("the server is on the newest timeline, {}", id(current)),
            ),
            Some("FAILURE") => (
                Status::Broken,
                format!(
                    "the server is on timeline {}, the highest in the storage is {}: WAL of another server may be among it, \
                     and a restore to the latest timeline would follow that",
                    id(current),
                    id(highest)
                ),
            ),
            word => (Status::Unknown, unclear("timeline", word)),
        }
    }

    fn runs(&self, fate: Fate) -> impl Iterator<Item = &RangeInclusive<Segment>> {
        let of_fate = self.missing.iter().filter(move |(its, _)| *its == fate);
        of_fate.map(|(_, run)| run)
    }

    fn names(&self, fate: Fate, segment_size: u64) -> Vec<String> {
        let name = |run: &RangeInclusive<Segment>| match (run.start(), run.end()) {
            (first, last) if first == last => first.name(segment_size),
            (first, last) => format!("{} to {}", first.name(segment_size), last.name(segment_size)),
        };
        self.runs(fate).map(name).collect()
    }
}

fn unclear(check: &str, word: Option<&str>) -> String {
    match word {
        Some(word) => format!("wal-verify: {check} unknown ({word})"),
        None => format!("wal-verify: {check} unknown, it gives no status"),
    }
}

/// A run of one status; `None` if its segments are there, or it isn't understood.
fn missing(row: Fields<'_>, segment_size: u64) -> Option<(Fate, RangeInclusive<Segment>)> {
    let fate = match row.text("status")? {
        "MISSING_LOST" => Fate::Lost,
        "MISSING_DELAYED" | "MISSING_UPLOADING" => Fate::Pending,
        _ => return None,
    };
    let segment = |key| Segment::parse(row.text(key)?, segment_size).ok();
    let (first, last) = (segment("start_segment")?, segment("end_segment")?);
    (first.timeline == last.timeline).then_some((fate, first..=last))
}
