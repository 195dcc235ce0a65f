//! Clusters that Muster itself set back: where each recovery was to stop, and where the server that runs since then left its old timeline.
//! What the archive holds behind that point was given up on purpose, by two people.

use serde::{Deserialize, Serialize};

use crate::ids::SystemIdentifier;
use crate::plan::RecoveryStop;
use crate::time::rfc3339;
use crate::wal::{Lsn, Segment};

/// Where a server's recovery ended, as its own history file says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Promotion {
    /// The timeline that it began.
    pub timeline: u32,
    /// The one that it left, and where.
    pub parent: u32,
    pub switch: Lsn,
}

/// A restore by Muster whose cluster took production's place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetBack {
    /// Number of its request.
    pub request: i64,
    pub system: SystemIdentifier,
    /// What people agreed to.
    pub stop: RecoveryStop,
    /// How far its WAL had to reach.
    pub expected_end: Lsn,
    /// Bytes in a segment.
    pub segment_size: u64,
    pub promotion: Promotion,
}

impl SetBack {
    /// Whether recovery came as far as was agreed. A run promotes a server only where it stands paused at the time that it was told.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self.stop {
            RecoveryStop::Time { .. } => true,
            RecoveryStop::Latest => self.segment(self.promotion.switch) >= self.segment(self.expected_end),
        }
    }

    /// Its target, within a sentence.
    #[must_use]
    pub fn target(&self) -> String {
        match self.stop {
            RecoveryStop::Time { time, .. } => rfc3339(time),
            RecoveryStop::Latest => format!("the end of the archived WAL, {}", self.expected_end),
        }
    }

    fn segment(&self, lsn: Lsn) -> u64 {
        Segment::before(0, lsn, self.segment_size.max(1)).number
    }
}
