//! Where a deployment stands, written down on each round: its verdicts as history, and one line for pages that list all deployments.

use chrono::TimeDelta;
use domain::inventory::{Inventory, PolicyLine};
use domain::observation::{Known, Observation};
use domain::policy::Standing;
use domain::status::Status;
use domain::time::{Timestamp, rfc3339};

use super::{Observed, SourceReading, assemble, key_lanes};
use crate::findings;
use crate::overview;
use crate::settings::Deployment;
use crate::{Error, Services, notify};

/// The newest migration that is applied to the live database.
pub const MIGRATION_HEAD: &str = "migration-head";
/// The digest of the running image.
pub const IMAGE: &str = "image";
/// A fact that wasn't looked at for this long begins a new run: what was between isn't known.
pub const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// How far back a verdict is looked for that isn’t unknown.
const LOOKED_BACK: TimeDelta = TimeDelta::days(400);

/// Letters of a reason that are kept.
const LONGEST: usize = 300;

/// Writes down where the deployment stands now: one round of the collector.
///
/// # Errors
/// If the store can't be read, or doesn't take it.
pub async fn record(services: &Services, deployment: &Deployment) -> Result<(), Error> {
    let (store, now) = (&services.store, services.clock.now());
    let observed = findings::known(store, &services.settings.deployments, deployment, now).await?;
    let inventory = assemble(deployment, &observed, now);
    let mut seen = facts(&observed, &inventory, now);
    seen.extend(findings::stood(deployment, &observed, now));
    overdue(services, deployment, &inventory, now).await?;
    store.facts_seen(&deployment.name, &seen, now, PAUSE).await?;
    findings::record(services, deployment, &observed, now).await?;
    if let Some((facts, proven_at)) = key_lanes::unwritten(deployment, &observed, now) {
        let stands_for = key_lanes::stands_for(deployment);
        store
            .facts_seen(&deployment.name, &facts, proven_at, stands_for)
            .await?;
    }
    overview::keep(
        services,
        &overview::seen(services, deployment, observed).await?.gist(),
        now,
    )
    .await
}

/// Tells people once that no drill passed in time. It is told before the verdict is written down, so that a process that dies between the
/// two tells it again, under the same id.
async fn overdue(
    services: &Services,
    deployment: &Deployment,
    inventory: &Inventory,
    now: Timestamp,
) -> Result<(), Error> {
    let rule = "drill-freshness";
    let broken = |line: &&PolicyLine| line.rule == rule && line.verdict == Standing::Broken;
    let Some(_) = inventory.policy.iter().find(broken) else {
        return Ok(());
    };
    let name = &deployment.name;
    let fact = policy_fact(rule);
    let runs = services.store.fact_runs(name, &fact, now - LOOKED_BACK).await?;
    // What is unknown in between neither ends nor begins it.
    let last = runs.iter().rfind(|run| run.value != Standing::Unknown.word());
    if last.is_some_and(|run| run.value == Standing::Broken.word()) {
        return Ok(());
    }
    let since = runs
        .last()
        .map_or_else(|| "the beginning".into(), |run| rfc3339(run.since));
    let limit = deployment.promises.drill_every.map_or(0, |limit| limit.num_seconds());
    let mut tx = services.store.begin().await?;
    let id = notify::id_of(&["drill.overdue", name, &since]);
    notify::tell_as(&mut tx, services, id, |envelope| {
        Some(envelope.drill_overdue(name, limit))
    })
    .await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}

/// What is kept over time: each verdict, each source's standing, and which version of Ampora runs.
fn facts(observed: &Observed, inventory: &Inventory, now: Timestamp) -> Vec<(String, String)> {
    let policy = inventory
        .policy
        .iter()
        .map(|line| (policy_fact(&line.rule), line.verdict.word().to_owned()));
    let sources = observed
        .sources
        .iter()
        .map(|(_, source)| (format!("source:{}", source.source), standing(source, now)));
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

/// `ok`, or how it stands and why, in words that stay the same for as long as nothing changes.
fn standing(source: &Observation<SourceReading>, now: Timestamp) -> String {
    let says = match (source.known(now), &source.failure) {
        (Known::Fresh { value, .. }, _) if value.status == Status::Ok => return "ok".into(),
        (Known::Fresh { value, .. }, _) => format!("{}: {}", value.status.word(), value.detail),
        (Known::Unknown { .. }, Some((_, why))) => format!("unknown: {why}"),
        (Known::Unknown { .. }, None) => "unknown: not read in time".into(),
    };
    shortened(&says)
}

/// A reason may be as long as whatever somebody else's system said.
pub fn shortened(says: &str) -> String {
    says.chars().take(LONGEST).collect()
}

/// Under which name the verdicts of a rule are kept.
pub fn policy_fact(rule: &str) -> String {
    format!("policy:{rule}")
}

/// Under which name the standing of a source is kept.
pub fn source_fact(source: &str) -> String {
    format!("source:{source}")
}
