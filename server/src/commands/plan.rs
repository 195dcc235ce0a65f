//! `muster plan restore`: a plan with its digest, from the configuration alone. Changes nothing.

use domain::plan::{Pinned, Plan};
use domain::role::Actor;
use domain::time::{bytes, span};
use recovery::keys::Memory;
use recovery::plans::{Planner, Wish};
use recovery::settings::{Deployment, Source};
use recovery::{Clock, Error};

use super::{chosen, print, print_json};
use crate::cli::{Exit, PlanRestore};
use crate::config::Config;
use crate::plan_document::{document, preconditions};
use crate::wiring::{self, Reach};

pub async fn restore(config: &Config, options: &PlanRestore, json: bool) -> anyhow::Result<Exit> {
    let settings = wiring::settings(config, Reach::Restore)?;
    let deployment = chosen(&settings.deployments, Some(&options.deployment))?[0];
    let (actor, clock, memory) = (Actor::job("shell"), Clock::system(), Memory::None);
    let planner = Planner {
        deployment,
        reveal: settings.reveal,
        memory: &memory,
        actor: &actor,
        clock: &clock,
    };
    let wish = Wish::RestoreDump {
        deployment: deployment.name.clone(),
        source: options
            .source
            .clone()
            .unwrap_or_else(|| source_of(deployment, &options.backup)),
        backup: options.backup.clone(),
        database: options.into.clone(),
    };
    match planner.plan(&wish).await {
        Ok(plan) if json => print_json(&document(&plan))?,
        Ok(plan) => print(&text(&plan)),
        Err(Error::Invalid(reasons)) => {
            if json {
                print_json(&serde_json::json!({"schema": "muster.plan/1", "refused": reasons}))?;
            } else {
                print(
                    &reasons
                        .iter()
                        .map(|reason| format!("refused: {reason}\n"))
                        .collect::<String>(),
                );
            }
            return Ok(Exit::Broken);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Ok)
}

/// The source that has a dump of this label; the first one if none has, which the plan then refuses by name.
fn source_of(deployment: &Deployment, label: &str) -> String {
    let dumps = deployment.sources.iter().filter_map(|source| match source {
        Source::Dumps(dumps) => Some(&dumps.folder),
        _ => None,
    });
    let all: Vec<_> = dumps.collect();
    let found = all.iter().find(|folder| folder.find(label).is_ok()).or(all.first());
    found.map(|folder| folder.name.clone()).unwrap_or_default()
}

fn text(plan: &Plan) -> String {
    let mut text = format!("{}\ndigest  {}\n\n", plan.pinned.title(), plan.pinned.digest());
    if let Pinned::RestoreDump(restore) = &plan.pinned {
        let (target, size) = (&restore.target, bytes(restore.dump_bytes.0));
        text.push_str(&format!(
            "from    {} ({size}, SHA-256 {})\n",
            restore.backup,
            restore.dump_sha256.short()
        ));
        text.push_str(&format!(
            "to      {} on {}, owned by {}\n",
            target.database, target.server, target.owner
        ));
    }
    if let Some(seconds) = plan.advisory.data_loss.as_ref().and_then(|loss| loss.seconds) {
        text.push_str(&format!("lacks   the last {} of production\n", span(seconds.min)));
    }
    for warning in &plan.advisory.warnings {
        text.push_str(&format!("note    {warning}\n"));
    }
    text.push_str("\nBefore it begins:\n");
    for condition in preconditions(&plan.pinned) {
        text.push_str(&format!("  - {condition}\n"));
    }
    text.push_str("\nSteps:\n");
    for (index, step) in plan.pinned.steps().iter().enumerate() {
        let mark = if step.destructive { " (destructive)" } else { "" };
        text.push_str(&format!("  {}. {}{mark}: {}\n", index + 1, step.name, step.detail));
        if !step.argv.is_empty() {
            text.push_str(&format!("     {}\n", step.argv.join(" ")));
        }
    }
    text
}
