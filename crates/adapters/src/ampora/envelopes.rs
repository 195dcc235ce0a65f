//! Reading the wrapped columns. What comes back is ciphertext; opening it is the business of whoever holds keys. It is handed on in batches,
//! so that no more than a few MiB are held of a column of any size.

mod batch;
mod sample;
mod statements;

use domain::envelope::Layout;
use domain::proof::ColumnRows;
use tokio::sync::mpsc;

use super::{AmporaDb, AmporaError, Column};
use crate::dumps::Wrapped;

pub use batch::Batch;

/// One wrapped column and what was read of it.
#[derive(Clone, Debug)]
pub struct WrappedColumn {
    pub column: Column,
    /// Rows with a value.
    pub rows: i64,
    pub values: Vec<Wrapped>,
}

impl AmporaDb {
    /// Reads the wrapped columns, in short read-only statements: every value of a column with at most 10 000; of a larger one the oldest
    /// and the newest 100 of each key id and a random sample of about 10 000. Where the key id has no fixed place in this layout, or the
    /// column can't be counted by it within the time that a statement has, the 200 oldest and newest of all stand in.
    ///
    /// Batches are sent while rows arrive; what comes back at the end is how many rows there are.
    ///
    /// # Errors
    /// If a column can't be read. None is left out silently: a verdict from a part would be no verdict.
    pub async fn envelopes(
        &self,
        layout: &Layout,
        batches: mpsc::Sender<Batch>,
    ) -> Result<Vec<ColumnRows>, AmporaError> {
        let mut columns = Vec::new();
        for column in &self.schema.wrapped {
            let mut conn = self.pool.acquire().await?;
            columns.push(sample::read(&mut conn, column, layout, &batches).await?);
        }
        Ok(columns)
    }

    /// The same, all at once, for a layout that isn't known.
    ///
    /// # Errors
    /// If a column can't be read.
    pub async fn wrapped(&self) -> Result<Vec<WrappedColumn>, AmporaError> {
        let (sender, mut batches) = mpsc::channel::<Batch>(1);
        let layout = Layout::default();
        let collected = async {
            let mut values = Vec::new();
            while let Some(batch) = batches.recv().await {
                values.extend(batch.values().map(wrapped));
            }
            values
        };
        let (rows, mut values) = tokio::join!(self.envelopes(&layout, sender), collected);
        let rows = rows?.into_iter().zip(&self.schema.wrapped);
        let column = |(rows, column): (ColumnRows, &Column)| WrappedColumn {
            column: column.clone(),
            rows: i64::try_from(rows.rows).unwrap_or(i64::MAX),
            values: values
                .extract_if(.., |value| value.table == column.table && value.column == column.column)
                .collect(),
        };
        Ok(rows.map(column).collect())
    }
}

fn wrapped((place, stored): (domain::envelope::Place<'_>, Option<&[u8]>)) -> Wrapped {
    Wrapped {
        table: place.table.into(),
        column: place.column.into(),
        id: place.id.into(),
        tenant: place.tenant.into(),
        stored: stored.unwrap_or_default().into(),
    }
}
