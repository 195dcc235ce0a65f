//! What came of trying keys on envelopes.

use std::collections::BTreeMap;

use super::column::{Column, Counts, Unparsed};
use super::{Key, NonceReuse, Trial};
use crate::drift::{Damaged, Group, NAMED, Opened};
use crate::envelope::KeyIdRule;
use crate::inventory::{ColumnCount, Envelopes, KeyIdCount};
use crate::key::KeyId;

/// The counts of a proof.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tried {
    pub groups: Vec<Group>,
    pub unparsed: u64,
    /// Opened by at least one key.
    pub opened: u64,
    columns: BTreeMap<String, Counted>,
    /// For each key that was handed in, the one under whose index it counts.
    names: Vec<usize>,
    first_unparsed: Vec<Damaged>,
    /// Nonces that were compared, and those that were used twice.
    nonces: u64,
    reused: u64,
    reuse: Vec<NonceReuse>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Counted {
    rows: u64,
    sampled: u64,
    unparsed: u64,
}

/// How many rows a column has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnRows {
    /// `table.column`.
    pub column: String,
    /// Rows with a value.
    pub rows: u64,
    /// Rows of each key id, of a column that was counted by ids.
    pub by_id: BTreeMap<KeyId, u64>,
}

impl Tried {
    pub(super) fn of(trial: Trial) -> Self {
        let Trial {
            layout,
            keys,
            names,
            columns,
            nonces,
            ..
        } = trial;
        let (reused, reuse) = nonces.reused(&keys, &columns);
        let mut tried = Self {
            names: names.iter().map(|name| keys[*name].candidate).collect(),
            nonces: nonces.compared(),
            reused,
            reuse,
            ..Self::default()
        };
        let parsed: u64 = columns.iter().map(|column| column.sampled - column.unparsed).sum();
        // One envelope alone, in a layout without a byte that must be right, may be anything.
        let comparable = layout.key_ids() == KeyIdRule::Sha256First8 && (layout.has_scheme() || parsed > 1);
        for column in columns {
            tried.add(column, comparable, &keys);
        }
        tried.opened = tried.groups.iter().map(Group::opened).sum();
        tried
    }

    fn add(&mut self, column: Column, comparable: bool, keys: &[Key]) {
        let name = format!("{}.{}", column.table, column.column);
        self.unparsed += column.unparsed;
        let unparsed = column.first_unparsed.into_iter().map(|(value, why)| Damaged {
            value,
            what: why.words().into(),
        });
        let room = NAMED - self.first_unparsed.len();
        self.first_unparsed.extend(unparsed.take(room));
        let with_id = column
            .groups
            .into_iter()
            .map(|(id, counts)| (Some(KeyId(hex::encode(id))), counts));
        let others = column.nameless.into_iter().chain(column.beyond);
        for (key_id, counts) in with_id.chain(others.map(|counts| (None, counts))) {
            self.groups.push(group(&name, key_id, comparable, counts, keys));
        }
        let counted = Counted {
            rows: column.sampled,
            sampled: column.sampled,
            unparsed: column.unparsed,
        };
        self.columns.insert(name, counted);
    }

    /// Adds how many values each column has in all.
    #[must_use]
    pub fn with_rows(mut self, columns: impl IntoIterator<Item = ColumnRows>) -> Self {
        for column in columns {
            let counted = self.columns.entry(column.column.clone()).or_default();
            counted.rows = column.rows;
            let (is_whole, sampled) = (counted.sampled == column.rows, counted.sampled - counted.unparsed);
            for group in self.groups.iter_mut().filter(|group| group.column == column.column) {
                let by_id = group.key_id.as_ref().and_then(|id| column.by_id.get(id));
                group.counted = is_whole || by_id.is_some();
                group.rows = match by_id {
                    Some(rows) => *rows,
                    None if is_whole => group.sampled,
                    None => group.sampled.saturating_mul(column.rows) / sampled.max(1),
                };
            }
        }
        self
    }

    /// Envelopes that could be read as such.
    #[must_use]
    pub fn parsed(&self) -> u64 {
        self.groups.iter().map(|group| group.sampled).sum()
    }

    /// How many the key with this index opened.
    #[must_use]
    pub fn opened_by(&self, key: usize) -> u64 {
        let Some(name) = self.names.get(key) else { return 0 };
        let opened = self.groups.iter().flat_map(|group| &group.opened);
        opened
            .filter(|opened| opened.candidate == *name)
            .map(|opened| opened.count)
            .sum()
    }

    /// The counts as they are printed and kept. What follows from the verdict is added by [`Envelopes::judged`].
    #[must_use]
    pub fn document(&self) -> Envelopes {
        let mut ids: BTreeMap<Option<KeyId>, u64> = BTreeMap::new();
        for group in &self.groups {
            *ids.entry(group.key_id.clone()).or_default() += group.sampled;
        }
        let column = |(column, counted): (&String, &Counted)| ColumnCount {
            column: column.clone(),
            rows: clamp(counted.rows),
            sampled: clamp(counted.sampled),
            unparsed: clamp(counted.unparsed),
        };
        let key_id = |(key_id, count)| KeyIdCount {
            key_id,
            count: clamp(count),
        };
        Envelopes {
            sampled: clamp(self.parsed() + self.unparsed),
            opened: clamp(self.opened),
            unparsed: clamp(self.unparsed),
            key_ids: ids.into_iter().map(key_id).collect(),
            columns: self.columns.iter().map(column).collect(),
            damaged: clamp(self.unparsed),
            damage: self.first_unparsed.clone(),
            nonces_compared: clamp(self.nonces),
            nonces_reused: clamp(self.reused),
            nonce_reuse: self.reuse.clone(),
            ..Envelopes::default()
        }
    }
}

fn group(column: &str, key_id: Option<KeyId>, comparable: bool, counts: Counts, keys: &[Key]) -> Group {
    let opened = counts.opened.iter().zip(keys).filter(|(count, _)| **count > 0);
    let opened = opened.map(|(count, key)| Opened {
        candidate: key.candidate,
        key: key.fingerprint.clone(),
        count: *count,
    });
    Group {
        column: column.into(),
        key_id,
        comparable,
        sampled: counts.sampled,
        rows: counts.sampled,
        counted: true,
        opened: opened.collect(),
        first: counts.first,
        first_unopened: counts.first_unopened,
        misfits: counts.misfits,
    }
}

impl Unparsed {
    const fn words(self) -> &'static str {
        match self {
            Self::TooLarge => "is larger than any wrapped value, and wasn’t read",
            Self::OtherForm => "is no envelope of the configured layout",
        }
    }
}

/// Counts in documents are 32-bit; nobody has four billion envelopes in a sample.
fn clamp(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
