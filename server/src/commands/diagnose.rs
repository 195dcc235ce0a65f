//! `muster diagnose`: which known causes fit what is observed now. Works from the configuration alone; what takes a memory of earlier looks
//! reads unknown where Muster's database can't be had.

use std::collections::BTreeMap;

use domain::finding::Report;
use domain::role::Actor;
use domain::time::Timestamp;
use futures::future::join_all;
use recovery::collect::Observed;
use recovery::emergency::{self, Remembered};
use recovery::keys::Memory;
use recovery::settings::{Deployment, Settings};
use recovery::{Clock, Error, collect, findings};
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
        cached(config, &settings, &deployments, now).await?
    } else {
        live(config, &settings, &deployments, now).await
    };
    let code = exit(report.statuses());
    if json {
        print::json(&report)?;
    } else {
        print::text(&print::findings::text(&report, now));
    }
    Ok(code)
}

async fn cached(
    config: &Config,
    settings: &Settings,
    deployments: &[&Deployment],
    now: Timestamp,
) -> anyhow::Result<Report> {
    let remembered = async |store: &Store| {
        let (mut open, mut unknown, mut emergencies) = (Vec::new(), Vec::new(), Vec::new());
        for deployment in deployments {
            let (found, silent) = findings::checked(store, deployment, now).await?;
            let errors = found.iter().filter_map(|listed| {
                let found = &listed.record.found;
                emergency::error_of(&listed.record.code, found.severity, &found.title)
            });
            let observed = collect::cached(store, deployment).await?;
            let memory = emergency::remembered(store, &deployment.name, settings.approvals.roles).await?;
            let errors = errors.collect();
            let of = (*deployment, &observed);
            emergencies.extend(emergency::of_look(settings, of, errors, Some(memory), now));
            open.extend(found);
            unknown.extend(silent);
        }
        let report = findings::remembered(open, unknown);
        Ok(Report { emergencies, ..report })
    };
    OwnDatabase::look(config, remembered).await
}

async fn live(config: &Config, settings: &Settings, deployments: &[&Deployment], now: Timestamp) -> Report {
    let mut before = memory(config, settings, deployments).await;
    let actor = Actor::job("shell");
    let looks = deployments.iter().map(|deployment| {
        let (before, memory) = before.remove(&deployment.name).unzip();
        let actor = &actor;
        async move {
            let observed = findings::observe(deployment, before, &Memory::None, actor, now).await;
            let now = Clock::system().now();
            let judged = findings::judge(deployment, &observed, now);
            let errors = judged.iter().filter_map(|(rule, says)| {
                let found = says.as_ref().ok()?.as_ref()?;
                emergency::error_of(rule.code, found.severity, &found.title)
            });
            let errors = errors.collect();
            let first = emergency::of_look(settings, (*deployment, &observed), errors, memory, now);
            ((*deployment, judged), first)
        }
    });
    let looks: Vec<_> = looks.collect();
    let (judged, emergencies): (Vec<_>, Vec<_>) = join_all(looks).await.into_iter().unzip();
    let report = findings::report(judged, now);
    Report {
        emergencies: emergencies.into_iter().flatten().collect(),
        ..report
    }
}

/// What earlier looks saw. Without Muster's database that isn't known, and the rules that need it say so.
async fn memory(
    config: &Config,
    settings: &Settings,
    deployments: &[&Deployment],
) -> BTreeMap<String, (Observed, Remembered)> {
    let remembered = async |store: &Store| {
        let mut seen = BTreeMap::new();
        for deployment in deployments {
            let observed = collect::cached(store, deployment).await.map_err(Error::from)?;
            let memory = emergency::remembered(store, &deployment.name, settings.approvals.roles).await?;
            seen.insert(deployment.name.clone(), (observed, memory));
        }
        Ok(seen)
    };
    OwnDatabase::look(config, remembered).await.unwrap_or_else(|error| {
        tracing::warn!("nothing is known of earlier looks: {error:#}");
        BTreeMap::new()
    })
}
