//! Envelopes whose key is known and that are spoilt all the same. A failure of AES-GCM alone can't tell a wrong key from a flipped bit;
//! their neighbours can.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Evidence, Group, Key};
use crate::key::{Fingerprint, KeyId};

/// Values that are named at most.
pub(crate) const NAMED: usize = 5;

/// A value by its place, never by its bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct ValueName {
    pub table: String,
    pub column: String,
    /// The row's key, cut short if it is long.
    pub id: String,
}

/// A spoilt value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Damaged {
    #[serde(flatten)]
    pub value: ValueName,
    /// What is wrong with it, in words.
    pub what: String,
}

/// What was set aside.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Damage {
    /// Envelopes that don't open although their key is at hand.
    pub unopened: u64,
    /// Envelopes that open with another key than the one that their id names.
    pub mislabelled: u64,
    pub named: Vec<Damaged>,
    /// Indexes of the groups whose unopened envelopes are damage.
    groups: BTreeSet<usize>,
}

/// Which envelopes are damaged. `Err`: too many to be damage.
pub(super) fn set_aside(evidence: &Evidence) -> Result<Damage, String> {
    let total = evidence.parsed();
    let bearable = (total / 1000).max(3);
    let mut damage = Damage::default();
    let opening: BTreeSet<&KeyId> = evidence
        .groups
        .iter()
        .filter(|group| group.opened() > 0)
        .filter_map(|group| group.key_id.as_ref())
        .collect();
    for (index, group) in evidence.groups.iter().enumerate() {
        let is_known = match &group.key_id {
            Some(id) => opening.contains(id) || evidence.known_ids.contains(id),
            None => group.opened() * 100 >= group.sampled * 99,
        };
        if is_known && group.unopened() > 0 {
            damage.unopened += group.unopened();
            damage.groups.insert(index);
            damage.name(&group.first_unopened, "doesn’t open, though its key is at hand");
        }
    }
    if damage.unopened > bearable {
        return Err(format!(
            "{} of {total} envelopes don’t open although their key is at hand: more than damage explains",
            damage.unopened
        ));
    }
    let mislabelled = mislabelled(evidence);
    let count = mislabelled.iter().map(|group| group.sampled).sum();
    // Where it is common, ids simply aren't what the layout takes them for.
    if count <= bearable {
        damage.mislabelled = count;
        for group in mislabelled {
            damage.name(&group.first, "opens, but its key id is of no key");
        }
    }
    Ok(damage)
}

/// Groups that one key opens and whose id isn't the usual one of that key's envelopes, nor that of any key.
fn mislabelled(evidence: &Evidence) -> Vec<&Group> {
    let mut ids: BTreeMap<&Fingerprint, BTreeMap<&KeyId, u64>> = BTreeMap::new();
    for group in &evidence.groups {
        for opened in &group.opened {
            if let Some(id) = &group.key_id {
                *ids.entry(&opened.key).or_default().entry(id).or_default() += opened.count;
            }
        }
    }
    let is_mislabelled = |group: &&Group| {
        let ([opened], Some(id)) = (group.opened.as_slice(), &group.key_id) else {
            return false;
        };
        let usual = ids[&opened.key].iter().max_by_key(|(_, count)| **count);
        let is_usual = usual.is_some_and(|(usual, _)| *usual == id);
        !is_usual && group.unopened() == 0 && !evidence.known_ids.contains(id)
    };
    evidence.groups.iter().filter(is_mislabelled).collect()
}

impl Damage {
    /// Values that are damaged in one way or another.
    pub(super) const fn count(&self) -> u64 {
        self.unopened + self.mislabelled
    }

    fn name(&mut self, values: &[ValueName], what: &str) {
        let room = NAMED - self.named.len().min(NAMED);
        let damaged = |value: &ValueName| Damaged {
            value: value.clone(),
            what: what.into(),
        };
        self.named.extend(values.iter().take(room).map(damaged));
    }

    /// The keys that the envelopes stand for when damage is left out.
    pub(super) fn keys<'a>(&self, evidence: &'a Evidence) -> Vec<Key<'a>> {
        let openers: BTreeSet<usize> = evidence
            .groups
            .iter()
            .flat_map(|group| group.opened.iter().map(|opened| opened.candidate))
            .collect();
        let strangers: BTreeSet<Option<&KeyId>> = self.strange(evidence).map(|group| group.key_id.as_ref()).collect();
        let held = openers.into_iter().map(Key::Held);
        held.chain(strangers.into_iter().map(Key::Stranger)).collect()
    }

    /// Groups with envelopes of a key that nobody has.
    pub(super) fn strange<'a>(&self, evidence: &'a Evidence) -> impl Iterator<Item = &'a Group> {
        let stranger = |(index, group): &(usize, &Group)| group.unopened() > 0 && !self.groups.contains(index);
        evidence
            .groups
            .iter()
            .enumerate()
            .filter(stranger)
            .map(|(_, group)| group)
    }

    /// The end of a sentence about the verdict.
    pub(super) fn said(&self, unparsed: u64) -> String {
        let mut text = String::new();
        if self.count() > 0 {
            let names: Vec<_> = self.named.iter().map(|damaged| damaged.value.to_string()).collect();
            text.push_str(&format!("; {} damaged ({})", self.count(), names.join(", ")));
        }
        if unparsed > 0 {
            let values = if unparsed == 1 {
                "value more is no envelope"
            } else {
                "values more are no envelopes"
            };
            text.push_str(&format!("; {unparsed} {values}"));
        }
        text
    }
}

impl fmt::Display for ValueName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of {}", self.table, self.column, self.id)
    }
}
