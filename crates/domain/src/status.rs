//! The three answers Muster gives about anything: ok, broken, unknown. There is no default; what wasn't read is unknown.

use serde::{Deserialize, Serialize};

/// Whether a fact is good, as of when it was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Read within its limit, and good.
    Ok,
    /// Unread, too old, or not understood. As loud as broken.
    Unknown,
    /// Read within its limit, and not good.
    Broken,
}

impl Status {
    /// A group is broken if any part is, else unknown if any part is, else ok. A group of nothing is unknown: nothing was looked at.
    pub fn group(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().max().unwrap_or(Self::Unknown)
    }

    /// The word for it, as everywhere in Muster.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}

/// The exit code of a command that printed these: 0 all ok, 1 something is broken, 2 something is unknown and nothing is broken.
pub fn exit_code(parts: impl IntoIterator<Item = Status>) -> u8 {
    match Status::group(parts) {
        Status::Ok => 0,
        Status::Broken => 1,
        Status::Unknown => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_as_bad_as_its_worst_part_and_nothing_is_unknown() {
        use Status::{Broken, Ok, Unknown};
        for (parts, expected) in [
            (vec![], Unknown),
            (vec![Ok], Ok),
            (vec![Ok, Unknown], Unknown),
            (vec![Unknown, Broken, Ok], Broken),
        ] {
            assert_eq!(Status::group(parts.clone()), expected, "{parts:?}");
        }
        assert_eq!([exit_code([Ok]), exit_code([Broken]), exit_code([])], [0, 1, 2]);
    }
}
