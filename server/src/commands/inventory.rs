//! `muster inventory`: what could be recovered, observed now. Works from the configuration alone.

use domain::inventory::{Inventory, InventoryReport, PolicyLine};
use domain::role::Actor;
use domain::status::Status;
use futures::future::join_all;
use recovery::keys::Memory;
use recovery::{Clock, collect};
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
    let seen = if options.cached {
        let remembered = async |store: &Store| {
            let mut seen = Vec::new();
            for deployment in deployments {
                let observed = collect::cached(store, deployment).await?;
                seen.push(collect::assemble(deployment, &observed, now));
            }
            Ok(seen)
        };
        OwnDatabase::look(config, remembered).await?
    } else {
        let (actor, memory) = (Actor::job("shell"), Memory::None);
        let looks = deployments
            .iter()
            .map(|deployment| collect::observe(deployment, &memory, &actor, now));
        join_all(looks).await
    };
    let code = exit(seen.iter().flat_map(statuses));
    if json {
        print::json(&InventoryReport::new(seen))?;
    } else {
        print::text(&print::inventory::text(&seen, now));
    }
    Ok(code)
}

/// What the exit code is drawn from: sources, what must come back, and what was promised. A rule that is unset or off counts neither way.
fn statuses(inventory: &Inventory) -> Vec<Status> {
    let sources = inventory.sources.iter().map(|source| source.status);
    let artifacts = inventory.artifacts.iter().map(|artifact| artifact.status);
    let promises = inventory.policy.iter().filter_map(PolicyLine::counts);
    sources.chain(artifacts).chain(promises).collect()
}
