//! `muster keys`: the proof, now. Reads the keys' values, as `Prove now` does, and lists the backups by the quickest answer of each source.
//! Works from the configuration alone.

use domain::finding::Finding;
use domain::inventory::{KeyFinding, Keys, KeysFound, KeysReport};
use domain::observation::Known;
use domain::role::Actor;
use domain::time::Timestamp;
use futures::future::join_all;
use recovery::collect::Observed;
use recovery::keys::{Memory, prove, unproven};
use recovery::settings::{Deployment, Settings};
use recovery::{Clock, collect, findings};
use store::Store;

use super::remembered::{Besides, Remembered};
use super::{chosen, exit};
use crate::cli::{Exit, Observe};
use crate::config::Config;
use crate::lifecycle::OwnDatabase;
use crate::print;
use crate::wiring::{self, Reach};

pub async fn run(config: &Config, options: &Observe, json: bool) -> anyhow::Result<Exit> {
    // What is only remembered takes no credentials.
    let reach = if options.cached { Reach::Pages } else { Reach::Observe };
    let settings = wiring::settings(config, reach)?;
    let all = &settings.deployments;
    let deployments = chosen(all, options.deployment.as_deref())?;
    let now = Clock::system().now();
    let looks = if options.cached {
        let remembered = async |store: &Store| {
            let mut seen = Vec::new();
            for deployment in &deployments {
                seen.push((*deployment, findings::known(store, all, deployment, now).await?));
            }
            Ok(seen)
        };
        OwnDatabase::look(config, remembered).await?
    } else {
        live(config, &settings, &deployments, now).await
    };
    let (found, times): (Vec<_>, Vec<_>) = looks
        .iter()
        .map(|(deployment, observed)| found(deployment, observed, now))
        .unzip();
    let report = KeysReport::new(found);
    let code = exit(report.deployments.iter().flat_map(KeysFound::statuses));
    if json {
        print::json(&report)?;
    } else {
        print::text(&print::keys::text(&report, &times, now));
    }
    Ok(code)
}

/// Proves the keys of these deployments now. What is remembered of drills, dumps and keys that left is taken in where it can be had.
async fn live<'a>(
    config: &Config,
    settings: &Settings,
    chosen: &[&'a Deployment],
    now: Timestamp,
) -> Vec<(&'a Deployment, Observed)> {
    let Remembered {
        mut observed,
        mut proofs,
        ..
    } = Remembered::of(config, settings, chosen, Besides::Backups, now).await;
    let (actor, memory) = (Actor::job("shell"), Memory::None);
    let looks = chosen.iter().map(|deployment| {
        let known = observed.remove(&deployment.name);
        let (actor, memory) = (&actor, &memory);
        async move {
            let listed = async {
                match known {
                    Some(known) => known,
                    None => collect::glance(deployment, memory, Observed::never(deployment), now).await,
                }
            };
            let (keys, mut seen) = futures::join!(prove(deployment, memory, actor, now), listed);
            seen.keys = seen.keys.updated(Ok(keys), now);
            (*deployment, seen)
        }
    });
    let mut looks: Vec<_> = join_all(looks.collect::<Vec<_>>()).await;
    proofs.extend(
        looks
            .iter()
            .map(|(deployment, seen)| (deployment.name.clone(), seen.keys.clone())),
    );
    for (deployment, seen) in &mut looks {
        seen.beside.compare(&settings.deployments, deployment, &proofs, now);
    }
    looks
}

/// The proof with its coverage and its findings, and the time of it. One that may no longer be believed proves nothing.
fn found(deployment: &Deployment, observed: &Observed, now: Timestamp) -> (KeysFound, Option<Timestamp>) {
    let (keys, at): (Keys, _) = match observed.keys.known(now) {
        Known::Unknown { reason, last } => (unproven(deployment, reason), last.map(|(_, at)| at)),
        Known::Fresh { value, at } => {
            let keys = observed.keys_with_coverage(now).unwrap_or_else(|| value.clone());
            (keys, Some(at))
        }
    };
    let (findings, not_judged): (Vec<Finding>, _) = findings::about_keys(deployment, observed, now);
    let found = KeysFound {
        keys,
        findings: findings.into_iter().map(KeyFinding::from).collect(),
        not_judged,
    };
    (found, at)
}
