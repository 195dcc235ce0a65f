//! A standing approval: until its time is over, drills may hand the master key to one launcher. Anything about the launcher that changes
//! makes it another one, which nobody has approved.

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::Step;
use crate::ids::Sha256;

/// Longest validity, in days.
pub const LONGEST_DAYS: u32 = 90;
/// The word by which a program is asked to stand in for Ampora.
pub const STAND_IN: &str = "ampora-stand-in";

/// What people agree to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DrillWithKey {
    pub deployment: String,
    pub launch: Launch,
    /// Days from the last approval on, 1 to [`LONGEST_DAYS`].
    pub valid_days: u32,
    pub steps: Vec<Step>,
}

/// What is started, and handed the key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Launch {
    /// The machine it runs on, or the cluster.
    pub host: String,
    /// What it is shut in: sandboxes below this folder.
    pub namespace: String,
    /// Program and arguments, with placeholders for what each drill fills in.
    pub command: Vec<String>,
    /// Of the program's file, or of what the overlay renders to.
    pub program_sha256: Sha256,
    /// `None`: it is a command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<LaunchCluster>,
}

/// An overlay's openings in the wall around it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LaunchCluster {
    /// Where Muster's agent connects.
    pub agents: String,
    /// Where Muster offers the restored copy.
    pub database: String,
    /// Whence Muster's own connections come.
    pub from: String,
}

impl Launch {
    /// Whether what is started only stands in for Ampora. It serves what the copy holds, and proves nothing about Ampora itself.
    #[must_use]
    pub fn is_stand_in(&self) -> bool {
        self.command.get(1).is_some_and(|word| word == STAND_IN)
    }
}

impl DrillWithKey {
    #[must_use]
    pub fn validity(&self) -> Duration {
        Duration::days(self.valid_days.min(LONGEST_DAYS).into())
    }

    /// What gets the key: the program, or the folder of the overlay.
    #[must_use]
    pub fn recipient(&self) -> &str {
        let command = &self.launch.command;
        let named = match self.launch.cluster {
            Some(_) => command.last(),
            None => command.first(),
        };
        named.map_or("a launcher", String::as_str)
    }

    /// One line: who gets what, for how long.
    #[must_use]
    pub fn title(&self) -> String {
        let stand_in = if self.launch.is_stand_in() {
            ", a stand-in for Ampora,"
        } else {
            ""
        };
        format!(
            "Let drills hand the master key to {}{stand_in} on {} for {} days",
            self.recipient(),
            self.launch.host,
            self.valid_days
        )
    }
}
