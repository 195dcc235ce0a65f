//! Keys that left Muster, as the requests, their plans and the steps of their runs tell.

use domain::ids::Sha256;
use domain::plan::{KeyCatchUp, Pinned, RetrieveKey};
use domain::run::StepState;
use domain::time::Timestamp;

use crate::row::{inconsistent, parse};
use crate::{Result, Store};

/// What took a key out of its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    Retrieved(RetrieveKey),
    CaughtUp(KeyCatchUp),
}

/// A retrieval or a catch-up whose handing-over was begun.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retrieved {
    /// Number of the request.
    pub number: i64,
    pub requester_name: String,
    pub taken: Taken,
    /// The step that hands the key over: done, or begun and nobody knows how it ended.
    pub step: StepState,
}

impl Retrieved {
    /// When the key left, or may have.
    #[must_use]
    pub const fn at(&self) -> Option<Timestamp> {
        match &self.step {
            StepState::Done { at, .. } | StepState::Failed { at, .. } => Some(*at),
            StepState::Running { since } => Some(*since),
            StepState::Waiting => None,
        }
    }
}

impl Store {
    /// Retrievals and catch-ups of a deployment's key in which one of `steps` was done or begun, newest first.
    ///
    /// # Errors
    /// [`crate::StoreError::Inconsistent`] if a plan isn't the one with its digest.
    pub async fn retrieved(&self, deployment: &str, steps: &[&str], limit: i64) -> Result<Vec<Retrieved>> {
        let steps: Vec<_> = steps.iter().map(ToString::to_string).collect();
        let rows = sqlx::query!(
            r#"select number, requester_name, digest as "digest: [u8; 32]", pinned, run_steps.state as step
               from requests
               join runs on runs.request = requests.id
               join run_steps on run_steps.run = runs.id
               where requests.deployment = $1 and requests.kind in ('retrieve-key', 'key-catch-up')
                 and run_steps.step ->> 'name' = any($2) and run_steps.state ->> 'state' in ('done', 'running')
               order by number desc limit $3"#,
            deployment,
            &steps,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let retrieved = rows.into_iter().map(|row| {
            let broken = |what: &dyn ToString| inconsistent("requests", row.number, what.to_string());
            let pinned = serde_json::from_str::<Pinned>(&row.pinned).map_err(|error| broken(&error))?;
            if pinned.digest() != Sha256(row.digest) {
                return Err(broken(&"its plan isn’t the one with this digest"));
            }
            let taken = match pinned {
                Pinned::RetrieveKey(plan) => Taken::Retrieved(plan),
                Pinned::KeyCatchUp(plan) => Taken::CaughtUp(plan),
                _ => return Err(broken(&"its plan is of another kind")),
            };
            Ok(Retrieved {
                number: row.number,
                requester_name: row.requester_name,
                taken,
                step: parse(row.step, "run_steps", row.number)?,
            })
        });
        retrieved.collect()
    }
}
