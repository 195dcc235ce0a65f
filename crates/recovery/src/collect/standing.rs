//! Where a deployment stands, written down on each round: its verdicts as history, and one line for pages that list all deployments.

use chrono::TimeDelta;
use domain::inventory::Inventory;
use domain::status::Status;
use domain::time::Timestamp;

use super::{Observed, assemble, cached};
use crate::overview;
use crate::settings::Deployment;
use crate::{Error, Services};

/// The newest migration that is applied to the live database.
pub const MIGRATION_HEAD: &str = "migration-head";
/// The digest of the running image.
pub const IMAGE: &str = "image";
/// A fact that wasn't looked at for this long begins a new run: what was between isn't known.
pub const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// Writes down where the deployment stands now.
pub async fn record(services: &Services, deployment: &Deployment) -> Result<(), Error> {
    let (store, now) = (&services.store, services.clock.now());
    let observed = cached(store, deployment).await?;
    let inventory = assemble(deployment, &observed, now);
    store
        .facts_seen(&deployment.name, &facts(&observed, &inventory, now), now, PAUSE)
        .await?;
    overview::keep(
        services,
        &overview::seen(services, deployment, observed).await?.gist(),
        now,
    )
    .await
}

/// What is kept over time: each verdict, each source's standing, and which version of Ampora runs.
fn facts(observed: &Observed, inventory: &Inventory, now: Timestamp) -> Vec<(String, String)> {
    let policy = inventory
        .policy
        .iter()
        .map(|line| (policy_fact(&line.rule), line.verdict.word().to_owned()));
    let sources = inventory.sources.iter().map(|source| {
        let says = match source.status {
            Status::Ok => String::new(),
            _ => format!(": {}", source.detail),
        };
        let standing = format!("{}{says}", source.status.word());
        (source_fact(&source.name), standing.chars().take(300).collect())
    });
    let head = observed
        .vitals
        .known(now)
        .fresh()
        .and_then(|vitals| vitals.migration_head.clone());
    let head = head.map(|head| (MIGRATION_HEAD.to_owned(), head));
    let image = observed
        .images
        .as_ref()
        .and_then(|images| images.known(now).fresh()?.running_digest());
    let image = image.map(|digest| (IMAGE.to_owned(), digest));
    policy.chain(sources).chain(head).chain(image).collect()
}

/// Under which name the verdicts of a rule are kept.
pub fn policy_fact(rule: &str) -> String {
    format!("policy:{rule}")
}

/// Under which name the standing of a source is kept.
pub fn source_fact(source: &str) -> String {
    format!("source:{source}")
}
