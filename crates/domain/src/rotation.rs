//! Keys over time: which one the manager handed out, which one Ampora ran with, which one opened the envelopes, and when these parted.
//! Everything is named by fingerprints; what nobody saw is unknown, and is never drawn on from what was seen before.

mod apart;
mod spans;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::drift::Verdict;
use crate::inventory::Keys;
use crate::key::Fingerprint;

pub use apart::{Apart, Began, Ended, partings};
pub use spans::{Span, spans};

/// One of the three places a key shows at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Lane {
    /// The current version of the secret manager.
    Manager,
    /// The key that the running Ampora was started with.
    InUse,
    /// What opens the envelopes of the live database.
    Envelopes,
}

/// What a look at one of them has shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Held {
    Key(Fingerprint),
    /// Envelopes of several keys at once. `strangers`: some open with none that can be reached.
    Several {
        keys: BTreeSet<Fingerprint>,
        strangers: bool,
    },
    /// Nothing that can be reached opens the envelopes.
    Nobodys,
    /// Looked at, and not learnt; or not looked at. With the reason.
    Unknown(String),
}

impl Lane {
    pub const ALL: [Self; 3] = [Self::Manager, Self::InUse, Self::Envelopes];

    /// Under which name it is kept over time.
    #[must_use]
    pub const fn fact(self) -> &'static str {
        match self {
            Self::Manager => "key-current",
            Self::InUse => "key-in-use",
            Self::Envelopes => "key-envelopes",
        }
    }

    /// What a proof has shown of it.
    #[must_use]
    pub fn seen_in(self, keys: &Keys) -> Held {
        match self {
            Self::Manager => current(keys),
            Self::InUse => in_use(keys),
            Self::Envelopes => envelopes(keys),
        }
    }
}

fn current(keys: &Keys) -> Held {
    let Some(version) = keys.versions.iter().find(|version| version.current) else {
        let why = if keys.versions.is_empty() {
            keys.detail.as_str()
        } else {
            "the manager marks no version as current"
        };
        return Held::Unknown(why.into());
    };
    let unread = || Held::Unknown(because(&[&version.state, &version.detail]));
    version.fingerprint.clone().map_or_else(unread, Held::Key)
}

fn in_use(keys: &Keys) -> Held {
    let Some(in_use) = &keys.in_use else {
        return Held::Unknown(because(&["not read", &keys.detail]));
    };
    let unread = || Held::Unknown(because(&["not read", &in_use.detail]));
    in_use.fingerprint.clone().map_or_else(unread, Held::Key)
}

/// The counts decide, not the verdict: which key opens the envelopes may be known although the manager's current one couldn't be read.
/// What is damaged is of no other key; the values that no envelope could be read from count as damaged too.
fn envelopes(keys: &Keys) -> Held {
    let seen = &keys.envelopes;
    let unopened = seen.sampled.saturating_sub(seen.opened);
    let strangers = unopened > seen.damaged.max(seen.unparsed);
    let openers = openers(keys);
    let most = openers
        .iter()
        .max_by_key(|(_, opens)| **opens)
        .map(|(key, _)| key.clone());
    match (keys.verdict, most) {
        (Verdict::Unknown, Some(key)) if openers.len() == 1 && !strangers => Held::Key(key),
        (Verdict::Unknown, _) => Held::Unknown(keys.detail.clone()),
        (_, None) => Held::Nobodys,
        (Verdict::Mixed, _) => Held::Several {
            keys: openers.into_keys().collect(),
            strangers,
        },
        (_, Some(key)) => Held::Key(key),
    }
}

/// Keys that opened some envelope, with how many.
fn openers(keys: &Keys) -> BTreeMap<Fingerprint, u32> {
    let versions = keys
        .versions
        .iter()
        .map(|version| (version.fingerprint.clone(), version.opens));
    let in_use = keys
        .in_use
        .iter()
        .map(|in_use| (in_use.fingerprint.clone(), in_use.opens));
    let previous = keys.in_use.iter().filter_map(|in_use| in_use.previous.as_ref());
    let previous = previous.map(|key| (Some(key.fingerprint.clone()), key.opens));
    let tried = versions.chain(in_use).chain(previous);
    tried
        .filter_map(|(key, opens)| Some((key?, opens.filter(|opens| *opens > 0)?)))
        .collect()
}

/// Several reasons as one, without those that say nothing.
fn because(parts: &[&str]) -> String {
    let said: Vec<_> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    said.join(": ")
}

/// Words before what a value lists, as it is kept.
const SEVERAL: &str = "mixed: ";
const UNKNOWN: &str = "unknown: ";
const NOBODYS: &str = "none";

/// The form in which it is kept over time, and read back by [`Held::read`].
impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(fingerprint) => fingerprint.fmt(f),
            Self::Several { keys, strangers } => {
                let mut names: Vec<_> = keys.iter().map(ToString::to_string).collect();
                names.extend(strangers.then(|| NOBODYS.to_owned()));
                write!(f, "{SEVERAL}{}", names.join(" "))
            }
            Self::Nobodys => f.write_str(NOBODYS),
            Self::Unknown(reason) => write!(f, "{UNKNOWN}{reason}"),
        }
    }
}

impl Held {
    /// Reads what was kept. What isn't understood is unknown.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if let Some(reason) = text.strip_prefix(UNKNOWN) {
            return Self::Unknown(reason.into());
        }
        if let Some(names) = text.strip_prefix(SEVERAL) {
            let (strangers, keys): (Vec<_>, Vec<_>) = names.split(' ').partition(|name| *name == NOBODYS);
            if keys.iter().all(|name| is_fingerprint(name)) {
                return Self::Several {
                    keys: keys
                        .into_iter()
                        .map(|name| Fingerprint::from(name.to_owned()))
                        .collect(),
                    strangers: !strangers.is_empty(),
                };
            }
        }
        match text {
            NOBODYS => Self::Nobodys,
            name if is_fingerprint(name) => Self::Key(Fingerprint::from(name.to_owned())),
            _ => Self::Unknown("what was written down isn’t understood".into()),
        }
    }

    /// All keys it names.
    pub fn keys(&self) -> impl Iterator<Item = &Fingerprint> {
        let (one, several) = match self {
            Self::Key(key) => (Some(key), None),
            Self::Several { keys, .. } => (None, Some(keys)),
            Self::Nobodys | Self::Unknown(_) => (None, None),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }
}

fn is_fingerprint(text: &str) -> bool {
    text == "weak" || (!text.is_empty() && text.bytes().all(|digit| digit.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests;
