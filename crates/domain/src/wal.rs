//! Places in PostgreSQL's write-ahead log: LSNs, segment names, timelines.
//! Formats: <https://www.postgresql.org/docs/current/wal-internals.html>.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A byte position in the log, written `X/Y` in hex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Lsn(pub u64);

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

/// A text that should have been an LSN or a segment name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0:?} is no WAL position")]
pub struct NoWalPosition(pub String);

impl FromStr for Lsn {
    type Err = NoWalPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(high, low)| {
            let high = u32::from_str_radix(high, 16).ok()?;
            let low = u32::from_str_radix(low, 16).ok()?;
            Some(Self(u64::from(high) << 32 | u64::from(low)))
        });
        parsed.ok_or_else(|| NoWalPosition(text.into()))
    }
}

impl Serialize for Lsn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Lsn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// SQL that is true once a server has replayed into the segment before `end`. More can't be asked of it: a record that goes on in a segment
/// that was never archived ends before its own does.
#[must_use]
pub fn replayed_up_to(end: Lsn) -> String {
    format!("pg_wal_lsn_diff('{end}', pg_last_wal_replay_lsn()) < pg_size_bytes(current_setting('wal_segment_size'))")
}

/// One segment of one timeline. `number` counts segments from the start of the log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Segment {
    pub timeline: u32,
    pub number: u64,
}

impl Segment {
    /// Reads the 24 hex digits of a segment's file name; `size` is the cluster's segment size in bytes (16 MiB unless built otherwise).
    ///
    /// # Errors
    /// If the name isn't one of a whole segment (`.partial`, `.backup` and history files aren't).
    pub fn parse(name: &str, size: u64) -> Result<Self, NoWalPosition> {
        let error = || NoWalPosition(name.into());
        if name.len() != 24 || !name.bytes().all(|b| b.is_ascii_hexdigit()) || size == 0 {
            return Err(error());
        }
        let part = |range| u32::from_str_radix(&name[range], 16).map_err(|_| error());
        let (timeline, log, low) = (part(0..8)?, part(8..16)?, part(16..24)?);
        let per_log = 0x1_0000_0000 / size;
        if u64::from(low) >= per_log {
            return Err(error());
        }
        Ok(Self {
            timeline,
            number: u64::from(log) * per_log + u64::from(low),
        })
    }

    /// The file name, 24 hex digits.
    #[must_use]
    pub fn name(self, size: u64) -> String {
        let per_log = 0x1_0000_0000 / size;
        format!(
            "{:08X}{:08X}{:08X}",
            self.timeline,
            self.number / per_log,
            self.number % per_log
        )
    }

    /// The segment that holds the byte at `lsn`.
    #[must_use]
    pub const fn holding(timeline: u32, lsn: Lsn, size: u64) -> Self {
        Self {
            timeline,
            number: lsn.0 / size,
        }
    }

    /// The segment of the last byte before `lsn`: what ends right at its end needs no more than it.
    #[must_use]
    pub const fn before(timeline: u32, lsn: Lsn, size: u64) -> Self {
        Self::holding(timeline, Lsn(lsn.0.saturating_sub(1)), size)
    }

    /// Position of its first byte.
    #[must_use]
    pub const fn start(self, size: u64) -> Lsn {
        Lsn(self.number.saturating_mul(size))
    }

    /// Position right behind this segment; behind the very last one it is the end of the log.
    #[must_use]
    pub const fn end(self, size: u64) -> Lsn {
        Lsn(self.number.saturating_add(1).saturating_mul(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIZE: u64 = 16 * 1024 * 1024;

    #[test]
    fn a_segment_name_tells_timeline_and_place() {
        let segment = Segment::parse("0000000200000001000000FF", SIZE).expect("a name");
        assert_eq!(
            segment,
            Segment {
                timeline: 2,
                number: 511
            }
        );
        assert_eq!(segment.end(SIZE), Lsn(0x2_0000_0000));
    }

    #[test]
    fn other_files_of_the_archive_are_no_segments() {
        for name in [
            "",
            "00000002.history",
            "000000010000000000000003.partial",
            "000000010000000000000100",
            "ü0000001000000000000003",
        ] {
            assert!(Segment::parse(name, SIZE).is_err(), "{name}");
        }
    }

    proptest! {
        #[test]
        fn names_and_lsns_survive_the_round_trip(timeline in 1u32.., number in 0u64..(1 << 40), lsn: u64) {
            let segment = Segment { timeline, number };
            prop_assert_eq!(Segment::parse(&segment.name(SIZE), SIZE), Ok(segment));
            prop_assert_eq!(Lsn(lsn).to_string().parse(), Ok(Lsn(lsn)));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in ".*", size: u64) {
            let _ = text.parse::<Lsn>();
            let _ = Segment::parse(&text, size);
        }

        #[test]
        fn no_name_makes_the_arithmetic_overflow(name in "[0-9A-F]{24}", power in 20u32..=30) {
            let size = 1u64 << power;
            if let Ok(segment) = Segment::parse(&name, size) {
                prop_assert!(segment.start(size) < segment.end(size));
            }
        }
    }
}
