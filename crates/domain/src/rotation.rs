//! Keys over time: which one the manager handed out, which one Ampora ran with, which one opened the envelopes, and when these parted.
//! Everything is named by fingerprints; what nobody saw is unknown, and is never drawn on from what was seen before.

mod apart;
mod spans;

use std::collections::BTreeSet;
use std::fmt;

use crate::drift::Verdict;
use crate::inventory::{Envelopes, Keys};
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
fn envelopes(keys: &Keys) -> Held {
    let Envelopes {
        sampled,
        opened,
        unparsed,
        ..
    } = keys.envelopes;
    let all_open = sampled > unparsed && opened + unparsed >= sampled;
    let openers = openers(keys);
    match (keys.verdict, openers.len()) {
        (Verdict::Unknown, 1..) if all_open => {}
        (Verdict::Unknown, _) => return Held::Unknown(keys.detail.clone()),
        (_, 0) => return Held::Nobodys,
        _ => {}
    }
    match openers.first() {
        Some(one) if openers.len() == 1 && keys.verdict != Verdict::Mixed => Held::Key(one.clone()),
        _ => Held::Several {
            keys: openers,
            strangers: !all_open,
        },
    }
}

fn openers(keys: &Keys) -> BTreeSet<Fingerprint> {
    let versions = keys
        .versions
        .iter()
        .map(|version| (&version.fingerprint, version.opens));
    let in_use = keys.in_use.iter().map(|in_use| (&in_use.fingerprint, in_use.opens));
    let opening = versions
        .chain(in_use)
        .filter(|(_, opens)| opens.is_some_and(|opens| opens > 0));
    opening.filter_map(|(fingerprint, _)| fingerprint.clone()).collect()
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
            return Self::Several {
                keys: keys
                    .into_iter()
                    .map(|name| Fingerprint::from(name.to_owned()))
                    .collect(),
                strangers: !strangers.is_empty(),
            };
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
