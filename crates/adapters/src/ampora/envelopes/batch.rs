//! Values on their way from the database to whoever tries keys on them: a few hundred at a time, in two buffers rather than in thousands.

use std::sync::Arc;

use domain::envelope::Place;

use crate::ampora::Column;

/// Values and bytes that make a batch full.
const VALUES: usize = 512;
const BYTES: usize = 1 << 20;

/// Values of one column.
#[derive(Debug)]
pub struct Batch {
    column: Arc<Column>,
    /// Key and tenant of each row, one behind the other.
    texts: String,
    bytes: Vec<u8>,
    ends: Vec<Ends>,
}

/// Where the parts of a value end; they begin where the value before ends.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    id: usize,
    tenant: usize,
    stored: usize,
    too_large: bool,
}

impl Batch {
    pub(super) fn new(column: Arc<Column>) -> Self {
        Self {
            column,
            texts: String::new(),
            bytes: Vec::new(),
            ends: Vec::with_capacity(VALUES),
        }
    }

    /// Adds a value. `None`: it is too large to be read.
    pub(super) fn push(&mut self, id: &str, tenant: &str, stored: Option<&[u8]>) {
        self.texts.push_str(id);
        let id = self.texts.len();
        self.texts.push_str(tenant);
        self.bytes.extend_from_slice(stored.unwrap_or_default());
        self.ends.push(Ends {
            id,
            tenant: self.texts.len(),
            stored: self.bytes.len(),
            too_large: stored.is_none(),
        });
    }

    pub(super) fn is_full(&self) -> bool {
        self.ends.len() >= VALUES || self.bytes.len() >= BYTES
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Each value with its place. `None`: it is too large to have been read.
    pub fn values(&self) -> impl Iterator<Item = (Place<'_>, Option<&[u8]>)> {
        let mut before = Ends::default();
        self.ends.iter().map(move |ends| {
            let place = Place {
                table: &self.column.table,
                column: &self.column.column,
                id: &self.texts[before.tenant..ends.id],
                tenant: &self.texts[ends.id..ends.tenant],
            };
            let stored = &self.bytes[before.stored..ends.stored];
            before = *ends;
            (place, (!ends.too_large).then_some(stored))
        })
    }
}
