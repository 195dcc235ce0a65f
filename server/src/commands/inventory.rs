//! `muster inventory`: what could be recovered, observed now. Works from the configuration alone.

use domain::inventory::{Inventory, InventoryReport};
use domain::role::Actor;
use domain::status::Status;
use recovery::keys::Memory;
use recovery::{Clock, collect};

use super::{chosen, exit, print, print_json};
use crate::cli::{Exit, Observe};
use crate::config::Config;
use crate::lifecycle::OwnDatabase;
use crate::print::inventory;
use crate::wiring::{self, Reach};

pub async fn run(config: &Config, options: &Observe, json: bool) -> anyhow::Result<Exit> {
    let settings = wiring::settings(config, Reach::Observe)?;
    let deployments = chosen(&settings.deployments, options.deployment.as_deref())?;
    let now = Clock::system().now();
    let mut seen = Vec::new();
    if options.cached {
        let database = OwnDatabase::look(config).await?;
        for deployment in deployments {
            let observed = collect::cached(&database.store, deployment).await?;
            seen.push(collect::assemble(deployment, &observed, now));
        }
        database.close().await?;
    } else {
        for deployment in deployments {
            seen.push(collect::observe(deployment, &Memory::None, &Actor::job("shell"), now).await);
        }
    }
    let code = exit(seen.iter().flat_map(statuses));
    if json {
        print_json(&InventoryReport::new(seen))?;
    } else {
        print(&inventory::text(&seen, now));
    }
    Ok(code)
}

/// What the exit code is drawn from: sources, and what must come back.
fn statuses(inventory: &Inventory) -> Vec<Status> {
    let sources = inventory.sources.iter().map(|source| source.status);
    sources
        .chain(inventory.artifacts.iter().map(|artifact| artifact.status))
        .collect()
}
