//! What a drill measured: how long a recovery takes, and how much it would have lost.

use super::{Chosen, Drill, Figures, Verdict, mandatory};
use crate::ids::DrillId;
use crate::time::Timestamp;

/// What one drill of a series measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measured {
    pub id: DrillId,
    /// When it ended.
    pub at: Timestamp,
    pub verdict: Verdict,
    pub figures: Figures,
}

/// Times by which the loss is told: the newest in production when the drill began, and the newest that came back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Beats {
    pub production: Option<Timestamp>,
    pub recovered: Option<Timestamp>,
}

/// The loss, or why it isn't known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rpo {
    pub seconds: Option<u32>,
    pub detail: String,
}

/// Seconds from the first phase to the last check that had to pass. `None` while one of them is missing.
#[must_use]
pub fn rto(drill: &Drill) -> Option<u32> {
    let begun = drill.phases.first()?.started_at;
    let last = drill
        .checks
        .iter()
        .filter(|check| mandatory(&check.name))
        .filter_map(|check| check.finished_at)
        .max()?;
    u32::try_from((last - begun).num_seconds()).ok()
}

/// The loss of a recovery to the end of the WAL: heartbeats tell it to the second, audit events at most.
#[must_use]
pub fn rpo(backup: &Chosen, heartbeats: Beats, events: Beats) -> Rpo {
    let unknown = |detail: &str| Rpo {
        seconds: None,
        detail: detail.into(),
    };
    if !backup.to_the_end {
        return unknown(
            "this drill restored an older state on purpose; only one of the latest state measures the loss",
        );
    }
    let between = |beats: Beats| {
        let lost = (beats.production? - beats.recovered?).num_seconds().max(0);
        u32::try_from(lost).ok()
    };
    if let Some(seconds) = between(heartbeats) {
        return Rpo {
            seconds: Some(seconds),
            detail: "by heartbeats".into(),
        };
    }
    match between(events) {
        Some(seconds) => Rpo {
            seconds: Some(seconds),
            detail: "at most: by audit events, since there is no heartbeat to compare".into(),
        },
        None => unknown("production could not be asked when the drill began, so nobody knows how far it was ahead"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::backup::Kind;

    fn at(second: i64) -> Option<Timestamp> {
        DateTime::from_timestamp(1_790_000_000 + second, 0)
    }

    fn backup(to_the_end: bool) -> Chosen {
        Chosen {
            source: "main".into(),
            tool: "pgbackrest".into(),
            repo: Some(1),
            label: "F".into(),
            kind: Kind::Full,
            stopped_at: None,
            sha256: None,
            size_bytes: None,
            to_the_end,
        }
    }

    #[test]
    fn heartbeats_tell_the_loss_and_events_an_upper_bound_of_it() {
        let beats = |production, recovered| Beats { production, recovered };
        let none = Beats::default();
        let (beat, event) = (beats(at(60), at(45)), beats(at(60), at(10)));
        let table = [
            (backup(true), beat, event, Some(15), "by heartbeats"),
            (backup(true), none, event, Some(50), "at most"),
            (backup(true), none, none, None, "could not be asked"),
            (backup(false), beat, event, None, "on purpose"),
            // Its clock went backwards, or the copy is ahead of a replica: nothing was lost.
            (backup(true), beats(at(1), at(2)), none, Some(0), "by heartbeats"),
        ];
        for (backup, heartbeats, events, seconds, words) in table {
            let found = rpo(&backup, heartbeats, events);
            assert_eq!(found.seconds, seconds);
            assert!(found.detail.contains(words), "{found:?}");
        }
    }
}
