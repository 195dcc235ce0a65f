//! Is the key in the secret manager the key in use? Proven by opening envelopes, never inferred from names. The procedure is fixed, and
//! every verdict comes with the counts that led to it (`docs/key-verdicts.md`).

mod damage;
mod keys;
mod layout;
mod shares;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::key::{Fingerprint, KeyId};
use crate::status::Status;

use damage::Damage;
pub(crate) use damage::NAMED;
pub use damage::{Damaged, ValueName};

pub use shares::{Movement, Shares};

/// What the envelopes of the live database say about the manager's current key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The manager's current version opens everything.
    InSync,
    /// The key in use is newer than the manager's current one, or the manager doesn't have it.
    ManagerBehind,
    /// The key in use is an older version of the manager's.
    ManagerAhead,
    /// Envelopes of several keys, at least one of them in use.
    Mixed,
    /// No key that can be reached opens anything.
    Foreign,
    /// Not proven either way.
    Unknown,
}

impl Verdict {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InSync => "in_sync",
            Self::ManagerBehind => "manager_behind",
            Self::ManagerAhead => "manager_ahead",
            Self::Mixed => "mixed",
            Self::Foreign => "foreign",
            Self::Unknown => "unknown",
        }
    }
}

/// A key that was tried on the envelopes, or would have been.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Candidate {
    /// A version that may well be the key and whose value can't be read now. What is destroyed for good is no candidate.
    Unread { order: u32, current: bool },
    /// `PreviousMasterKey` of the running Ampora, where it is none of the manager's versions.
    Previous,
    /// A version of the secret manager, by its place in the order of creation (0 is the oldest).
    Version { order: u32, current: bool },
    /// The key that the running Ampora was started with, where it is none of the manager's versions.
    InUse,
}

/// Envelopes that belong together: of one column and one key id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    pub column: String,
    pub key_id: Option<KeyId>,
    /// Whether the id tells which key it is of, if that is at hand.
    pub comparable: bool,
    pub sampled: u64,
    /// How many rows of the column have this id; of a column that wasn't counted by ids, what the sample lets expect.
    pub rows: u64,
    /// Whether `rows` was counted.
    pub counted: bool,
    /// What each key opened. An envelope is opened by one key only; keys that opened none are left out.
    pub opened: Vec<Opened>,
    /// The first few values, and the first few that nothing opened.
    pub first: Vec<ValueName>,
    pub first_unopened: Vec<ValueName>,
    /// How many of those that nothing opened look as if the layout were another.
    pub misfits: u64,
}

/// How many envelopes of a group a key opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// By its index in [`Evidence::candidates`].
    pub candidate: usize,
    pub key: Fingerprint,
    pub count: u64,
}

impl Group {
    pub(crate) fn opened(&self) -> u64 {
        self.opened.iter().map(|opened| opened.count).sum()
    }

    pub(crate) fn unopened(&self) -> u64 {
        self.sampled.saturating_sub(self.opened())
    }
}

/// All that the verdict is drawn from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    pub candidates: Vec<Candidate>,
    /// Ids of the keys that were tried.
    pub known_ids: BTreeSet<KeyId>,
    pub groups: Vec<Group>,
    pub unparsed: u64,
    /// The layout opened an envelope of this deployment at some time.
    pub layout_proven: bool,
    /// The manager's current version opened this deployment's envelopes before.
    pub current_opened_before: bool,
}

/// The verdict with its reason in words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub verdict: Verdict,
    pub status: Status,
    pub detail: String,
    /// Envelopes set aside as damaged: what their key is, is known, so the bytes must be spoilt.
    pub damaged: u64,
    /// The first few of them by name.
    pub damage: Vec<Damaged>,
    /// How much of the envelopes is of which key. `None`: nothing was proven.
    pub shares: Option<Shares>,
    /// Whether a rotation goes on. Only [`Finding::after`] can tell.
    pub movement: Option<Movement>,
    /// Every key that envelopes stand for is a version of the manager.
    by_manager: bool,
}

impl Finding {
    fn new(verdict: Verdict, status: Status, detail: String) -> Self {
        Self {
            verdict,
            status,
            detail,
            damaged: 0,
            damage: Vec::new(),
            shares: None,
            movement: None,
            by_manager: false,
        }
    }

    fn unknown(detail: impl Into<String>) -> Self {
        Self::new(Verdict::Unknown, Status::Unknown, detail.into())
    }

    fn broken(verdict: Verdict, detail: String) -> Self {
        Self::new(verdict, Status::Broken, detail)
    }
}

/// A key that envelopes stand for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Key<'a> {
    Held(usize),
    /// Nobody has it.
    Stranger(Option<&'a KeyId>),
}

/// Decides. The order of the questions is the rule.
#[must_use]
pub fn judge(evidence: &Evidence) -> Finding {
    if let Err(reason) = enough(evidence) {
        return Finding::unknown(reason);
    }
    let opened: u64 = evidence.groups.iter().map(Group::opened).sum();
    if !evidence.layout_proven && opened == 0 {
        return layout::unproven(evidence);
    }
    let damage = match damage::set_aside(evidence) {
        Ok(damage) => damage,
        Err(reason) => return Finding::unknown(reason),
    };
    let keys = damage.keys(evidence);
    let mut finding = match keys.as_slice() {
        [] => return Finding::unknown("every envelope that was read is damaged"),
        [one] => keys::single(evidence, *one, &damage),
        several => keys::mixed(evidence, several, &damage),
    };
    if finding.verdict != Verdict::Unknown {
        finding.shares = shares::shares(evidence, &keys, &damage);
    }
    finding.damaged = damage.count();
    finding.detail.push_str(&damage.said(evidence.unparsed));
    finding.damage = damage.named;
    finding
}

impl Evidence {
    fn parsed(&self) -> u64 {
        self.groups.iter().map(|group| group.sampled).sum()
    }

    /// The manager's current version, by its place in the order of creation, and whether it was read.
    fn current(&self) -> Option<(u32, bool)> {
        self.candidates.iter().find_map(|candidate| match candidate {
            Candidate::Version { order, current: true } => Some((*order, true)),
            Candidate::Unread { order, current: true } => Some((*order, false)),
            _ => None,
        })
    }

    fn tried(&self) -> usize {
        let unread = |candidate: &&Candidate| matches!(candidate, Candidate::Unread { .. });
        self.candidates.len() - self.candidates.iter().filter(unread).count()
    }
}

/// Whether there is anything to judge by.
fn enough(evidence: &Evidence) -> Result<(), String> {
    let parsed = evidence.parsed();
    let all = parsed + evidence.unparsed;
    if all == 0 {
        return Err("no envelope was found: nothing to prove a key on".into());
    }
    if parsed == 0 {
        return Err(format!("none of {all} values could be read as an envelope"));
    }
    if evidence.unparsed * 100 > all {
        return Err(format!(
            "{} of {all} values could not be read as envelopes",
            evidence.unparsed
        ));
    }
    if evidence.tried() == 0 {
        return Err(format!("no key could be read to try on {parsed} envelopes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
