//! Trying keys on envelopes.

use std::collections::BTreeMap;

use adapters::dumps::Wrapped;
use domain::drift::Group;
use domain::envelope::{Layout, Place};
use domain::inventory::{ColumnCount, Envelopes, KeyIdCount};
use domain::key::{KeyId, MasterKey};

use super::KeyRing;
use super::ring::clamp;

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    pub groups: Vec<Group>,
    pub unparsed: u64,
    /// Opened by at least one key.
    pub opened: u64,
    columns: BTreeMap<String, ColumnTally>,
}

#[derive(Clone, Copy, Debug, Default)]
struct ColumnTally {
    rows: u64,
    sampled: u64,
    unparsed: u64,
}

/// Tries every key on every value, on a thread of its own: thousands of decryptions would hold up everything else.
pub async fn try_all(layout: &Layout, ring: &KeyRing, values: Vec<Wrapped>) -> Tried {
    let layout = layout.clone();
    let keys: Vec<MasterKey> = ring.held.iter().map(|held| held.key.clone()).collect();
    let work = tokio::task::spawn_blocking(move || {
        let mut tried = Tried::default();
        for value in &values {
            tried.take(&layout, &keys, value);
        }
        tried
    });
    work.await.expect("decryption doesn’t panic")
}

impl Tried {
    fn take(&mut self, layout: &Layout, keys: &[MasterKey], value: &Wrapped) {
        let column = format!("{}.{}", value.table, value.column);
        let tally = self.columns.entry(column.clone()).or_default();
        tally.sampled += 1;
        let Some(envelope) = layout.parse(&value.stored) else {
            tally.unparsed += 1;
            self.unparsed += 1;
            return;
        };
        let place = Place {
            table: &value.table,
            column: &value.column,
            id: &value.id,
            tenant: &value.tenant,
        };
        let aad = layout.associated_data(&place);
        let openers: Vec<_> = (0..keys.len())
            .filter(|index| envelope.open(&keys[*index], &aad).is_some())
            .collect();
        self.opened += u64::from(!openers.is_empty());
        let group = self.group(column, envelope.key_id);
        group.sampled += 1;
        for opener in openers {
            *group.opened.entry(opener).or_default() += 1;
        }
    }

    fn group(&mut self, column: String, key_id: Option<KeyId>) -> &mut Group {
        let at = self
            .groups
            .iter()
            .position(|group| group.column == column && group.key_id == key_id);
        let at = at.unwrap_or_else(|| {
            self.groups.push(Group {
                column,
                key_id,
                sampled: 0,
                opened: BTreeMap::new(),
            });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }

    /// Adds how many values each column has in all.
    #[must_use]
    pub fn with_rows(mut self, rows: Vec<(String, i64)>) -> Self {
        for (column, rows) in rows {
            self.columns.entry(column).or_default().rows = u64::try_from(rows).unwrap_or_default();
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
        self.groups.iter().filter_map(|group| group.opened.get(&key)).sum()
    }

    #[must_use]
    pub fn document(&self) -> Envelopes {
        let mut ids: BTreeMap<Option<KeyId>, u64> = BTreeMap::new();
        for group in &self.groups {
            *ids.entry(group.key_id.clone()).or_default() += group.sampled;
        }
        let column = |(column, tally): (&String, &ColumnTally)| ColumnCount {
            column: column.clone(),
            rows: clamp(tally.rows),
            sampled: clamp(tally.sampled),
            unparsed: clamp(tally.unparsed),
        };
        Envelopes {
            sampled: clamp(self.parsed() + self.unparsed),
            opened: clamp(self.opened),
            unparsed: clamp(self.unparsed),
            key_ids: ids
                .into_iter()
                .map(|(key_id, count)| KeyIdCount {
                    key_id,
                    count: clamp(count),
                })
                .collect(),
            columns: self.columns.iter().map(column).collect(),
        }
    }
}
