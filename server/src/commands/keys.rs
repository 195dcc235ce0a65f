//! `muster keys`: the proof, now. Reads the keys' values, as `Prove now` does. Works from the configuration alone.

use domain::inventory::{Keys, KeysFound, KeysReport};
use domain::observation::Known;
use domain::role::Actor;
use domain::time::Timestamp;
use futures::future::join_all;
use recovery::collect::Observed;
use recovery::keys::{Memory, prove, unproven};
use recovery::settings::Deployment;
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
                seen.push(believed(deployment, &collect::cached(store, deployment).await?, now));
            }
            Ok(seen)
        };
        OwnDatabase::look(config, remembered).await?
    } else {
        let (actor, memory) = (Actor::job("shell"), Memory::None);
        let proofs = deployments.iter().map(async |deployment| {
            let keys = prove(deployment, &memory, &actor, now).await;
            (keys, Some(now))
        });
        join_all(proofs).await
    };
    let (seen, times): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
    let report = KeysReport::new(seen);
    let code = exit(report.deployments.iter().flat_map(KeysFound::statuses));
    if json {
        print::json(&report)?;
    } else {
        print::text(&print::keys::text(&report, &times, now));
    }
    Ok(code)
}

/// The last proof with its time. One that may no longer be believed proves nothing.
fn believed(deployment: &Deployment, observed: &Observed, now: Timestamp) -> (Keys, Option<Timestamp>) {
    match observed.keys.known(now) {
        Known::Unknown { reason, last } => (unproven(deployment, reason), last.map(|(_, at)| at)),
        Known::Fresh { value, at } => {
            let keys = observed.keys_with_coverage(now).unwrap_or_else(|| value.clone());
            (keys, Some(at))
        }
    }
}
