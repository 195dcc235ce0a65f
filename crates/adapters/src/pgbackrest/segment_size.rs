//! How large the segments of an archive are. `info` doesn't tell, nor does a backup's manifest, and segments are compressed; but a backup
//! is listed with a WAL position and the name of the segment that holds it, and that name depends on the size.

use domain::wal::Lsn;

/// What PostgreSQL is built with unless told otherwise.
const USUAL: u64 = 16 * 1024 * 1024;
/// `initdb --wal-segsize` takes powers of two between 1 MB and 1 GB.
const SMALLEST: u32 = 20;
const LARGEST: u32 = 30;

/// The one size by which every position lies in the segment of its name, and by which no segment of the archive has a place (`highest`)
/// beyond the end of its 2^32 bytes. While a log is young, names and positions fit many sizes: then it is the usual one.
///
/// # Errors
/// If none does, so that names and positions must be of different clusters; or several do, and not the usual one.
pub(super) fn derive<'a>(
    starts: impl Iterator<Item = (Lsn, &'a str)>,
    highest: Option<u32>,
) -> Result<u64, &'static str> {
    let mut sizes: Vec<u64> = (SMALLEST..=LARGEST).map(|power| 1 << power).collect();
    sizes.retain(|size| u64::from(highest.unwrap_or(0)) < (1 << 32) / size);
    for (position, name) in starts {
        let place = name.get(8..24).and_then(|name| u64::from_str_radix(name, 16).ok());
        sizes.retain(|size| place == Some(place_of(position, *size)));
    }
    match sizes.as_slice() {
        [] => Err("its WAL names and positions fit no segment size"),
        [size] => Ok(*size),
        sizes if sizes.contains(&USUAL) => Ok(USUAL),
        _ => Err("its WAL segments are not of the usual size, and no backup tells which it is"),
    }
}

/// The last sixteen digits of the name of the segment that holds this position.
const fn place_of(position: Lsn, size: u64) -> u64 {
    let (log, byte) = (position.0 >> 32, position.0 & 0xFFFF_FFFF);
    (log << 32) | (byte / size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::wal::Segment;
    use proptest::prelude::*;

    fn of(starts: &[(u64, &str)], highest: Option<u32>) -> Result<u64, &'static str> {
        derive(starts.iter().map(|(lsn, name)| (Lsn(*lsn), *name)), highest)
    }

    #[test]
    fn the_usual_size_is_taken_where_nothing_speaks_against_it() {
        assert_eq!(of(&[], None), Ok(USUAL));
        assert_eq!(of(&[(0x200_0028, "000000010000000000000002")], Some(0xFF)), Ok(USUAL));
    }

    #[test]
    fn names_beyond_the_usual_place_mean_smaller_segments() {
        assert_eq!(of(&[], Some(0xFFF)), Ok(1 << 20));
        assert!(of(&[], Some(0x100)).is_err(), "1, 2, 4 or 8 MB");
        assert_eq!(of(&[(0x200_0028, "000000010000000000000020")], None), Ok(1 << 20));
        assert_eq!(of(&[(0x4000_0028, "000000010000000000000001")], None), Ok(1 << 30));
    }

    #[test]
    fn a_contradiction_is_told() {
        assert!(of(&[(0x200_0028, "000000010000000000000002")], Some(0x100)).is_err());
        assert!(of(&[(0x200_0028, "not a name")], None).is_err());
        assert!(of(&[(0x200_0028, "ü0000001000000000000002")], None).is_err());
    }

    proptest! {
        #[test]
        fn a_backup_behind_the_second_segment_tells_the_size(power in SMALLEST..=LARGEST, number in 1u64..4, byte in 0u64..1 << 20) {
            let size = 1u64 << power;
            let number = number.min((1 << 32) / size - 1);
            let name = Segment { timeline: 1, number }.name(size);
            prop_assert_eq!(of(&[(number * size + byte, &name)], None), Ok(size));
        }
    }
}
