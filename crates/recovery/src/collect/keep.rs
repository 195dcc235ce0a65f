//! How long history is kept. Changes of facts are few and kept for longer than a year, so that an auditor can look back; vital signs are
//! many and thinned out; nothing that is current is ever forgotten.

use std::time::Duration;

use store::{Store, StoreError};

const DAY: Duration = Duration::from_secs(86_400);
/// Runs of facts (verdicts, migration heads, image digests), after they ended.
pub const FACTS: Duration = DAY.saturating_mul(400);
/// Each single reading of the vital signs.
pub const VITALS_WHOLE: Duration = DAY.saturating_mul(3);
/// One reading of the vital signs an hour.
pub const VITALS_HOURLY: Duration = DAY.saturating_mul(400);
/// Logins that were begun for a decision.
pub const CHALLENGES: Duration = DAY.saturating_mul(7);

/// Forgets what is older.
///
/// # Errors
/// If the database doesn't take it.
pub async fn prune(store: &Store) -> Result<(), StoreError> {
    let facts = store.facts_prune(FACTS).await?;
    let vitals = store.vitals_thin(VITALS_WHOLE).await? + store.vitals_prune(VITALS_HOURLY).await?;
    store.finding_events_prune(FACTS).await?;
    let challenges = store.challenges_prune(CHALLENGES).await?;
    if facts + vitals + challenges > 0 {
        tracing::info!(facts, vitals, challenges, "old history was forgotten");
    }
    Ok(())
}
