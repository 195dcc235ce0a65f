//! `muster drill`: a drill now, and the history.

use std::sync::Arc;

use anyhow::Context as _;
use domain::drill::{Choice, Trigger, Verdict};
use domain::ids::DrillId;
use domain::role::Actor;
use recovery::drills::{self, StoredDrill};
use recovery::settings::Settings;
use recovery::{Clock, Services};
use store::Store;
use store::drills::DrillFilter;

use super::chosen;
use crate::cli::{DrillList, DrillRun, Exit};
use crate::config::Config;
use crate::drill_document::{document, list as documents, text};
use crate::lifecycle::{OwnDatabase, Shutdown};
use crate::print;
use crate::wiring::{self, Reach};

/// Runs one, in this process, unless a worker takes it first.
pub async fn run(config: &Config, options: &DrillRun, json: bool) -> anyhow::Result<Exit> {
    let settings = wiring::settings(config, Reach::Restore)?;
    let deployment = chosen(&settings.deployments, Some(&options.deployment))?[0]
        .name
        .clone();
    let choice = match &options.backup {
        None => Choice::Latest,
        Some(label) if label == "random" => Choice::Random,
        Some(label) if label == "latest" => Choice::Latest,
        Some(label) if label == "latest-restorable-time" => Choice::LatestRestorableTime,
        Some(label) => Choice::Label {
            label: label.clone(),
            source: options.source.clone(),
        },
    };
    let shutdown = Shutdown::on_signals()?;
    let work = async |store: &Store| {
        store.migrate().await?;
        let services = services(config, settings.clone(), store)?;
        drills::sweep(&services).await;
        let actor = Actor::job("shell");
        let id = drills::queue(&services, &actor, &deployment, choice.clone(), Trigger::Shell).await?;
        Ok(drills::run_here(&services, id, &shutdown.stop).await?)
    };
    let stored = OwnDatabase::look(config, work).await?;
    if json {
        print::json(&document(&stored))?;
    } else {
        print::text(&text(&stored.drill));
    }
    Ok(exit(&stored))
}

/// Prints the history, newest first.
pub async fn list(config: &Config, options: &DrillList, json: bool) -> anyhow::Result<Exit> {
    let filter = DrillFilter {
        deployment: options.deployment.clone(),
        ..DrillFilter::default()
    };
    let work = async |store: &Store| {
        let before = match options.before.map(DrillId) {
            None => None,
            Some(id) => {
                let last = store
                    .drill(id)
                    .await?
                    .with_context(|| format!("There is no drill {id}."))?;
                Some(last.place())
            }
        };
        Ok(store.drills(&filter, before, options.limit).await?)
    };
    let found = OwnDatabase::look(config, work).await?;
    if json {
        print::json(&documents(&found))?;
        return Ok(Exit::Ok);
    }
    let mut lines = String::new();
    for stored in &found {
        let drill = &stored.drill;
        let verdict = drill.verdict.map_or(stored.state.word(), Verdict::word);
        let label = drill.backup.as_ref().map_or("-", |backup| backup.label.as_str());
        let when = domain::time::rfc3339(drill.queued_at);
        let why = drill.failure.as_ref().map_or(String::new(), |why| why.code.clone());
        lines.push_str(&format!(
            "{verdict:<18}  {when}  {}  {label}  {}  {why}\n",
            drill.deployment, drill.id
        ));
    }
    if let Some(last) = found.last().filter(|_| i64::try_from(found.len()) == Ok(options.limit)) {
        lines.push_str(&format!("older ones: --before {}\n", last.drill.id));
    }
    print::text(&lines);
    Ok(Exit::Ok)
}

fn services(config: &Config, settings: Settings, store: &Store) -> anyhow::Result<Services> {
    Ok(Services {
        store: store.clone(),
        settings: Arc::new(settings),
        clock: Clock::system(),
        provider: Arc::new(wiring::provider_or_nobody(config)?),
        works: true,
    })
}

fn exit(stored: &StoredDrill) -> Exit {
    match stored.drill.verdict {
        Some(Verdict::Passed) => Exit::Ok,
        Some(Verdict::Failed) => Exit::Broken,
        Some(Verdict::EnvironmentBroken) | None => Exit::Unknown,
    }
}
