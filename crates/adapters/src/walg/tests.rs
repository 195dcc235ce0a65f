//! The recorded answers tell one story: backups on timeline 1 (a full one, a delta, a delta on the delta), two lost segments between them,
//! a switch to timeline 2 and a full backup there. They are written in the form that wal-g 3.0.9 encodes.

mod backups;
mod hostile;
mod reading;
mod verify;
mod wal;

use super::*;

const SIZE: u64 = 16 * 1024 * 1024;
const BACKUPS: &str = include_str!("../../tests/fixtures/walg/backup-list.json");
const WAL: &str = include_str!("../../tests/fixtures/walg/wal-show.json");
const VERIFY: &str = include_str!("../../tests/fixtures/walg/wal-verify.json");

fn list(said: &str) -> BackupList {
    BackupList::parse(said.as_bytes()).expect("a list")
}

fn show(said: &str) -> WalShow {
    WalShow::parse(said.as_bytes(), SIZE).expect("timelines")
}

fn verify(said: &str) -> WalVerify {
    WalVerify::parse(said.as_bytes(), SIZE).expect("checks")
}

fn segment(timeline: u32, number: u64) -> domain::wal::Segment {
    domain::wal::Segment { timeline, number }
}

/// Name of a segment.
fn named(timeline: u32, number: u64) -> String {
    segment(timeline, number).name(SIZE)
}
