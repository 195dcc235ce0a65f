//! The log in order, for files that are verified elsewhere. Read in short statements, so that an export of any length holds no snapshot
//! and fits in memory; the table only grows, so that changes nothing.

use domain::ids::Sha256;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};

use crate::{Result, Store, StoreError};

/// Entries read at once.
const READ: i64 = 1000;

/// One entry as it is hashed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditLine {
    pub index: i64,
    pub leaf: Vec<u8>,
    pub leaf_hash: Sha256,
    pub root: Sha256,
}

impl Store {
    /// The first `size` entries (see [`Store::audit_head`]: the last index and one) in order of index.
    pub fn audit_export(&self, size: i64) -> BoxStream<'_, Result<AuditLine>> {
        let batches = stream::try_unfold(0, move |next| async move {
            let lines = self.audit_lines(next, size).await?;
            Ok::<_, StoreError>(lines.last().map(|last| last.index + 1).map(|next| (lines, next)))
        });
        batches
            .map_ok(|lines| stream::iter(lines.into_iter().map(Ok)))
            .try_flatten()
            .boxed()
    }

    async fn audit_lines(&self, from: i64, to: i64) -> Result<Vec<AuditLine>> {
        let rows = sqlx::query!(
            r#"select s.index, e.leaf, e.leaf_hash as "leaf_hash: [u8; 32]", s.root as "root: [u8; 32]"
               from audit_sequence s join audit_entries e on e.number = s.entry
               where s.index >= $1 and s.index < $2 order by s.index limit $3"#,
            from,
            to,
            READ,
        )
        .fetch_all(&self.pool)
        .await?;
        let lines = rows.into_iter().map(|row| AuditLine {
            index: row.index,
            leaf: row.leaf,
            leaf_hash: Sha256(row.leaf_hash),
            root: Sha256(row.root),
        });
        Ok(lines.collect())
    }
}
