//! `muster diagnose`: which known causes fit what is observed now. Works from the configuration alone; what takes a memory of earlier looks
//! reads unknown where Muster's database can't be had.

use std::collections::BTreeMap;

use domain::finding::Report;
use domain::role::Actor;
use domain::time::Timestamp;
use futures::future::join_all;
use recovery::collect::Observed;
use recovery::keys::Memory;
use recovery::settings::Deployment;
use recovery::{Clock, collect, findings};
use store::Store;

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
    let deployments = chosen(&settings.deployments, options.deployment.as_deref())?;
    let now = Clock::system().now();
    let report = if options.cached {
        cached(config, &deployments, now).await?
    } else {
        live(config, &deployments, now).await
    };
    let code = exit(report.statuses());
    if json {
        print::json(&report)?;
    } else {
        print::text(&print::findings::text(&report, now));
    }
    Ok(code)
}

async fn cached(config: &Config, deployments: &[&Deployment], now: Timestamp) -> anyhow::Result<Report> {
    let remembered = async |store: &Store| {
        let (mut open, mut unknown) = (Vec::new(), Vec::new());
        for deployment in deployments {
            let (found, silent) = findings::checked(store, deployment, now).await?;
            open.extend(found);
            unknown.extend(silent);
        }
        Ok(findings::remembered(open, unknown))
    };
    OwnDatabase::look(config, remembered).await
}

async fn live(config: &Config, deployments: &[&Deployment], now: Timestamp) -> Report {
    let mut before = memory(config, deployments).await;
    let actor = Actor::job("shell");
    let looks = deployments.iter().map(|deployment| {
        let before = before.remove(&deployment.name);
        let actor = &actor;
        async move {
            let observed = findings::observe(deployment, before, &Memory::None, actor, now).await;
            (
                *deployment,
                findings::judge(deployment, &observed, Clock::system().now()),
            )
        }
    });
    let looks: Vec<_> = looks.collect();
    findings::report(join_all(looks).await, now)
}

/// What earlier looks saw. Without Muster's database that isn't known, and the rules that need it say so.
async fn memory(config: &Config, deployments: &[&Deployment]) -> BTreeMap<String, Observed> {
    let remembered = async |store: &Store| {
        let mut seen = BTreeMap::new();
        for deployment in deployments {
            seen.insert(deployment.name.clone(), collect::cached(store, deployment).await?);
        }
        Ok(seen)
    };
    OwnDatabase::look(config, remembered).await.unwrap_or_else(|error| {
        tracing::warn!("nothing is known of earlier looks: {error:#}");
        BTreeMap::new()
    })
}
