//! Where windows end: each last run of a way through the archive, with the earliest backup from which it can be reached.

use crate::time::Timestamp;
use crate::wal::Lsn;

use super::runs::{Runs, Usable};

/// The end of a window.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// When the earliest backup that reaches it was done.
    pub from: Timestamp,
    /// The runs that are followed from that backup on, oldest first; never empty.
    pub path: Vec<usize>,
}

impl End {
    /// The run it ends in.
    pub fn run(&self) -> usize {
        self.path.last().copied().unwrap_or_default()
    }
}

/// Every end that some backup reaches.
pub(super) fn ends(runs: &Runs, usable: &[Usable]) -> Vec<End> {
    let mut stops: Vec<_> = runs.runs.iter().map(|_| Stops::default()).collect();
    for backup in usable {
        stops[backup.run].0.push((backup.position, backup.stopped_at));
    }
    stops.iter_mut().for_each(Stops::rank);
    (0..runs.runs.len()).filter_map(|run| end(runs, run, &stops)).collect()
}

/// The end in this run, if a backup gets that far and no child takes over from it.
fn end(runs: &Runs, run: usize, stops: &[Stops]) -> Option<End> {
    if runs.runs[run].taken_over {
        return None;
    }
    let mut earliest = None;
    let mut ancestors = Vec::new();
    let (mut at, mut limit) = (run, Lsn(u64::MAX));
    loop {
        ancestors.push(at);
        let found = stops[at].up_to(limit).map(|stopped_at| (stopped_at, at));
        earliest = earliest.into_iter().chain(found).min();
        match runs.runs[at].entry {
            Some(entry) if entry.switch <= limit => (at, limit) = (entry.run, entry.switch),
            _ => break,
        }
    }
    let (from, first) = earliest?;
    let path = ancestors.into_iter().rev().skip_while(|run| *run != first).collect();
    Some(End { from, path })
}

/// The backups of one run, by position: each with the earliest stop time up to it.
#[derive(Default)]
struct Stops(Vec<(Lsn, Timestamp)>);

impl Stops {
    fn rank(&mut self) {
        self.0.sort_unstable();
        let mut earliest = Timestamp::MAX_UTC;
        for (_, stopped_at) in &mut self.0 {
            earliest = earliest.min(*stopped_at);
            *stopped_at = earliest;
        }
    }

    /// The earliest that is consistent at this position.
    fn up_to(&self, limit: Lsn) -> Option<Timestamp> {
        let count = self.0.partition_point(|(position, _)| *position <= limit);
        self.0[..count].last().map(|(_, earliest)| *earliest)
    }
}
