//! What a manager says of a secret, in words for people. Each says no more than is known.

use super::{Keep, Protection, Rotation};
use crate::time::{Timestamp, clock};

impl Keep {
    /// `until 12 Nov 03:10:00 UTC: …`, `goes with the next write: …`.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        match self {
            Self::Kept => "kept until somebody removes it".into(),
            Self::Until { at, why } => said(&format!("until {} UTC", clock(*at, now)), why),
            Self::Writes { left: 0 | 1, why } => said("goes with the next write", why),
            Self::Writes { left, why } => said(&format!("goes when {left} more versions are written"), why),
            Self::AtRisk { why } => said("may go at any time", why),
            Self::Unknown => "how long it is kept isn’t known".into(),
        }
    }
}

impl Rotation {
    /// `off`, or what changes the secret by itself and when.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        let (every, last, next) = match self {
            Self::Off => return "off".into(),
            Self::Unsupported => return "this manager has none".into(),
            Self::Unknown => return "not known".into(),
            Self::On { every, last, next } => (every, last, next),
        };
        let every = every
            .as_ref()
            .map_or_else(|| "on".into(), |every| format!("on, schedule {every}"));
        let last = last.map(|at| format!("last {} UTC", clock(at, now)));
        let next = next.map(|at| format!("next {} UTC", clock(at, now)));
        let parts: Vec<_> = std::iter::once(every).chain(last).chain(next).collect();
        parts.join("; ")
    }
}

impl Protection {
    /// `protected: …`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Protected { how } => said("protected", how),
            Self::Unprotected { why } => said("not protected", why),
            Self::Unknown { why } => said("not known", why),
        }
    }
}

fn said(what: &str, why: &str) -> String {
    if why.is_empty() {
        what.to_owned()
    } else {
        format!("{what}: {why}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).expect("in range")
    }

    #[test]
    fn nothing_that_isnt_known_sounds_kept() {
        let why = || "max_versions is 10".to_owned();
        let until = Keep::Until {
            at: at(90_000),
            why: String::new(),
        };
        for (keep, words) in [
            (Keep::Kept, "kept until somebody removes it"),
            (until, "until 22 Sep 15:13:20 UTC"),
            (
                Keep::Writes { left: 1, why: why() },
                "goes with the next write: max_versions is 10",
            ),
            (
                Keep::Writes { left: 4, why: why() },
                "goes when 4 more versions are written: max_versions is 10",
            ),
            (
                Keep::AtRisk {
                    why: "no staging label".into(),
                },
                "may go at any time: no staging label",
            ),
            (Keep::Unknown, "how long it is kept isn’t known"),
        ] {
            assert_eq!(keep.words(at(0)), words);
        }
    }

    #[test]
    fn what_changes_the_secret_by_itself_says_when() {
        let on = Rotation::On {
            every: Some("30 days".into()),
            last: None,
            next: Some(at(60)),
        };
        assert_eq!(on.words(at(0)), "on, schedule 30 days; next 14:14:20 UTC");
        assert_eq!(Rotation::default().words(at(0)), "not known");
        assert_eq!(Protection::default().words(), "not known: the manager wasn’t asked");
    }
}
