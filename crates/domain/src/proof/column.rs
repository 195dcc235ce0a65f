//! Counts of one column.

use super::Key;
use crate::drift::{NAMED, ValueName};
use crate::envelope::{Envelope, Layout, Place};

/// Key ids of a column that are told apart. No Ampora has so many; bytes that aren't ids are.
const IDS: usize = 64;
/// Unopened envelopes of a group that are looked at more closely.
const LOOKED_AT: u64 = 64;
/// Letters of a row's key that are kept.
const LONGEST_ID: usize = 64;

#[derive(Debug, Default)]
pub struct Column {
    pub table: String,
    pub column: String,
    pub sampled: u64,
    pub unparsed: u64,
    /// The first few values that are no envelopes.
    pub first_unparsed: Vec<(ValueName, Unparsed)>,
    /// By key id. There are few, so a search from the front is the quickest.
    pub groups: Vec<(Vec<u8>, Counts)>,
    /// Envelopes without an id.
    pub nameless: Option<Counts>,
    /// Envelopes with ids beyond those that are told apart.
    pub beyond: Option<Counts>,
}

/// Why a value is no envelope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unparsed {
    TooLarge,
    OtherForm,
}

/// Counts of the envelopes of one column and one key id.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub sampled: u64,
    /// By the index of the key.
    pub opened: Vec<u64>,
    pub first: Vec<ValueName>,
    pub first_unopened: Vec<ValueName>,
    pub misfits: u64,
    /// The key that opened the latest.
    latest: Option<usize>,
}

impl Column {
    pub fn new(place: &Place<'_>) -> Self {
        Self {
            table: place.table.into(),
            column: place.column.into(),
            ..Self::default()
        }
    }

    pub fn unparsed(&mut self, place: &Place<'_>, why: Unparsed) {
        self.sampled += 1;
        self.unparsed += 1;
        if self.first_unparsed.len() < NAMED {
            self.first_unparsed.push((name(place), why));
        }
    }

    /// The counts for an envelope with this id.
    pub fn group(&mut self, envelope: &Envelope<'_>, keys: usize) -> &mut Counts {
        self.sampled += 1;
        let new = || Counts {
            opened: vec![0; keys],
            ..Counts::default()
        };
        let Some(id) = envelope.key_id_bytes() else {
            return self.nameless.get_or_insert_with(new);
        };
        let known = self.groups.iter().position(|(known, _)| known == id);
        match known {
            Some(index) => &mut self.groups[index].1,
            None if self.groups.len() == IDS => self.beyond.get_or_insert_with(new),
            None => {
                self.groups.push((id.to_vec(), new()));
                let index = self.groups.len() - 1;
                &mut self.groups[index].1
            }
        }
    }
}

impl Counts {
    /// The key to try first: the one that opened the latest, or the one whose id it is.
    pub fn guess(&self, keys: &[Key], envelope: &Envelope<'_>) -> usize {
        let by_id = || keys.iter().position(|key| envelope.key_id_bytes() == Some(&key.id));
        self.latest.or_else(by_id).unwrap_or(0)
    }

    pub fn count(&mut self, opener: Option<usize>, place: &Place<'_>) {
        self.sampled += 1;
        if self.first.len() < NAMED {
            self.first.push(name(place));
        }
        match opener {
            Some(key) => {
                self.opened[key] += 1;
                self.latest = Some(key);
            }
            None if self.first_unopened.len() < NAMED => self.first_unopened.push(name(place)),
            None => {}
        }
    }

    /// Of an envelope that nothing opened: does it look as if the layout were another?
    pub fn look_closer(&mut self, layout: &Layout, keys: &[Key], stored: &[u8]) {
        let unopened = self.sampled - self.opened.iter().sum::<u64>();
        if unopened < LOOKED_AT {
            let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
            self.misfits += u64::from(layout.misfits(stored, &ids));
        }
    }
}

fn name(place: &Place<'_>) -> ValueName {
    ValueName {
        table: place.table.into(),
        column: place.column.into(),
        id: place.id.chars().take(LONGEST_ID).collect(),
    }
}
