//! Where a deployment stands, written down on each round: its verdicts as history, and one line for pages that list all deployments.

use chrono::TimeDelta;
use domain::inventory::{ArtifactKind, Inventory, Keys};
use domain::status::Status;
use domain::time::Timestamp;
use domain::window::Window;
use serde::{Deserialize, Serialize};
use store::StoreError;

use super::{Observed, assemble, cached};
use crate::Services;
use crate::overview::{ComesBack, comes_back};
use crate::settings::Deployment;

/// A fact that wasn't looked at for this long begins a new run: what was between isn't known.
const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// One deployment in a line. As old as its `at`, and unknown when that is too old.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Summary {
    pub region: Option<String>,
    pub comes_back: ComesBack,
    pub artifacts: Vec<(ArtifactKind, Status)>,
    /// The proof of the key, without versions of the manager and coverage of backups where it may not be believed.
    pub keys: Option<Keys>,
    /// Seconds that restores took, newest first.
    pub durations: Vec<u32>,
    /// Rules of the policy that are kept, broken, unknown.
    pub policy: [usize; 3],
    pub window: Option<Window>,
    pub backups: usize,
    pub waiting: i64,
}

/// Writes down where the deployment stands now.
pub async fn record(services: &Services, deployment: &Deployment) -> Result<(), StoreError> {
    let (store, now) = (&services.store, services.clock.now());
    let observed = cached(store, deployment).await?;
    let inventory = assemble(deployment, &observed, now);
    store
        .facts_seen(&deployment.name, &facts(&observed, &inventory, now), now, PAUSE)
        .await?;
    let of = |status| inventory.policy.iter().filter(|line| line.status == status).count();
    let summary = Summary {
        region: deployment.region.clone(),
        comes_back: comes_back(&observed, &inventory, now),
        artifacts: inventory
            .artifacts
            .iter()
            .map(|artifact| (artifact.kind, artifact.status))
            .collect(),
        keys: observed.keys.known(now).fresh().cloned(),
        durations: store.runs_history(&deployment.name, "restore-dump", 5).await?,
        policy: [of(Status::Ok), of(Status::Broken), of(Status::Unknown)],
        window: observed.best_window(now).cloned(),
        backups: inventory.backups.len(),
        waiting: store.requests_waiting(&deployment.name).await?,
    };
    store.summary_put(&deployment.name, &summary, now).await
}

/// What is kept over time: each verdict, each source's standing, and which version of Ampora runs.
fn facts(observed: &Observed, inventory: &Inventory, now: Timestamp) -> Vec<(String, String)> {
    let policy = inventory
        .policy
        .iter()
        .map(|line| (format!("policy:{}", line.rule), line.status.word().to_owned()));
    let sources = inventory.sources.iter().map(|source| {
        let says = match source.status {
            Status::Ok => String::new(),
            _ => format!(": {}", source.detail),
        };
        let standing = format!("{}{says}", source.status.word());
        (format!("source:{}", source.name), standing.chars().take(300).collect())
    });
    let head = observed
        .vitals
        .known(now)
        .fresh()
        .and_then(|vitals| vitals.migration_head.clone());
    let head = head.map(|head| (MIGRATION_HEAD.to_owned(), head));
    policy.chain(sources).chain(head).collect()
}

/// The newest migration that is applied to the live database.
pub const MIGRATION_HEAD: &str = "migration-head";
