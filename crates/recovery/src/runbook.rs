//! The full-disaster runbook: the documented procedure with the facts of the day and the exact commands, for a restore without Muster. Made
//! from observations, or from the configuration alone; what isn't known reads unknown. No secret is ever part of it.

mod afterwards;
mod database;
mod dump;
mod facts;
mod first_aid;
mod keep;
mod key;
mod recover;
mod stanza;
mod start;
mod traps;

use domain::inventory::{Inventory, Keys};
use domain::observation::Known;
use domain::role::Actor;
use domain::runbook::Runbook;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use store::Store;

use crate::by_hand::shell;
use crate::collect::{self, ImagesReading, Observed};
use crate::keys::{Memory, unproven};
use crate::settings::{Deployment, Settings};
use crate::{Error, Services};

pub use keep::{Copy, newest, write_daily};

/// Everything that the chapters are written from.
struct Book<'a> {
    settings: &'a Settings,
    deployment: &'a Deployment,
    observed: &'a Observed,
    inventory: Inventory,
    keys: Keys,
    now: Timestamp,
}

/// From what the store knows.
///
/// # Errors
/// If there is no such deployment, or the store can't be read.
pub async fn cached(services: &Services, deployment: &str) -> Result<Runbook, Error> {
    let deployment = services.deployment(deployment)?;
    remembered(&services.store, &services.settings, deployment, services.clock.now()).await
}

async fn remembered(
    store: &Store,
    settings: &Settings,
    deployment: &Deployment,
    now: Timestamp,
) -> Result<Runbook, Error> {
    let observed = collect::cached(store, deployment).await?;
    Ok(Book::new(settings, deployment, &observed, now).compose())
}

/// From the configuration alone: everything is looked at now, nothing is remembered.
pub async fn observed(settings: &Settings, deployment: &Deployment, actor: &Actor, now: Timestamp) -> Runbook {
    let observed = collect::look_now(deployment, &Memory::None, actor, now).await;
    Book::new(settings, deployment, &observed, now).compose()
}

impl<'a> Book<'a> {
    fn new(settings: &'a Settings, deployment: &'a Deployment, observed: &'a Observed, now: Timestamp) -> Self {
        let keys = match observed.keys.known(now) {
            Known::Unknown { reason, .. } => unproven(deployment, reason),
            Known::Fresh { value, .. } => observed.keys_with_coverage(now).unwrap_or_else(|| value.clone()),
        };
        Self {
            settings,
            deployment,
            observed,
            inventory: collect::assemble(deployment, observed, now),
            keys,
            now,
        }
    }

    fn compose(&self) -> Runbook {
        Runbook {
            deployment: self.deployment.name.clone(),
            made_at: self.now,
            version: env!("CARGO_PKG_VERSION").into(),
            sections: vec![
                first_aid::section(self),
                facts::people(self),
                facts::stock(self),
                facts::keys(self),
                facts::places(self),
                start::new_cluster(self),
                database::section(self),
                key::section(self),
                start::tls(self),
                start::apply(self),
                start::validate(self),
                start::other_database(self),
                afterwards::section(self),
                traps::section(),
            ],
        }
    }

    fn vitals(&self) -> Result<&Vitals, String> {
        match self.observed.vitals.known(self.now) {
            Known::Fresh { value, .. } => Ok(value),
            // On the worst day the last good reading is what there is; its time stands beside it.
            Known::Unknown {
                last: Some((value, _)), ..
            } => Ok(value),
            Known::Unknown { reason, last: None } => Err(reason),
        }
    }

    fn images(&self) -> Option<Result<&ImagesReading, String>> {
        let seen = self.observed.images.as_ref()?;
        Some(match seen.known(self.now) {
            Known::Fresh { value, .. }
            | Known::Unknown {
                last: Some((value, _)), ..
            } => Ok(value),
            Known::Unknown { reason, last: None } => Err(reason),
        })
    }

    /// Where Ampora runs, as far as the configuration tells; else as its documentation has it.
    fn kubectl(&self) -> (String, String, String) {
        let cluster = self.deployment.kubernetes.as_ref();
        let namespace = cluster.map_or("ampora", |cluster| &cluster.namespace);
        let workload = cluster.map_or("ampora-web", |cluster| &cluster.deployment);
        let call = format!("kubectl -n {}", shell::word(namespace));
        (call, namespace.to_owned(), workload.to_owned())
    }

    /// Name of Ampora's own database.
    fn database(&self) -> String {
        let live = self.deployment.database.as_ref();
        let named = live.and_then(|live| live.options.get_database().map(str::to_owned));
        named
            .or_else(|| self.vitals().ok().map(|vitals| vitals.database.clone()))
            .unwrap_or_else(|| "ampora".into())
    }
}
