//! Has a key used a nonce twice? Then whoever has both envelopes learns what their contents have in common, and can forge more
//! (NIST SP 800-38D, appendix A).

use serde::{Deserialize, Serialize};

use super::Key;
use super::column::Column;
use crate::drift::ValueName;
use crate::envelope::{Envelope, NONCE};
use crate::key::Fingerprint;

/// Nonces that are remembered. Envelopes beyond are opened and counted, but not compared: 2^17 of them are 4 MiB.
const MOST: usize = 1 << 17;
/// Bytes of row keys that are remembered with them.
const NAMES: usize = 8 << 20;
/// Repeated nonces that are told of, and envelopes of each that are named.
const TOLD: usize = 5;

/// Two or more different envelopes of one key and one nonce.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NonceReuse {
    pub key: Fingerprint,
    /// The first few of them.
    pub values: Vec<ValueName>,
}

/// What was seen, in the order in which it came.
#[derive(Debug, Default)]
pub struct Nonces {
    seen: Vec<Seen>,
    /// Slots that a nonce fell into, and those that one more fell into: only what is there has to be compared.
    once: Slots,
    twice: Slots,
    /// Keys of the rows, one behind the other.
    names: String,
}

/// Ordered by key and nonce first. Of one key and one nonce, different envelopes have different tags.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Seen {
    key: u16,
    nonce: [u8; NONCE],
    tag: u64,
    column: u16,
    name_length: u16,
    name_at: u32,
}

impl Nonces {
    /// Takes in an envelope that this key opened.
    pub fn note(&mut self, key: usize, column: usize, name: &str, envelope: &Envelope<'_>) {
        if self.seen.len() == MOST {
            return;
        }
        let name = if self.names.len() + name.len() <= NAMES {
            name
        } else {
            ""
        };
        let narrow = |index: usize| u16::try_from(index).unwrap_or(u16::MAX);
        let [a, b, c, d, e, f, g, h, ..] = *envelope.tag();
        let slot = slot(envelope.nonce());
        if !self.once.take(slot) {
            self.twice.take(slot);
        }
        self.seen.push(Seen {
            key: narrow(key),
            nonce: *envelope.nonce(),
            tag: u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            column: narrow(column),
            name_length: narrow(name.len()),
            name_at: u32::try_from(self.names.len()).expect("at most 8 MiB"),
        });
        self.names.push_str(name);
    }

    /// How many envelopes were compared with one another.
    pub fn compared(&self) -> u64 {
        self.seen.len() as u64
    }

    /// What was used twice: how often in all, and the first few.
    pub fn reused(&self, keys: &[Key], columns: &[Column]) -> (u64, Vec<NonceReuse>) {
        let mut suspects: Vec<Seen> = self
            .seen
            .iter()
            .filter(|seen| self.twice.is_taken(slot(&seen.nonce)))
            .copied()
            .collect();
        suspects.sort_unstable();
        let same = |a: &Seen, b: &Seen| a.key == b.key && a.nonce == b.nonce;
        let (mut count, mut told) = (0, Vec::new());
        for alike in suspects.chunk_by(same).filter(|alike| alike.len() > 1) {
            // The same envelope in two rows is a copy, and betrays nothing.
            let mut different: Vec<_> = alike.to_vec();
            different.dedup_by_key(|seen| seen.tag);
            if different.len() < 2 {
                continue;
            }
            count += 1;
            if told.len() < TOLD
                && let Some(key) = keys.get(usize::from(alike[0].key))
            {
                let values = different.iter().take(TOLD);
                told.push(NonceReuse {
                    key: key.fingerprint.clone(),
                    values: values.filter_map(|seen| self.name(seen, columns)).collect(),
                });
            }
        }
        (count, told)
    }

    fn name(&self, seen: &Seen, columns: &[Column]) -> Option<ValueName> {
        let column = columns.get(usize::from(seen.column))?;
        let at = seen.name_at as usize;
        Some(ValueName {
            table: column.table.clone(),
            column: column.column.clone(),
            id: self.names.get(at..at + usize::from(seen.name_length))?.into(),
        })
    }
}

/// A set of small numbers.
#[derive(Debug)]
struct Slots(Vec<u64>);

/// Sixteen for each nonce that is remembered.
const SLOTS: usize = MOST * 16;

impl Default for Slots {
    fn default() -> Self {
        Self(vec![0; SLOTS / 64])
    }
}

impl Slots {
    /// Whether it was free.
    fn take(&mut self, slot: usize) -> bool {
        let bit = 1 << (slot % 64);
        let was_free = self.0[slot / 64] & bit == 0;
        self.0[slot / 64] |= bit;
        was_free
    }

    fn is_taken(&self, slot: usize) -> bool {
        self.0[slot / 64] & (1 << (slot % 64)) != 0
    }
}

/// Scatters nonces, whether they are drawn or counted.
fn slot(nonce: &[u8; NONCE]) -> usize {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = *nonce;
    let (front, back) = (
        u32::from_be_bytes([a, b, c, d]),
        u64::from_be_bytes([e, f, g, h, i, j, k, l]),
    );
    // 2^64 divided by the golden ratio: https://en.wikipedia.org/wiki/Hash_function#Fibonacci_hashing
    let scattered = (back ^ u64::from(front) << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (scattered >> 32) as usize % SLOTS
}
