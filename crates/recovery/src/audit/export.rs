//! The log as a file that anybody can verify without Muster's database.

use domain::audit::{Export, ExportedEntry};
use domain::ids::Sha256;
use futures::stream::{self, BoxStream, StreamExt as _};
use store::{Store, StoreError};

/// The lines of an export: a header, then one entry a line in order of index. Entries that have no index yet wait for the next export.
///
/// # Errors
/// If the store can't be read.
pub async fn export(store: &Store) -> Result<BoxStream<'_, Result<String, StoreError>>, StoreError> {
    let head = store.audit_head().await?;
    let size = head.map_or(0, |(index, _)| index + 1);
    let root = head.map_or_else(|| Sha256::of(&[]), |(_, root)| root);
    let header = Export {
        schema: Export::SCHEMA.into(),
        size: count(size),
        root,
    };
    let entries = store.audit_export(size).map(|line| {
        line.map(|line| {
            json(&ExportedEntry::new(
                count(line.index),
                &line.leaf,
                line.leaf_hash,
                line.root,
            ))
        })
    });
    Ok(stream::once(async move { Ok(json(&header)) }).chain(entries).boxed())
}

fn json(line: &impl serde::Serialize) -> String {
    serde_json::to_string(line).expect("lines hold only strings and numbers")
}

/// The format counts in 32 bits: four billion entries are a century of the rate Muster is built for.
fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
