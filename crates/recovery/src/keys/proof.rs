//! Trying keys on envelopes, beside everything else that goes on.

use adapters::ampora::{AmporaDb, AmporaError, Batch};
use adapters::dumps::Wrapped;
use domain::envelope::{Layout, Place};
use domain::key::MasterKey;
use domain::proof::Trial;
use tokio::sync::mpsc;

use super::KeyRing;

pub use domain::proof::Tried;

/// Batches that are read ahead of the one that is tried.
const AHEAD: usize = 2;

/// Tries every key on every value, on a thread of its own: thousands of decryptions would hold up everything else.
pub async fn try_all(layout: &Layout, ring: &KeyRing, values: Vec<Wrapped>) -> Tried {
    let mut trial = trial(layout, ring);
    let work = tokio::task::spawn_blocking(move || {
        for value in &values {
            let place = Place {
                table: &value.table,
                column: &value.column,
                id: &value.id,
                tenant: &value.tenant,
            };
            trial.take(&place, Some(&value.stored));
        }
        trial.finish()
    });
    work.await.expect("decryption doesn’t panic")
}

/// Samples the wrapped columns of a database and tries every key on what comes, while it comes: what this takes doesn't grow with the
/// number of envelopes.
///
/// # Errors
/// If a column can't be read. What was tried until then is no proof.
pub async fn try_live(layout: &Layout, ring: &KeyRing, database: &AmporaDb) -> Result<Tried, AmporaError> {
    let (sender, mut batches) = mpsc::channel::<Batch>(AHEAD);
    let mut trial = trial(layout, ring);
    let work = tokio::task::spawn_blocking(move || {
        while let Some(batch) = batches.blocking_recv() {
            for (place, stored) in batch.values() {
                trial.take(&place, stored);
            }
        }
        trial.finish()
    });
    let rows = database.envelopes(layout, sender).await;
    let tried = work.await.expect("decryption doesn’t panic");
    Ok(tried.with_rows(rows?))
}

fn trial(layout: &Layout, ring: &KeyRing) -> Trial {
    let keys = ring.held.iter().map(|held| (held.candidate, &held.key));
    Trial::new(layout, keys.collect::<Vec<(_, &MasterKey)>>())
}
