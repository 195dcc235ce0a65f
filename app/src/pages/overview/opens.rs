//! Does the key open it? From the counts of a proof to what may be said of a restore, in the same words on every page.

use std::collections::BTreeMap;

use domain::coverage::Answer;
use domain::drift::Verdict;
use domain::inventory::{CoverageStatus, KeyVersion, Keys};
use domain::observation::{Known, Observation};
use domain::status::Status;
use domain::time::Timestamp;
use recovery::overview::View;

use crate::components::Word;

/// Whether the secrets inside a restored database can be read with what the secret manager holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opens {
    /// The manager's current version opens them.
    Current {
        version: String,
    },
    /// Another of the manager's versions does.
    Other {
        version: String,
        current: Option<String>,
    },
    /// The manager's versions do together, none of them alone.
    Several,
    /// By what was in use at its moment, some of these should open it, and nobody has tried.
    Expected {
        versions: Vec<String>,
    },
    /// They do together while a rotation is under way that moves.
    Rotating,
    /// The manager opens `opens` of `of`; the rest stays locked. `with_ampora`: the key that Ampora runs with opens what is left.
    Locked {
        opens: u32,
        of: u32,
        with_ampora: bool,
    },
    Unknown {
        reason: String,
    },
}

impl Opens {
    /// What is live now, and so a restore to the newest moment.
    #[must_use]
    pub fn live(view: &View) -> Self {
        Self::now(&view.keys, view.now)
    }

    /// The same from the proof alone.
    #[must_use]
    pub fn now(keys: &Observation<Keys>, now: Timestamp) -> Self {
        match keys.known(now) {
            Known::Fresh { value, .. } => Self::proven(value),
            Known::Unknown { reason, .. } => Self::Unknown { reason },
        }
    }

    /// What a proof has shown, whether or not it is too old to count on.
    #[must_use]
    pub fn proven(keys: &Keys) -> Self {
        let of = keys.envelopes.sampled.saturating_sub(keys.envelopes.unparsed);
        let current = keys.versions.iter().find(|version| version.current);
        match keys.verdict {
            Verdict::Unknown => Self::Unknown {
                reason: keys.detail.clone(),
            },
            Verdict::Mixed if keys.status == Status::Ok => Self::Rotating,
            Verdict::InSync => Self::Current {
                version: current.map_or_else(String::new, |version| version.version.clone()),
            },
            _ => Self::drifted(keys, current, of),
        }
    }

    fn drifted(keys: &Keys, current: Option<&KeyVersion>, of: u32) -> Self {
        let whole = keys.versions.iter().find(|version| of > 0 && version.opens == Some(of));
        if let Some(version) = whole {
            return Self::Other {
                version: version.version.clone(),
                current: current.map(|current| current.version.clone()),
            };
        }
        // Two versions may hold one key, and what it opens counts once.
        let by_key: BTreeMap<_, _> = keys
            .versions
            .iter()
            .filter_map(|version| Some((version.fingerprint.as_ref()?, version.opens?)))
            .collect();
        let opens = by_key.values().sum::<u32>().min(of);
        if of > 0 && opens == of {
            return Self::Several;
        }
        let with_ampora = keys
            .in_use
            .as_ref()
            .filter(|in_use| in_use.version.is_none())
            .and_then(|in_use| in_use.opens)
            .is_some_and(|by_ampora| by_ampora > 0 && opens + by_ampora >= of);
        Self::Locked { opens, of, with_ampora }
    }

    /// One backup, by the trials on its own envelopes.
    #[must_use]
    pub fn backup(keys: Option<&Keys>, label: &str) -> Self {
        let Some(keys) = keys else {
            return Self::Unknown {
                reason: "the proof of the keys can’t be believed now".into(),
            };
        };
        let cells: Vec<_> = keys.coverage.iter().filter(|cell| cell.backup == label).collect();
        let Answer {
            status,
            versions,
            detail,
            ..
        } = Answer::of(&cells);
        let current = keys.versions.iter().find(|version| version.current);
        let current = current.map(|version| version.version.clone());
        match (status, current) {
            (CoverageStatus::Proven, Some(version)) if versions.contains(&version.as_str()) => {
                Self::Current { version }
            }
            (CoverageStatus::Proven, current) => Self::Other {
                version: versions.join(", "),
                current,
            },
            (CoverageStatus::Expected, _) => Self::Expected {
                versions: versions.into_iter().map(str::to_owned).collect(),
            },
            (CoverageStatus::Missing, _) => Self::Locked {
                opens: 0,
                of: 0,
                with_ampora: false,
            },
            _ => Self::Unknown { reason: detail.into() },
        }
    }

    #[must_use]
    pub const fn word(&self) -> Word {
        match self {
            Self::Current { .. } => Word::Ok,
            Self::Rotating => Word::Warning,
            Self::Expected { .. } => Word::Expected,
            Self::Other { .. } | Self::Several | Self::Locked { .. } => Word::Broken,
            Self::Unknown { .. } => Word::Unknown,
        }
    }

    /// Of one backup: it is as good as any that some version in the manager opens it, whichever that is.
    #[must_use]
    pub const fn word_of_backup(&self) -> Word {
        match self {
            Self::Current { .. } | Self::Other { .. } | Self::Several | Self::Rotating => Word::Proven,
            Self::Locked { .. } => Word::Missing,
            Self::Expected { .. } => Word::Expected,
            Self::Unknown { .. } => Word::Unknown,
        }
    }

    /// The end of the sentence on the Overview.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Current { .. } => "The key in the secret manager opens it.".into(),
            Self::Other { version, current } => format!(
                "But its secrets open with version {version} of the key, not with {}.",
                current_name(current.as_deref())
            ),
            Self::Several => "But it takes several keys to open its secrets: a rotation began and isn’t seen to go on.".into(),
            Self::Expected { versions } if versions.is_empty() => {
                "A copy of the key elsewhere should open its secrets; nobody has tried.".into()
            }
            Self::Expected { versions } => format!(
                "Version {} of the key should open its secrets; nobody has tried.",
                versions.join(" or ")
            ),
            Self::Rotating => "For now it takes several keys to open its secrets, and the secret manager has them all: a rotation is under way.".into(),
            Self::Locked { with_ampora: true, .. } => {
                "But its secrets would stay locked: the key in use is not in the secret manager.".into()
            }
            Self::Locked { opens: 0, .. } => {
                "But its secrets would stay locked: no key in the secret manager opens them.".into()
            }
            Self::Locked { opens, of, .. } => format!(
                "But {} of its {of} sampled secrets would stay locked: the secret manager lacks their key.",
                of - opens
            ),
            Self::Unknown { .. } => "Whether the key opens it is not known.".into(),
        }
    }

    /// A few words, for the answer strip and the cells of tables.
    #[must_use]
    pub fn short(&self) -> String {
        match self {
            Self::Current { version } => format!("version {version}, current"),
            Self::Other { version, .. } => format!("version {version}, not current"),
            Self::Several => "several keys".into(),
            Self::Rotating => "several keys, rotating".into(),
            Self::Expected { versions } if versions.is_empty() => "a copy elsewhere, expected".into(),
            Self::Expected { versions } => format!("version {}, expected", versions.join(" or ")),
            Self::Locked { opens, of, .. } if *of > 0 => format!("no, {opens} of {of} open"),
            Self::Locked { .. } => "not in the manager".into(),
            Self::Unknown { .. } => "unknown".into(),
        }
    }
}

fn current_name(current: Option<&str>) -> String {
    current.map_or_else(
        || "the current one: none is marked so".into(),
        |name| format!("the current version {name}"),
    )
}
