//! `muster keys`: the proof, now. Reads the keys' values, as `Prove now` does. Works from the configuration alone.

use domain::inventory::KeysReport;
use domain::observation::Known;
use domain::role::Actor;
use recovery::keys::{Memory, prove, unproven};
use recovery::{Clock, collect};

use super::{chosen, exit, print, print_json};
use crate::cli::{Exit, Observe};
use crate::config::Config;
use crate::lifecycle::OwnDatabase;
use crate::print::keys;
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
            let keys = observed.keys_with_coverage(now);
            seen.push(keys.unwrap_or_else(|| match observed.keys.known(now) {
                Known::Unknown { reason, .. } => unproven(deployment, reason),
                Known::Fresh { value, .. } => value.clone(),
            }));
        }
        database.close().await?;
    } else {
        for deployment in deployments {
            seen.push(prove(deployment, &Memory::None, &Actor::job("shell"), now).await);
        }
    }
    let code = exit(seen.iter().map(|keys| keys.status));
    if json {
        print_json(&KeysReport::new(seen))?;
    } else {
        print(&keys::text(&seen));
    }
    Ok(code)
}
