//! The WAL that a recovery needs, segment by segment along its timelines.

use crate::wal::{Lsn, Segment};
use crate::window::Archive;

/// The segment of this number on the way. Where a timeline was left inside a segment, the next one carries a copy of its beginning.
fn owner(archive: &Archive, timelines: &[u32], number: u64) -> Option<Segment> {
    let begun = timelines.iter().enumerate().rev().find(|(index, timeline)| {
        let switch = archive.branches.get(timeline).map(|branch| branch.switch);
        *index == 0 || switch.is_some_and(|switch| switch.0 / archive.segment_size <= number)
    });
    begun.map(|(_, timeline)| Segment {
        timeline: *timeline,
        number,
    })
}

/// The first segment that is missing between two positions.
#[must_use]
pub fn hole(archive: &Archive, timelines: &[u32], from: Lsn, to: Lsn) -> Option<Segment> {
    let size = archive.segment_size;
    let last = to.0.saturating_sub(1) / size;
    let numbers = from.0 / size..=last.max(from.0 / size);
    let mut wanted = numbers.filter_map(|number| owner(archive, timelines, number));
    wanted.find(|segment| !archive.segments.contains_key(segment))
}

/// The end of the newest segment on the way, whether or not everything before it is there.
#[must_use]
pub fn newest_end(archive: &Archive, timelines: &[u32]) -> Option<Lsn> {
    let on_the_way = archive
        .segments
        .keys()
        .filter(|segment| owner(archive, timelines, segment.number) == Some(**segment));
    on_the_way
        .max_by_key(|segment| segment.number)
        .map(|segment| segment.end(archive.segment_size))
}
