//! `wal-show --detailed-json`: an array of timelines, each with its first and last segment and the names of those missing between them. It
//! tells no time, and reads names only.
//! Format: <https://github.com/wal-g/wal-g/blob/v3.0.9/internal/databases/postgres/wal_show_handler.go>, unchanged since 0.2.18.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use domain::time::Timestamp;
use domain::wal::Segment;
use domain::window::Branch;

use super::WalGError;
use super::answer::{self, Fields};

/// Segments that are taken into memory: 32 TiB of WAL in segments of the usual size. An answer with a longer range isn't believed.
const MOST_SEGMENTS: u64 = 2 * 1024 * 1024;

/// The segments between the first and the last one of a timeline.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Timeline {
    numbers: RangeInclusive<u64>,
    missing: BTreeSet<u64>,
}

/// The WAL in the storage.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WalShow {
    timelines: BTreeMap<u32, Timeline>,
    pub branches: BTreeMap<u32, Branch>,
    /// Timelines that are there but couldn't be understood, with the reason.
    pub unread: Vec<String>,
    /// Ids of those in `unread`.
    doubtful: BTreeSet<u32>,
}

/// Whether a backup's own WAL is in the storage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coverage {
    Whole,
    /// The first segment that is missing.
    Torn(Segment),
    Unknown,
}

impl WalShow {
    /// Reads the answer; `segment_size` in bytes isn't in it.
    ///
    /// # Errors
    /// If there is no such list in what wal-g said.
    pub fn parse(said: &[u8], segment_size: u64) -> Result<Self, WalGError> {
        let said = String::from_utf8_lossy(said);
        let entries = answer::list(&said).ok_or_else(|| WalGError::no_json("wal-show", &said))?;
        let mut show = Self::default();
        let mut nameless = 0;
        for entry in &entries {
            match Fields::of(entry).and_then(|fields| Some((fields.timeline("id")?, fields))) {
                Some((id, fields)) => show.add(id, fields, segment_size),
                None => nameless += 1,
            }
        }
        if nameless > 0 {
            show.unread
                .push(format!("{nameless} entries of wal-show name no timeline"));
        }
        Ok(show)
    }

    fn add(&mut self, id: u32, fields: Fields<'_>, segment_size: u64) {
        let taken: u64 = self.timelines.values().map(Timeline::present).sum();
        let read = if self.timelines.contains_key(&id) || self.doubtful.contains(&id) {
            Err("it is listed twice".into())
        } else {
            timeline(id, fields, segment_size, MOST_SEGMENTS - taken)
        };
        match read {
            Ok(timeline) => {
                self.timelines.insert(id, timeline);
                self.branches.extend(branch(fields).map(|branch| (id, branch)));
            }
            Err(reason) => {
                self.timelines.remove(&id);
                self.branches.remove(&id);
                self.doubtful.insert(id);
                self.unread.push(format!("WAL of timeline {id}: {reason}"));
            }
        }
    }

    /// Every segment that is there. wal-g doesn't tell when it came.
    #[must_use]
    pub fn segments(&self) -> BTreeMap<Segment, Option<Timestamp>> {
        let timelines = self.timelines.iter();
        let numbers = timelines.flat_map(|(timeline, its)| its.numbers().map(|number| (*timeline, number)));
        numbers
            .map(|(timeline, number)| (Segment { timeline, number }, None))
            .collect()
    }

    /// Whether all segments from `first` to `last` are there.
    #[must_use]
    pub fn coverage(&self, first: Segment, last: Segment) -> Coverage {
        if self.doubtful.contains(&first.timeline) {
            return Coverage::Unknown;
        }
        let Some(timeline) = self.timelines.get(&first.timeline) else {
            return Coverage::Torn(first);
        };
        let lost = |number| Coverage::Torn(Segment { number, ..first });
        let hole = timeline
            .missing
            .range(first.number..=last.number.max(first.number))
            .next();
        match hole {
            _ if first.number < *timeline.numbers.start() || first.number > *timeline.numbers.end() => {
                lost(first.number)
            }
            Some(number) => lost(*number),
            None if last.number > *timeline.numbers.end() => lost(timeline.numbers.end() + 1),
            None => Coverage::Whole,
        }
    }

    /// Timelines in the storage.
    #[must_use]
    pub fn count(&self) -> usize {
        self.timelines.len()
    }
}

impl Timeline {
    /// Numbers of the segments that are there.
    fn numbers(&self) -> impl Iterator<Item = u64> {
        let range = self.numbers.clone();
        range.filter(|number| !self.missing.contains(number))
    }

    fn range(&self) -> u64 {
        self.numbers.end() - self.numbers.start() + 1
    }

    fn present(&self) -> u64 {
        self.range().saturating_sub(self.missing.len() as u64)
    }

    fn agrees(&self, fields: Fields<'_>) -> Result<(), String> {
        let (range, present) = (self.range(), self.present());
        let told = |key, counted| fields.number(key).is_none_or(|told| told == counted);
        let count = fields.number("segments_count");
        let holes = match fields.text("status") {
            Some("OK") => true,
            Some("LOST_SEGMENTS") => !self.missing.is_empty(),
            Some(_) => false,
            None => fields.entries("missing_segments").is_some() || count.is_some(),
        };
        if holes && told("segments_count", present) && told("segment_range_size", range) {
            return Ok(());
        }
        let count = count.map_or_else(|| "an unknown number".into(), |count| count.to_string());
        Err(format!(
            "what wal-show says of it doesn’t agree: {present} of {range} segments by their names, {count} by its count, status {}",
            answer::quote(fields.text("status").unwrap_or("missing"))
        ))
    }
}

/// One entry, or why it can't be believed: wal-g says the same thing in several ways, which have to agree.
fn timeline(id: u32, fields: Fields<'_>, segment_size: u64, room: u64) -> Result<Timeline, String> {
    let segment = |name: &str| {
        let parsed = Segment::parse(name, segment_size).ok()?;
        (parsed.timeline == id).then_some(parsed.number)
    };
    let end = |key| {
        let named = fields.text(key).and_then(segment);
        named.ok_or_else(|| format!("{key} names no segment of it"))
    };
    let numbers = end("start_segment")?..=end("end_segment")?;
    if numbers.is_empty() {
        return Err("it ends before it starts".into());
    }
    let names = fields.entries("missing_segments").unwrap_or_default();
    let missing: Option<BTreeSet<_>> = names.iter().map(|name| segment(name.as_str()?)).collect();
    let mut missing = missing.ok_or("missing_segments names something else than its segments")?;
    missing.retain(|number| numbers.contains(number));
    let timeline = Timeline { numbers, missing };
    timeline.agrees(fields)?;
    let present = timeline.present();
    if present > room {
        return Err(format!(
            "{present} segments are more than Muster takes into memory, {MOST_SEGMENTS} of all timelines"
        ));
    }
    Ok(timeline)
}

/// Where it left its parent. Both are 0 for a timeline without a history file.
fn branch(fields: Fields<'_>) -> Option<Branch> {
    Some(Branch {
        parent: fields.timeline("parent_id")?,
        switch: fields.lsn("switch_point_lsn")?,
    })
}
