//! Who has had a key in hand, and whether it was rotated since. A key that a person has seen is a key to be rotated; only a proof can say
//! that it was.

use std::collections::BTreeSet;

use crate::inventory::Keys;
use crate::key::Fingerprint;
use crate::plan::Delivery;
use crate::time::Timestamp;

/// One key that an agreed request took out of its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exposure {
    /// Number of the request.
    pub request: i64,
    pub fingerprint: Fingerprint,
    pub at: Timestamp,
    /// Who asked for it.
    pub who: String,
    pub how: Left,
    /// False: it may have left, and nobody knows.
    pub certain: bool,
    pub rotated: Rotated,
}

/// Where a key went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Left {
    /// To whoever asked for it, or into a place that they named.
    Retrieved {
        /// What the manager called it.
        version: String,
        delivery: Delivery,
    },
    /// From where Ampora has it into the secret manager, whose name this is.
    CaughtUp { manager: String },
}

impl Exposure {
    /// What happened to the key, as the end of a sentence about it: `was handed, sealed, to alice`.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { who, certain, .. } = self;
        let did = |sure: &str, perhaps: &str| {
            if *certain {
                sure.to_owned()
            } else {
                format!("may have been {perhaps}")
            }
        };
        match &self.how {
            Left::CaughtUp { manager } => format!("{} {manager} for {who}", did("was written into", "written into")),
            Left::Retrieved { delivery, .. } => match delivery {
                Delivery::ShownOnce => format!("{} {who}", did("was seen by", "seen by")),
                Delivery::Sealed { .. } => format!("{} {who}", did("was handed, sealed, to", "handed, sealed, to")),
                Delivery::Split { .. } => {
                    let handed = did(
                        "was handed, as two sealed shares, to",
                        "handed, as two sealed shares, to",
                    );
                    format!("{handed} {who}")
                }
                Delivery::Placed(place) => {
                    format!("{} {} for {who}", did("was put into", "put into"), place.manager)
                }
            },
        }
    }
}

/// When a key opened envelopes of the live database, as far as it was ever looked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opening {
    pub fingerprint: Fingerprint,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

/// Whether an exposed key is still the one in use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rotated {
    /// A later proof found envelopes of other keys only. `since`: from when on, as far as proofs tell.
    Yes {
        since: Timestamp,
    },
    /// It still opens live envelopes, or the running Ampora has it.
    StillInUse,
    Unknown {
        why: String,
    },
}

/// Judges by the latest proof that may be believed, with its time.
#[must_use]
pub fn rotated(
    fingerprint: &Fingerprint,
    exposed_at: Timestamp,
    openings: &[Opening],
    proof: Result<(&Keys, Timestamp), String>,
) -> Rotated {
    let unknown = |why: &str| Rotated::Unknown { why: why.into() };
    if *fingerprint == Fingerprint::Unread {
        return unknown("which key it was isn’t known: its value was read for this retrieval alone");
    }
    let (keys, at) = match proof {
        Ok(proof) => proof,
        Err(why) => return Rotated::Unknown { why },
    };
    if in_use(keys, fingerprint) {
        return Rotated::StillInUse;
    }
    if at <= exposed_at {
        return unknown("no proof was made since then");
    }
    let parsed = keys.envelopes.sampled.saturating_sub(keys.envelopes.unparsed);
    if parsed == 0 || keys.envelopes.opened == 0 {
        return unknown("the latest proof opened no envelope");
    }
    if !tried(keys, fingerprint) && keys.envelopes.opened < parsed {
        return unknown("it is no version of the manager any more, and some envelopes open with nothing else");
    }
    let openers = openers(keys);
    let others = openings.iter().filter(|opening| openers.contains(&opening.fingerprint));
    let own = openings.iter().find(|opening| opening.fingerprint == *fingerprint);
    let since = others.map(|opening| opening.first_at).min().unwrap_or(at);
    Rotated::Yes {
        since: own.map_or(since, |own| since.max(own.last_at)),
    }
}

fn in_use(keys: &Keys, fingerprint: &Fingerprint) -> bool {
    let running = keys.in_use.as_ref().and_then(|in_use| in_use.fingerprint.as_ref());
    running == Some(fingerprint) || openers(keys).contains(fingerprint)
}

/// Keys that opened at least one envelope.
fn openers(keys: &Keys) -> BTreeSet<Fingerprint> {
    let versions = keys
        .versions
        .iter()
        .map(|version| (&version.fingerprint, version.opens));
    let in_use = keys.in_use.iter().map(|in_use| (&in_use.fingerprint, in_use.opens));
    let opened = versions
        .chain(in_use)
        .filter(|(_, opens)| opens.is_some_and(|opens| opens > 0));
    opened.filter_map(|(fingerprint, _)| fingerprint.clone()).collect()
}

/// Whether the proof had this key at hand.
fn tried(keys: &Keys, fingerprint: &Fingerprint) -> bool {
    let same = |version: &crate::inventory::KeyVersion| version.fingerprint.as_ref() == Some(fingerprint);
    keys.versions
        .iter()
        .any(|version| same(version) && version.opens.is_some())
}

#[cfg(test)]
mod tests;
