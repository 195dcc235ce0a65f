//! How much of the envelopes is of which key, and whether a rotation goes on: the newest key's share grows from proof to proof, or not.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Candidate, Damage, Evidence, Finding, Group, Key, Verdict};
use crate::status::Status;
use crate::time::{Timestamp, clock};

/// A rotation counts as moving for this long after it was last seen to.
const MOVING_FOR: TimeDelta = TimeDelta::hours(1);
/// A whole, in the unit of shares.
const WHOLE: u32 = 1_000_000;
/// Keys whose shares are kept.
const KEPT: usize = 16;

/// What part of the envelopes is of which key, in millionths, as a proof has seen it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shares {
    /// The key that came last, by its key id; by its fingerprint where envelopes tell no id.
    pub newest: String,
    /// Shares by the same names. Only the largest are kept.
    pub of: BTreeMap<String, u32>,
    /// How far a share may be off, since it was estimated from a sample. 0: every row was counted.
    pub margin: u32,
    /// When the proof was made.
    pub at: Option<Timestamp>,
    /// When the newest key's share was last seen to have grown.
    pub grew_at: Option<Timestamp>,
}

/// Whether a rotation goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    Moving,
    Stuck,
}

impl Shares {
    /// Of one key, in millionths.
    #[must_use]
    pub fn of(&self, key: &str) -> u32 {
        self.of.get(key).copied().unwrap_or(0)
    }

    /// Whether its newest key has more than it had then, beyond what sampling explains.
    fn exceeds(&self, before: &Self) -> bool {
        self.of(&self.newest) > before.of(&self.newest) + before.margin + self.margin
    }
}

impl Finding {
    /// Sees the finding beside the proof before it, whose shares were kept: what is mixed is moving or stuck, and a rotation that moves
    /// and whose keys the manager has all is no fault. Without an earlier proof nothing is known to move.
    #[must_use]
    pub fn after(mut self, before: Option<&Shares>, at: Timestamp) -> Self {
        let Some(mut now) = self.shares.take() else {
            self.shares = before.cloned();
            return self;
        };
        let same = before.filter(|before| before.newest == now.newest);
        now.at = Some(at);
        now.grew_at = match before {
            Some(before) if now.exceeds(before) => Some(at),
            _ => same.and_then(|before| before.grew_at),
        };
        if self.verdict == Verdict::Mixed {
            let moves = now.grew_at.is_some_and(|grew_at| at - grew_at <= MOVING_FOR);
            self.movement = Some(if moves { Movement::Moving } else { Movement::Stuck });
            self.detail.push_str(&said(&now, before, at, moves));
            if moves && self.by_manager {
                self.status = Status::Ok;
            }
        }
        self.shares = Some(now);
        self
    }
}

fn said(now: &Shares, before: Option<&Shares>, at: Timestamp, moves: bool) -> String {
    let share = percent(now.of(&now.newest));
    let then = before.and_then(|before| Some((percent(before.of(&now.newest)), clock(before.at?, at))));
    match (moves, then) {
        (true, Some((was, when))) => {
            format!("; a rotation is under way: the newest key has {share} of them, at {when} it had {was}")
        }
        (true, None) => format!("; a rotation is under way: the newest key has {share} of them"),
        (false, Some((was, when))) => {
            format!("; the rotation is stuck: the newest key has {share} of them, at {when} it had {was}")
        }
        (false, None) => format!("; the newest key has {share} of them, and no earlier proof shows that it had less"),
    }
}

/// `44.2 %`.
fn percent(share: u32) -> String {
    format!("{}.{} %", share / 10_000, share / 1_000 % 10)
}

/// The shares of these keys, without a time.
pub(super) fn shares(evidence: &Evidence, keys: &[Key<'_>], damage: &Damage) -> Option<Shares> {
    let newest = keys.iter().max_by_key(|key| rank(evidence, key))?;
    let mut rows: BTreeMap<String, f64> = BTreeMap::new();
    for key in keys {
        *rows.entry(name(evidence, *key)).or_default() += rows_of(evidence, *key, damage);
    }
    let all: f64 = rows.values().sum();
    let mut of: Vec<_> = rows
        .into_iter()
        .map(|(name, rows)| (name, (rows / all * f64::from(WHOLE)) as u32))
        .collect();
    of.sort_by_key(|(_, share)| std::cmp::Reverse(*share));
    of.truncate(KEPT);
    let of: BTreeMap<_, _> = of.into_iter().collect();
    let newest = name(evidence, *newest);
    let margin = margin(evidence, of.get(&newest).copied().unwrap_or(0));
    Some(Shares {
        newest,
        of,
        margin,
        at: None,
        grew_at: None,
    })
}

/// Which key is newer: Ampora writes with the one it runs with; one that nobody has was made after the manager's; versions by their order.
fn rank(evidence: &Evidence, key: &Key<'_>) -> (u8, u32) {
    match key {
        Key::Stranger(_) => (2, 0),
        Key::Held(index) => match evidence.candidates[*index] {
            Candidate::Unread { .. } | Candidate::Previous => (0, 0),
            Candidate::Version { order, .. } => (1, order),
            Candidate::InUse => (3, 0),
        },
    }
}

/// The id that most of its envelopes have, so that a key is called the same whether or not it can be read just now.
fn name(evidence: &Evidence, key: Key<'_>) -> String {
    let index = match key {
        Key::Stranger(Some(id)) => return id.0.clone(),
        Key::Stranger(None) => return "unknown".into(),
        Key::Held(index) => index,
    };
    let of_key = |group: &Group| group.opened.iter().find(|opened| opened.candidate == index).cloned();
    let opened = evidence.groups.iter().filter_map(|group| Some((group, of_key(group)?)));
    let most = opened.max_by_key(|(_, opened)| opened.count);
    most.map_or_else(String::new, |(group, opened)| {
        group
            .key_id
            .as_ref()
            .map_or_else(|| opened.key.to_string(), |id| id.0.clone())
    })
}

/// How many rows are of the key, by the part of each group that it is.
fn rows_of(evidence: &Evidence, key: Key<'_>, damage: &Damage) -> f64 {
    let part = |group: &Group, count: u64| group.rows as f64 * count as f64 / group.sampled.max(1) as f64;
    match key {
        Key::Held(index) => {
            let of_group = |group: &Group| {
                let opened = group.opened.iter().find(|opened| opened.candidate == index);
                opened.map_or(0.0, |opened| part(group, opened.count))
            };
            evidence.groups.iter().map(of_group).sum()
        }
        Key::Stranger(id) => {
            let strange = damage.strange(evidence).filter(|group| group.key_id.as_ref() == id);
            strange.map(|group| part(group, group.unopened())).sum()
        }
    }
}

/// Three standard deviations of a share that was estimated from a sample, and of a share of nothing what three in all would be.
fn margin(evidence: &Evidence, share: u32) -> u32 {
    let estimated = evidence.groups.iter().filter(|group| !group.counted);
    let sampled: u64 = estimated.map(|group| group.sampled).sum();
    if sampled == 0 {
        return 0;
    }
    let (share, sampled) = (f64::from(share) / f64::from(WHOLE), sampled as f64);
    let margin = 3.0 * (share * (1.0 - share) / sampled).sqrt() + 3.0 / sampled;
    (margin.min(1.0) * f64::from(WHOLE)) as u32
}
