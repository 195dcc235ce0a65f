//! Trying keys on envelopes, one after the other, and keeping counts. What it takes doesn't grow with their number, but for nonces up to a
//! bound, and nothing is allocated for an envelope that opens.

mod column;
mod nonces;
mod tried;

use crate::drift::Candidate;
use crate::envelope::{Envelope, Layout, Opener, Place, Plain};
use crate::key::{Fingerprint, MasterKey};

use column::{Column, Unparsed};
use nonces::Nonces;

pub use nonces::NonceReuse;
pub use tried::{ColumnRows, Tried};

/// A proof under way.
#[derive(Debug)]
pub struct Trial {
    layout: Layout,
    keys: Vec<Key>,
    /// For each key that was handed in, which of `keys` it is: one key may be held under several names.
    names: Vec<usize>,
    columns: Vec<Column>,
    nonces: Nonces,
    plain: Plain,
    /// Ciphertext and associated data of the envelope at hand.
    decoded: Vec<u8>,
    associated_data: Vec<u8>,
}

/// A key that differs from all others.
#[derive(Debug)]
struct Key {
    opener: Opener,
    /// What its envelopes are marked with, if the layout knows how ids follow from keys.
    id: [u8; 8],
    fingerprint: Fingerprint,
    /// The name under which it counts, as an index into what was handed in.
    candidate: usize,
}

impl Trial {
    /// A proof of these keys. Counts go by their order.
    pub fn new<'k>(layout: &Layout, keys: impl IntoIterator<Item = (Candidate, &'k MasterKey)>) -> Self {
        let mut trial = Self {
            layout: layout.clone(),
            keys: Vec::new(),
            names: Vec::new(),
            columns: Vec::new(),
            nonces: Nonces::default(),
            plain: Plain::default(),
            decoded: Vec::new(),
            associated_data: Vec::new(),
        };
        let mut known: Vec<(Candidate, &MasterKey)> = Vec::new();
        for (index, (candidate, key)) in keys.into_iter().enumerate() {
            let same = known.iter().position(|(_, other)| *other == key);
            trial.names.push(same.unwrap_or(known.len()));
            match same {
                Some(same) if candidate.counts_before(known[same].0) => {
                    known[same].0 = candidate;
                    trial.keys[same].candidate = index;
                }
                Some(_) => {}
                None => {
                    known.push((candidate, key));
                    trial.keys.push(Key {
                        opener: Opener::new(key),
                        id: key.id_bytes(),
                        fingerprint: key.fingerprint(),
                        candidate: index,
                    });
                }
            }
        }
        trial
    }

    /// Tries the keys on one stored value, until one opens it. `None`: the value is too large to be looked at.
    pub fn take(&mut self, place: &Place<'_>, stored: Option<&[u8]>) {
        let at = self.column(place);
        let column = &mut self.columns[at];
        let Some(stored) = stored else {
            return column.unparsed(place, Unparsed::TooLarge);
        };
        let Some(envelope) = self.layout.parse(stored, &mut self.decoded) else {
            return column.unparsed(place, Unparsed::OtherForm);
        };
        self.layout.associated_data(place, &mut self.associated_data);
        let group = column.group(&envelope, self.keys.len());
        let opener = open(
            &self.keys,
            group.guess(&self.keys, &envelope),
            &envelope,
            &self.associated_data,
            &mut self.plain,
        );
        match opener {
            Some(key) => self.nonces.note(key, at, place.id, &envelope),
            None => group.look_closer(&self.layout, &self.keys, stored),
        }
        group.count(opener, place);
    }

    fn column(&mut self, place: &Place<'_>) -> usize {
        let is_it = |column: &Column| column.column == place.column && column.table == place.table;
        // Values come column by column.
        if self.columns.last().is_some_and(is_it) {
            return self.columns.len() - 1;
        }
        self.columns.iter().position(is_it).unwrap_or_else(|| {
            self.columns.push(Column::new(place));
            self.columns.len() - 1
        })
    }

    /// The counts.
    #[must_use]
    pub fn finish(self) -> Tried {
        Tried::of(self)
    }
}

/// The key that opens it, as an index: `guess` first, since two keys never open the same envelope.
fn open(
    keys: &[Key],
    guess: usize,
    envelope: &Envelope<'_>,
    associated_data: &[u8],
    plain: &mut Plain,
) -> Option<usize> {
    let others = (0..keys.len()).filter(|index| *index != guess);
    std::iter::once(guess).chain(others).find(|index| {
        let key = keys.get(*index);
        key.is_some_and(|key| key.opener.opens(envelope, associated_data, plain))
    })
}

impl Candidate {
    /// Which of two names of one key says more: the current version, then the newest.
    fn counts_before(self, other: Self) -> bool {
        let rank = |candidate: Self| match candidate {
            Self::Version { current: true, .. } => (2, 0),
            Self::Version { order, .. } => (1, order),
            Self::InUse | Self::Previous | Self::Unread { .. } => (0, 0),
        };
        rank(self) > rank(other)
    }
}

#[cfg(test)]
mod tests;
