//! `pgbackrest repo-ls --recurse --output=json`: an object of paths. Segments lie in folders of 2^32 bytes each and carry the SHA-1 of
//! their content and the compression in their names: `15-1/0000000100000000/000000010000000000000003-<sha1>.gz`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::wal::Segment;
use domain::window::Branch;
use serde::Deserialize;

use super::InfoError;

#[derive(Debug, Deserialize)]
struct Node {
    #[serde(rename = "type")]
    kind: String,
    /// Seconds since 1970.
    time: Option<i64>,
}

/// The WAL archive of one database.
#[derive(Debug, Default)]
pub struct Listing {
    pub segments: BTreeMap<Segment, Option<DateTime<Utc>>>,
    /// Path of each timeline's history file.
    pub histories: Vec<(u32, String)>,
}

impl Listing {
    /// Reads a listing. Files that are neither segments nor histories are passed over.
    pub fn parse(answer: &[u8], segment_size: u64) -> Result<Self, InfoError> {
        let nodes: BTreeMap<String, Node> = serde_json::from_str(&String::from_utf8_lossy(answer))?;
        let mut listing = Self::default();
        for (path, node) in nodes.iter().filter(|(_, node)| node.kind == "file") {
            let file = path.rsplit('/').next().unwrap_or(path);
            if let Some(timeline) = history_timeline(file) {
                listing.histories.push((timeline, path.clone()));
            } else if let Some(segment) = segment(file, segment_size) {
                listing.segments.insert(segment, node.time.and_then(at));
            }
        }
        Ok(listing)
    }
}

fn at(epoch: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(epoch, 0)
}

/// `.partial` segments are none: they end before their end.
fn segment(file: &str, size: u64) -> Option<Segment> {
    let (name, rest) = file.split_at_checked(24)?;
    if rest.starts_with('-') {
        Segment::parse(name, size).ok()
    } else {
        None
    }
}

fn history_timeline(file: &str) -> Option<u32> {
    let digits = file.strip_suffix(".history")?;
    if digits.len() == 8 {
        u32::from_str_radix(digits, 16).ok()
    } else {
        None
    }
}

/// The last line of a history file: `parent timeline <tab> switch LSN <tab> reason`. Older lines repeat the parent's own history.
#[must_use]
pub fn newest_branch(history: &[u8]) -> Option<Branch> {
    let text = String::from_utf8_lossy(history);
    let line = text
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty() && !line.starts_with('#'))?;
    let mut words = line.split_whitespace();
    Some(Branch {
        parent: words.next()?.parse().ok()?,
        switch: words.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::wal::Lsn;

    const SIZE: u64 = 16 * 1024 * 1024;

    #[test]
    fn segments_and_histories_are_told_apart_from_the_rest() {
        let listing = br#"{
            ".":{"type":"path"},
            "0000000100000000":{"type":"path"},
            "0000000100000000/000000010000000000000003-1cf4e43cd7a3c4c0b3d8b3d1f0f5c0a4f4b4d5a1.gz":{"type":"file","size":54,"time":1795375998},
            "0000000100000000/000000010000000000000003.00000028.backup":{"type":"file","size":370,"time":1795375998},
            "0000000100000000/000000010000000000000004.partial-1cf4.gz":{"type":"file","size":3,"time":1795375998},
            "00000002.history":{"type":"file","size":42,"time":1795376998},
            "archive.info":{"type":"file","size":300,"time":1795376998}
        }"#;
        let listing = Listing::parse(listing, SIZE).expect("a listing");
        assert_eq!(
            listing.segments.keys().copied().collect::<Vec<_>>(),
            [Segment { timeline: 1, number: 3 }]
        );
        assert_eq!(listing.histories, [(2, "00000002.history".to_owned())]);
    }

    #[test]
    fn the_last_line_of_a_history_is_the_branch() {
        let history = b"1\t0/5000098\tno recovery target specified\n2\t0/7000000\tbefore 2026-11-22 19:34:02+00\n";
        assert_eq!(
            newest_branch(history),
            Some(Branch {
                parent: 2,
                switch: Lsn(0x700_0000)
            })
        );
        assert_eq!(newest_branch(b"\n"), None);
        assert_eq!(newest_branch(&[0xFF, 0xFE]), None);
    }
}
