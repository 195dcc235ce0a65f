//! `muster plan …`: a plan with its digest, from the configuration alone. Changes nothing.

use domain::role::Actor;
use recovery::keys::Memory;
use recovery::plans::{Disaster, Planner, Wanted, Wish};
use recovery::settings::{Deployment, Source};
use recovery::{Clock, Error};

use super::chosen;
use crate::cli::{Exit, Plan, PlanFullDisaster, PlanRestore, PlanRetrieveKey};
use crate::config::Config;
use crate::plan_document::document;
use crate::print;
use crate::wiring::{self, Reach};

pub async fn make(config: &Config, plan: &Plan, json: bool) -> anyhow::Result<Exit> {
    let settings = wiring::settings(config, Reach::Restore)?;
    let name = match plan {
        Plan::Restore(options) => &options.deployment,
        Plan::RetrieveKey(options) => &options.deployment,
        Plan::KeyCatchUp(options) => &options.deployment,
        Plan::Repoint(options) => &options.deployment,
        Plan::RestoreRds(options) => &options.deployment,
        Plan::DrillWithKey(options) => &options.deployment,
        Plan::DrillOnRds(options) => &options.deployment,
        Plan::FullDisaster(options) => &options.deployment,
    };
    let deployment = chosen(&settings.deployments, Some(name))?[0];
    let wish = match plan {
        Plan::Restore(options) => restore(deployment, options).await,
        Plan::RetrieveKey(options) => Wish::RetrieveKey {
            deployment: deployment.name.clone(),
            version: options.version.clone(),
            delivery: delivery(options)?,
        },
        Plan::KeyCatchUp(_) => Wish::KeyCatchUp {
            deployment: deployment.name.clone(),
        },
        Plan::FullDisaster(options) => disaster(deployment, options).await,
        Plan::DrillWithKey(options) => Wish::DrillWithKey {
            deployment: deployment.name.clone(),
            days: options.days,
        },
        Plan::DrillOnRds(options) => Wish::DrillOnRds {
            deployment: deployment.name.clone(),
            source: options.source.clone(),
            days: options.days,
        },
        Plan::RestoreRds(options) => Wish::RestoreRds {
            deployment: deployment.name.clone(),
            source: options.source.clone(),
            at: options.to.clone(),
            instance: options.instance.clone(),
        },
        Plan::Repoint(options) => Wish::Repoint {
            deployment: deployment.name.clone(),
            database: options.database.clone(),
            old_is_gone: options.old_is_gone,
        },
    };
    let (actor, clock, memory) = (Actor::job("shell"), Clock::system(), Memory::None);
    let planner = Planner {
        deployment,
        settings: &settings,
        memory: &memory,
        actor: &actor,
        clock: &clock,
    };
    match planner.plan(&wish).await {
        Ok(plan) if json => print::json(&document(&plan))?,
        Ok(plan) => print::text(&print::plan::text(&plan)),
        Err(Error::Invalid(reasons)) => {
            if json {
                print::json(&serde_json::json!({"schema": "muster.plan/1", "refused": reasons}))?;
            } else {
                let lines: String = reasons.iter().map(|reason| format!("refused: {reason}\n")).collect();
                print::text(&lines);
            }
            return Ok(Exit::Broken);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Ok)
}

async fn restore(deployment: &Deployment, options: &PlanRestore) -> Wish {
    if let Some(at) = &options.to {
        let stanzas = deployment.sources.iter().filter(|source| source.kind() == "pgbackrest");
        let first = stanzas.map(Source::name).next().unwrap_or_default();
        return Wish::RestorePitr {
            deployment: deployment.name.clone(),
            source: options.source.clone().unwrap_or_else(|| first.into()),
            at: at.clone(),
            exclusive: options.exclusive,
            affects: options.affects.clone(),
            in_place: options.in_place,
        };
    }
    let backup = options.backup.clone().unwrap_or_default();
    Wish::RestoreDump {
        deployment: deployment.name.clone(),
        source: match &options.source {
            Some(source) => source.clone(),
            None => source_of(deployment, &backup).await,
        },
        backup,
        database: options.into.clone().unwrap_or_default(),
    }
}

async fn disaster(deployment: &Deployment, options: &PlanFullDisaster) -> Wish {
    let source = match &options.source {
        Some(source) => source.clone(),
        None => source_of(deployment, &options.backup).await,
    };
    Wish::FullDisaster(Disaster {
        deployment: deployment.name.clone(),
        source,
        backup: options.backup.clone(),
        database: options.into.clone(),
        version: options.key_version.clone(),
        destination: options.destination.clone(),
        name: options.name.clone(),
    })
}

fn delivery(options: &PlanRetrieveKey) -> anyhow::Result<Wanted> {
    if let (Some(destination), Some(name)) = (&options.destination, &options.name) {
        return Ok(Wanted::Placed {
            destination: destination.clone(),
            name: name.clone(),
        });
    }
    match options.recipients.as_slice() {
        [] => Ok(Wanted::Shown),
        [recipient] => Ok(Wanted::Sealed {
            recipient: recipient.clone(),
        }),
        [one, other] => Ok(Wanted::Split {
            recipients: [one.clone(), other.clone()],
        }),
        _ => anyhow::bail!("--recipient is given once, or twice for two shares"),
    }
}

/// The source that has a dump of this label; the first one if none has, which the plan then refuses by name.
async fn source_of(deployment: &Deployment, label: &str) -> String {
    let dumps = deployment.sources.iter().filter_map(|source| match source {
        Source::Dumps(dumps) => Some(&dumps.place),
        _ => None,
    });
    let mut first = None;
    for place in dumps {
        if place.find(label).await.is_ok() {
            return place.name().into();
        }
        first.get_or_insert(place.name());
    }
    first.unwrap_or_default().into()
}
