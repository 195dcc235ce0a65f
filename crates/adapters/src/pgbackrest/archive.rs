//! `pgbackrest repo-ls --recurse --output=json`: an object of paths. Segments lie in folders of 2^32 bytes each and carry the SHA-1 of
//! their content and the compression in their names: `15-1/0000000100000000/000000010000000000000003-<sha1>.gz`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use domain::wal::Segment;
use domain::window::Branch;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

/// The files of one archive. Those that are neither segments nor histories are passed over.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Names of segments, 24 hex digits each, with the time the repository gives them. A name of several files is in `doubled`.
    pub segments: BTreeMap<String, Option<DateTime<Utc>>>,
    /// Segments that lie there twice with different content: pgBackRest hands out neither.
    pub doubled: BTreeSet<String>,
    /// Path of each timeline's history file.
    pub histories: BTreeMap<u32, String>,
    /// Entries of another form.
    pub not_understood: usize,
}

impl Listing {
    /// Reads a listing.
    ///
    /// # Errors
    /// If it is no JSON object.
    pub fn parse(answer: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&String::from_utf8_lossy(answer))
    }

    fn add(&mut self, path: &str, node: &Value) {
        let file = path.rsplit('/').next().unwrap_or(path);
        let segment = segment_name(file);
        let history = history_timeline(file);
        match node.get("type").and_then(Value::as_str) {
            Some("file" | "link") => {}
            Some(_) => return,
            None => {
                self.not_understood += usize::from(segment.is_some() || history.is_some());
                return;
            }
        }
        if let Some(timeline) = history {
            self.histories.insert(timeline, path.to_owned());
        } else if let Some(name) = segment {
            let time = node.get("time").and_then(Value::as_i64);
            let time = time.and_then(|epoch| DateTime::from_timestamp(epoch, 0));
            if self.segments.insert(name.clone(), time).is_some() {
                self.doubled.insert(name);
            }
        }
    }

    /// The segments that can be had, if each is this large.
    pub fn segments(&self, size: u64) -> BTreeMap<Segment, Option<DateTime<Utc>>> {
        let single = self.segments.iter().filter(|(name, _)| !self.doubled.contains(*name));
        single
            .filter_map(|(name, time)| Some((Segment::parse(name, size).ok()?, *time)))
            .collect()
    }

    /// The highest place of a segment within its 2^32 bytes.
    pub fn highest_place(&self) -> Option<u32> {
        let places = self
            .segments
            .keys()
            .filter_map(|name| u32::from_str_radix(&name[16..], 16).ok());
        places.max()
    }
}

impl<'de> Deserialize<'de> for Listing {
    /// One path after the other: a listing of years of WAL would take a gigabyte as a tree.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Paths;

        impl<'de> Visitor<'de> for Paths {
            type Value = Listing;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of paths")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut paths: M) -> Result<Listing, M::Error> {
                let mut listing = Listing::default();
                while let Some((path, node)) = paths.next_entry::<String, Value>()? {
                    listing.add(&path, &node);
                }
                Ok(listing)
            }
        }

        deserializer.deserialize_map(Paths)
    }
}

/// `.partial` segments are none: they end before their end.
fn segment_name(file: &str) -> Option<String> {
    let (name, rest) = file.split_at_checked(24)?;
    let is_name = rest.starts_with('-') && name.bytes().all(|b| b.is_ascii_hexdigit());
    is_name.then(|| name.to_ascii_uppercase())
}

fn history_timeline(file: &str) -> Option<u32> {
    let digits = file.strip_suffix(".history")?;
    let is_name = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_name.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// The last line of a history file: `parent timeline <tab> switch LSN <tab> reason`. Older lines repeat the parent's own history.
#[must_use]
pub(crate) fn newest_branch(history: &[u8]) -> Option<Branch> {
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
    use proptest::prelude::*;

    const SIZE: u64 = 16 * 1024 * 1024;

    fn listing(answer: &str) -> Listing {
        Listing::parse(answer.as_bytes()).expect("a listing")
    }

    #[test]
    fn segments_and_histories_are_told_apart_from_the_rest() {
        let listing = listing(
            r#"{
            ".":{"type":"path"},
            "0000000100000000":{"type":"path"},
            "0000000100000000/000000010000000000000003-1cf4e43cd7a3c4c0b3d8b3d1f0f5c0a4f4b4d5a1.gz":{"type":"file","size":54,"time":1795375998},
            "0000000100000000/000000010000000000000003.00000028.backup":{"type":"file","size":370,"time":1795375998},
            "0000000100000000/000000010000000000000004.partial-1cf4.gz":{"type":"file","size":3,"time":1795375998},
            "00000002.history":{"type":"file","size":42,"time":1795376998},
            "archive.info":{"type":"file","size":300,"time":1795376998}
        }"#,
        );
        let segments = listing.segments(SIZE);
        let time = DateTime::from_timestamp(1_795_375_998, 0);
        assert_eq!(
            segments.into_iter().collect::<Vec<_>>(),
            [(Segment { timeline: 1, number: 3 }, time)]
        );
        assert_eq!(listing.histories, BTreeMap::from([(2, "00000002.history".to_owned())]));
    }

    #[test]
    fn one_odd_entry_takes_no_other_with_it() {
        let listing = listing(
            r#"{
            "000000010000000000000003-aa.gz":{"type":"file","size":"large","time":null},
            "000000010000000000000004-aa.gz":{"type":"file","time":1e400,"more":[{}]},
            "000000010000000000000005-aa.gz":{"size":54,"time":1795375998},
            "000000010000000000000006-aa.gz":7,
            "000000010000000000000007-aa.gz":{"type":"file"}
        }"#
            .replace("1e400", "1e300")
            .as_str(),
        );
        let numbers: Vec<_> = listing
            .segments(SIZE)
            .into_iter()
            .map(|(segment, time)| (segment.number, time))
            .collect();
        assert_eq!(numbers, [(3, None), (4, None), (7, None)]);
        assert_eq!(listing.not_understood, 2);
    }

    #[test]
    fn a_segment_that_lies_there_twice_can_not_be_had() {
        let listing = listing(
            r#"{"000000010000000000000003-aa.gz":{"type":"file"},
                "000000010000000000000004-aa.gz":{"type":"file"},
                "000000010000000000000004-bb.gz":{"type":"file"}}"#,
        );
        assert_eq!(listing.segments(SIZE).len(), 1);
        assert_eq!(listing.doubled, BTreeSet::from(["000000010000000000000004".to_owned()]));
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

    proptest! {
        #[test]
        fn no_answer_makes_the_parser_panic(answer: Vec<u8>, name in "[0-9A-F]{24}-.{0,4}", node in ".{0,20}") {
            let _ = Listing::parse(&answer);
            let _ = newest_branch(&answer);
            if let Ok(listing) = Listing::parse(format!(r#"{{{name:?}:{node}}}"#).as_bytes()) {
                let _ = (listing.segments(SIZE), listing.highest_place());
            }
        }

        #[test]
        fn every_segment_of_a_listing_is_found(numbers in proptest::collection::btree_set(0u64..100_000, 0..50)) {
            let entry = |number: &u64| {
                let name = Segment { timeline: 1, number: *number }.name(SIZE);
                format!(r#""{}/{name}-0a.zst":{{"type":"file","time":{number}}}"#, &name[..16])
            };
            let listing = listing(&format!("{{{}}}", numbers.iter().map(entry).collect::<Vec<_>>().join(",")));
            let found: BTreeSet<_> = listing.segments(SIZE).into_keys().map(|segment| segment.number).collect();
            prop_assert_eq!(found, numbers);
        }
    }
}
