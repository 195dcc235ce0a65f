//! What a secret manager says of a secret: its versions, how long it keeps each, and what guards them. Values are no part of it.

pub mod catch_up;
pub mod exposure;
mod words;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A secret as its manager describes it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Secret {
    /// Oldest first. Those that are deleted or destroyed stay listed for as long as the manager lists them.
    pub versions: Vec<Version>,
    pub rotation: Rotation,
    pub protection: Protection,
    /// The whole secret is about to be removed, then.
    pub gone_at: Option<Timestamp>,
    /// Copies in other regions that the manager itself keeps, with its own word on each.
    pub copies: Vec<ManagedCopy>,
    /// What else should be known, such as a limit that couldn't be read.
    pub remarks: Vec<String>,
}

/// One version, by the manager's own name for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Version {
    pub name: String,
    pub created_at: Option<Timestamp>,
    /// What whoever asks for the secret without naming a version gets.
    pub current: bool,
    pub life: Life,
    pub keep: Keep,
    /// Labels the manager has put on it, such as `AWSPREVIOUS`.
    pub labels: Vec<String>,
}

/// Whether a version's value can be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    Enabled,
    /// Kept but not handed out, until somebody enables it again or its time has come.
    Disabled,
    /// Deleted, and can still be brought back.
    Deleted,
    /// Gone for good.
    Destroyed,
}

/// How long the manager keeps a version.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "keep", rename_all = "snake_case")]
pub enum Keep {
    /// No rule of the manager removes it.
    Kept,
    /// A rule removes it then.
    Until { at: Timestamp, why: String },
    /// It is removed when this many more versions have been written; 1 means with the next one.
    Writes { left: u32, why: String },
    /// The manager may remove it at any time and names no date.
    AtRisk { why: String },
    #[default]
    Unknown,
}

/// Whether the manager changes the secret by itself.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "rotation", rename_all = "snake_case")]
pub enum Rotation {
    Off,
    On {
        every: Option<String>,
        last: Option<Timestamp>,
        next: Option<Timestamp>,
    },
    /// The manager knows no such thing.
    Unsupported,
    #[default]
    Unknown,
}

/// What stands between the secret and its deletion.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "protection", rename_all = "snake_case")]
pub enum Protection {
    Protected { how: String },
    Unprotected { why: String },
    Unknown { why: String },
}

impl Default for Protection {
    fn default() -> Self {
        Self::Unknown {
            why: "the manager wasn’t asked".into(),
        }
    }
}

/// A copy that the manager keeps elsewhere by itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ManagedCopy {
    pub place: String,
    /// `None`: the manager doesn’t say.
    pub in_step: Option<bool>,
    pub detail: String,
}

/// A version's state in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Current,
    /// Enabled, and the last one that was current or could have been.
    Previous,
    /// Enabled, older than the previous one.
    Older,
    /// Enabled, newer than the current one.
    Pending,
    /// Enabled, and about to be removed by a rule of the manager.
    Expiring,
    Disabled,
    Deleted,
    Destroyed,
}

impl State {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
            Self::Older => "older",
            Self::Pending => "pending",
            Self::Expiring => "expiring",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::Destroyed => "destroyed",
        }
    }
}

impl Keep {
    /// Whether a rule is known that removes the version by itself or with the next write.
    #[must_use]
    pub const fn ends(&self) -> bool {
        matches!(
            self,
            Self::Until { .. } | Self::Writes { left: 0 | 1, .. } | Self::AtRisk { .. }
        )
    }
}

impl Secret {
    #[must_use]
    pub fn current(&self) -> Option<&Version> {
        self.versions.iter().find(|version| version.current)
    }

    /// The state of the version at this place in the list.
    #[must_use]
    pub fn state(&self, index: usize) -> Option<State> {
        let version = self.versions.get(index)?;
        Some(match version.life {
            Life::Disabled => State::Disabled,
            Life::Deleted => State::Deleted,
            Life::Destroyed => State::Destroyed,
            Life::Enabled if version.current => State::Current,
            Life::Enabled if matches!(version.keep, Keep::Until { .. }) => State::Expiring,
            // The one before the current version is what a rotation is undone with; that the next write takes it is said by `keep`.
            Life::Enabled => match self.standing(index) {
                State::Older | State::Pending if version.keep.ends() => State::Expiring,
                standing => standing,
            },
        })
    }

    /// How an enabled version stands to the current one.
    fn standing(&self, index: usize) -> State {
        let Some(current) = self.versions.iter().position(|version| version.current) else {
            return State::Older;
        };
        if index > current {
            return State::Pending;
        }
        let between = &self.versions[index + 1..current];
        if between.iter().any(|version| version.life == Life::Enabled) {
            State::Older
        } else {
            State::Previous
        }
    }

    /// What one more write would cost: versions that it removes for good. One that is destroyed already isn't among them, since nothing is
    /// left of it to lose; one that is deleted is, since until then it can be brought back.
    #[must_use]
    pub fn pruned_by_next_write(&self) -> Vec<&Version> {
        self.with(|keep| matches!(keep, Keep::Writes { left: 0 | 1, .. }))
    }

    /// Versions of which it can't be told whether one more write removes them, because the manager's rule isn't known.
    #[must_use]
    pub fn unclear_at_next_write(&self) -> Vec<&Version> {
        self.with(|keep| matches!(keep, Keep::Unknown))
    }

    /// Versions that are still there in some way, and kept in this one.
    fn with(&self, kept: impl Fn(&Keep) -> bool) -> Vec<&Version> {
        let there = self.versions.iter().filter(|version| version.life != Life::Destroyed);
        there.filter(|version| kept(&version.keep)).collect()
    }
}

#[cfg(test)]
mod tests;
