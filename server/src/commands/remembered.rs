//! What Muster remembers of earlier looks, for commands that look now. Without its database that isn't known, and whatever needs it says so.

use std::collections::BTreeMap;

use domain::inventory::Keys;
use domain::observation::Observation;
use domain::time::Timestamp;
use recovery::collect::{self, Observed};
use recovery::keys::Memory;
use recovery::settings::{Deployment, Settings};
use recovery::{emergency, findings};
use store::Store;

use crate::config::Config;
use crate::lifecycle::OwnDatabase;

/// Empty where the database can't be had.
#[derive(Default)]
pub struct Remembered {
    /// The deployments that a command is about, by name.
    pub observed: BTreeMap<String, Observed>,
    /// What an emergency of theirs would be drawn up from.
    pub emergencies: BTreeMap<String, emergency::Remembered>,
    /// The latest proof of each other deployment of the site.
    pub proofs: BTreeMap<String, Observation<Keys>>,
}

/// What else is asked for while the database is at hand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Besides {
    Nothing,
    /// Which backups there are now, seen with what is remembered of each.
    Backups,
}

impl Remembered {
    /// Asks Muster's database, if there is one.
    pub async fn of(
        config: &Config,
        settings: &Settings,
        chosen: &[&Deployment],
        besides: Besides,
        now: Timestamp,
    ) -> Self {
        let all = &settings.deployments;
        let read = async |store: &Store| {
            let mut known = Self::default();
            for deployment in all {
                let name = deployment.name.clone();
                if !chosen.iter().any(|chosen| chosen.name == name) {
                    known.proofs.insert(name, collect::proof(store, deployment).await?);
                    continue;
                }
                let mut observed = findings::known(store, all, deployment, now).await?;
                if besides == Besides::Backups {
                    let memory = Memory::Store(store.clone());
                    observed = collect::glance(deployment, &memory, observed, now).await;
                }
                let emergency = emergency::remembered(store, &name, settings.approvals.roles).await?;
                known.emergencies.insert(name.clone(), emergency);
                known.observed.insert(name, observed);
            }
            Ok(known)
        };
        OwnDatabase::look(config, read).await.unwrap_or_else(|error| {
            tracing::warn!("nothing is known of earlier looks: {error:#}");
            Self::default()
        })
    }
}
