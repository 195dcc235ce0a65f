//! `muster diagnose`: which known causes fit what is observed now. Works from the configuration alone; what takes a memory of earlier looks
//! reads unknown where Muster's database can't be had.

use domain::finding::Report;
use domain::role::Actor;
use domain::time::Timestamp;
use futures::future::join_all;
use recovery::emergency;
use recovery::keys::Memory;
use recovery::settings::{Deployment, Settings};
use recovery::{Clock, findings};
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
            let all = &settings.deployments;
            let (found, silent) = findings::checked(store, all, deployment, now).await?;
            let errors = found.iter().filter_map(|listed| {
                let found = &listed.record.found;
                emergency::error_of(&listed.record.code, found.severity, &found.title)
            });
            let observed = findings::known(store, all, deployment, now).await?;
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
    let all = &settings.deployments;
    let Remembered {
        mut observed,
        mut emergencies,
        mut proofs,
    } = Remembered::of(config, settings, deployments, Besides::Nothing, now).await;
    let actor = Actor::job("shell");
    let looks = deployments.iter().map(|deployment| {
        let before = observed.remove(&deployment.name);
        let actor = &actor;
        async move {
            let seen = findings::observe(deployment, before, &Memory::None, actor, now).await;
            (*deployment, seen)
        }
    });
    let mut looks: Vec<_> = join_all(looks.collect::<Vec<_>>()).await;
    proofs.extend(
        looks
            .iter()
            .map(|(deployment, seen)| (deployment.name.clone(), seen.keys.clone())),
    );
    let now = Clock::system().now();
    let (mut judged, mut first_aid) = (Vec::new(), Vec::new());
    for (deployment, seen) in &mut looks {
        seen.beside.compare(all, deployment, &proofs, now);
        let says = findings::judge(deployment, seen, now);
        let errors = says.iter().filter_map(|(rule, says)| {
            let found = says.as_ref().ok()?.as_ref()?;
            emergency::error_of(rule.code, found.severity, &found.title)
        });
        let (errors, memory) = (errors.collect(), emergencies.remove(&deployment.name));
        first_aid.extend(emergency::of_look(settings, (*deployment, &*seen), errors, memory, now));
        judged.push((*deployment, says));
    }
    Report {
        emergencies: first_aid,
        ..findings::report(judged, now)
    }
}
