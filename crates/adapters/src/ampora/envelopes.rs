//! Reading the wrapped columns. What comes back is ciphertext; opening it is the business of whoever holds keys. It is handed on in batches,
//! so that no more than a few MiB are held of a column of any size.

mod batch;
mod sample;
mod statements;

use domain::envelope::Layout;
use domain::proof::ColumnRows;
use tokio::sync::mpsc;

use super::{AmporaDb, AmporaError};

pub use batch::Batch;

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
}
