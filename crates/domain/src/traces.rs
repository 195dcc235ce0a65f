//! What Ampora's database held at earlier looks and must neither lose nor revive: audit events hour by hour, revocations, redeemed tokens,
//! removed peers. A rewind shows here even after the database has gone on. Identities are kept, not only numbers: a number can't be
//! revoked again.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::ids::Big;
use crate::time::Timestamp;
use crate::vitals::{Hour, Sign, Why};

/// Hours that are looked back on.
pub const HOURS: i64 = 14 * 24;
/// Most identities of one kind; a table with more is not remembered, and says so.
pub const MOST: usize = 5_000;

/// Something that a rewind could bring back to life.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Identity {
    pub id: String,
    /// What people know it by, such as a serial number.
    pub name: String,
    /// When it was revoked or withdrawn, where the database tells.
    #[serde(default)]
    pub ended: Option<Timestamp>,
    /// It is of no use from then on.
    pub until: Option<Timestamp>,
}

/// One look.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Look {
    /// The database's clock.
    pub at: Timestamp,
    pub tenants: Sign<u64>,
    pub hours: Sign<Vec<Hour>>,
    /// The oldest event of the whole log.
    pub oldest_event: Sign<Option<Timestamp>>,
    /// Certificates that are revoked.
    pub revoked: Sign<Vec<Identity>>,
    /// Tokens that can be redeemed.
    pub tokens: Sign<Vec<Identity>>,
    pub peers: Sign<Vec<Identity>>,
    /// Access tokens that open the API.
    pub access_tokens: Sign<Vec<Identity>>,
    /// Agents that report and have no effective configuration.
    pub without_config: Sign<u64>,
}

/// Audit events of one hour that were seen and are gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LostHour {
    pub hour: Timestamp,
    pub had: u64,
    pub has: u64,
    /// The first look that saw most of them; `None`: an earlier version of Muster saw them.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// The last look that did.
    pub seen_at: Timestamp,
}

/// The most events that were ever seen of an hour, and from when to when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Most {
    events: u64,
    #[serde(default)]
    since: Option<Timestamp>,
    at: Timestamp,
}

/// One identity with the looks that saw it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Life {
    #[serde(flatten)]
    pub identity: Identity,
    #[serde(default)]
    pub first_seen: Option<Timestamp>,
    /// The last look that saw it alive, once it isn't any more.
    #[serde(default)]
    pub last_seen: Option<Timestamp>,
    /// The first look that missed it.
    #[serde(default)]
    pub missed: Option<Timestamp>,
}

/// What earlier looks saw of one kind of identity.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Lives {
    alive: BTreeMap<String, Life>,
    ended: BTreeMap<String, Life>,
    /// The newest look.
    #[serde(default)]
    at: Option<Timestamp>,
}

/// What was seen so far, and what of it the newest look contradicts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Traces {
    /// The first look that is remembered; `None`: there was none.
    pub since: Option<Timestamp>,
    /// The newest look.
    pub at: Option<Timestamp>,
    hours: BTreeMap<Timestamp, Most>,
    oldest_event: Option<Timestamp>,
    revoked: BTreeMap<String, Identity>,
    tokens: Lives,
    peers: Lives,
    access_tokens: Lives,
    pub lost_hours: Sign<Vec<LostHour>>,
    /// Oldest event that was ever seen, and the oldest now, where that is later.
    pub shortened: Sign<Option<(Timestamp, Option<Timestamp>)>>,
    /// Certificates that were revoked and aren't any more.
    pub unrevoked: Sign<Vec<Identity>>,
    /// Tokens that were gone and are back.
    pub revived_tokens: Sign<Vec<Identity>>,
    pub revived_peers: Sign<Vec<Identity>>,
    /// Since when agents report without an effective configuration.
    pub without_config_since: Sign<Option<Timestamp>>,
}

impl Traces {
    /// Takes in a look. What it couldn't read is remembered as it was, and unknown now.
    #[must_use]
    pub fn after(mut self, look: &Look) -> Self {
        if look.tenants == Sign::Known(0) {
            return self.blind(look.at);
        }
        self.lost_hours = follow(&look.hours, |hours| self.take_hours(hours, look.at));
        self.shortened = follow(&look.oldest_event, |oldest| self.take_oldest(*oldest));
        self.unrevoked = follow(&look.revoked, |revoked| self.take_revoked(revoked, look.at));
        self.revived_tokens = follow(&look.tokens, |alive| self.tokens.take(alive, look.at));
        self.revived_peers = follow(&look.peers, |alive| self.peers.take(alive, look.at));
        if let Ok(alive) = look.access_tokens.known() {
            self.access_tokens.take(alive, look.at);
        }
        let since = self.without_config_since.known().ok().copied().flatten();
        self.without_config_since = follow(&look.without_config, |agents| {
            (*agents > 0).then(|| since.unwrap_or(look.at))
        });
        self.since = self.since.or(Some(look.at));
        self.at = Some(look.at);
        self
    }

    /// An empty database is another one, not this one with everything ended: nothing is learnt from it.
    fn blind(mut self, at: Timestamp) -> Self {
        fn empty<T>() -> Sign<T> {
            Sign::unknown(Why::Odd, "the database is empty, so nothing in it can be compared")
        }
        self.lost_hours = empty();
        self.shortened = empty();
        self.unrevoked = empty();
        self.revived_tokens = empty();
        self.revived_peers = empty();
        self.without_config_since = empty();
        self.since = self.since.or(Some(at));
        self.at = Some(at);
        self
    }

    /// Whether there is anything to compare with.
    #[must_use]
    pub fn compares(&self) -> bool {
        self.since < self.at
    }

    /// The most audit events that were ever seen of each hour, oldest first.
    #[must_use]
    pub fn most(&self) -> Vec<Hour> {
        let hour = |(hour, most): (&Timestamp, &Most)| Hour {
            hour: *hour,
            events: Big(most.events),
        };
        self.hours.iter().map(hour).collect()
    }

    /// Certificates that are known to be revoked and haven't expired.
    pub fn revoked(&self) -> impl Iterator<Item = &Identity> {
        self.revoked.values()
    }

    /// Tokens that are gone before their time.
    pub fn ended_tokens(&self) -> impl Iterator<Item = &Life> {
        self.tokens.ended.values()
    }

    pub fn ended_peers(&self) -> impl Iterator<Item = &Life> {
        self.peers.ended.values()
    }

    pub fn ended_access_tokens(&self) -> impl Iterator<Item = &Life> {
        self.access_tokens.ended.values()
    }

    fn take_hours(&mut self, hours: &[Hour], at: Timestamp) -> Vec<LostHour> {
        let horizon = at - TimeDelta::hours(HOURS);
        self.hours.retain(|hour, _| *hour >= horizon);
        let mut lost = Vec::new();
        for hour in hours.iter().filter(|hour| hour.hour >= horizon) {
            let has = hour.events.0;
            match self.hours.get(&hour.hour) {
                Some(most) if most.events > has => lost.push(LostHour {
                    hour: hour.hour,
                    had: most.events,
                    has,
                    since: most.since,
                    seen_at: most.at,
                }),
                most => {
                    let same = most.filter(|most| most.events == has);
                    let since = same.map_or(Some(at), |most| most.since);
                    self.hours.insert(hour.hour, Most { events: has, since, at });
                }
            }
        }
        lost
    }

    fn take_oldest(&mut self, oldest: Option<Timestamp>) -> Option<(Timestamp, Option<Timestamp>)> {
        let before = self.oldest_event;
        self.oldest_event = [before, oldest].into_iter().flatten().min();
        let before = before?;
        oldest.is_none_or(|oldest| oldest > before).then_some((before, oldest))
    }

    fn take_revoked(&mut self, revoked: &[Identity], at: Timestamp) -> Vec<Identity> {
        self.revoked.retain(|_, identity| identity.is_of_use(at));
        let now: BTreeMap<_, _> = revoked
            .iter()
            .map(|identity| (identity.id.as_str(), identity))
            .collect();
        let missing = self
            .revoked
            .values()
            .filter(|identity| !now.contains_key(identity.id.as_str()));
        let missing = missing.cloned().collect();
        for identity in revoked.iter().filter(|identity| identity.is_of_use(at)) {
            self.revoked.insert(identity.id.clone(), identity.clone());
        }
        missing
    }
}

impl Lives {
    fn take(&mut self, alive: &[Identity], at: Timestamp) -> Vec<Identity> {
        let seen = |identity: &Identity| {
            let first_seen = self.alive.get(&identity.id).and_then(|life| life.first_seen);
            let life = Life {
                identity: identity.clone(),
                first_seen: first_seen.or(Some(at)),
                last_seen: None,
                missed: None,
            };
            (identity.id.clone(), life)
        };
        let now: BTreeMap<_, _> = alive.iter().map(seen).collect();
        let gone = self.alive.iter().filter(|(id, _)| !now.contains_key(*id));
        let gone = gone.map(|(id, life)| {
            let life = Life {
                last_seen: self.at,
                missed: Some(at),
                ..life.clone()
            };
            (id.clone(), life)
        });
        self.ended.extend(gone.collect::<Vec<_>>());
        self.ended.retain(|_, life| life.identity.is_of_use(at));
        while self.ended.len() > MOST {
            self.ended.pop_first();
        }
        let revived = now.values().filter(|life| self.ended.contains_key(&life.identity.id));
        let revived = revived.map(|life| life.identity.clone()).collect();
        (self.alive, self.at) = (now, Some(at));
        revived
    }
}

impl Identity {
    fn is_of_use(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| until > at)
    }
}

/// What follows from a sign that is known.
fn follow<T, U>(sign: &Sign<T>, with: impl FnOnce(&T) -> U) -> Sign<U> {
    match sign {
        Sign::Known(value) => Sign::Known(with(value)),
        Sign::Unknown { why, reason } => Sign::unknown(*why, reason.clone()),
    }
}

#[cfg(test)]
mod tests;
