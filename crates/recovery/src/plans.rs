//! From a wish to a plan: facts are read, reasons against it collected, and what remains is pinned. Planning changes nothing.

mod again;
mod cost;
pub mod drill_on_rds;
pub mod drill_with_key;
pub mod full_disaster;
pub mod key_catch_up;
pub mod repoint;
mod restore_dump;
mod restore_pitr;
pub mod restore_rds;
pub mod retrieve_key;

use domain::plan::{Delivery, Plan};
use domain::role::Actor;
use serde::{Deserialize, Serialize};

use crate::keys::Memory;
use crate::settings::{Deployment, Settings};
use crate::{Clock, Error};

pub(crate) use cost::Back;
pub(crate) use restore_dump::rename;
pub use restore_dump::{CHECK_KEY, CHECK_ROWS, COMPLETE, CREATE, RESTORE, SETTINGS, VERIFY, check_facts};
pub use restore_pitr::steps as pitr_steps;
pub use restore_pitr::{check_place, check_wal, on_host};

/// What somebody wants, as typed. Nothing of it is believed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Wish {
    RestoreDump {
        deployment: String,
        source: String,
        backup: String,
        database: String,
    },
    RestorePitr {
        deployment: String,
        source: String,
        /// A time with its offset (RFC 3339), or `latest`.
        at: String,
        /// Just before that moment instead of behind it.
        #[serde(default)]
        exclusive: bool,
        /// Other databases of the cluster that may go back with it.
        #[serde(default)]
        affects: Vec<String>,
        /// Where the cluster stands, instead of beside it.
        #[serde(default)]
        in_place: bool,
    },
    RetrieveKey {
        deployment: String,
        version: String,
        delivery: Wanted,
    },
    KeyCatchUp {
        deployment: String,
    },
    RestoreRds {
        deployment: String,
        source: String,
        /// A time with its offset (RFC 3339), or `latest`.
        at: String,
        /// The new instance's name.
        instance: String,
    },
    Repoint {
        deployment: String,
        /// The database to point Ampora at.
        database: String,
        /// The server of the old database is gone and can't come back, as whoever asks says.
        #[serde(default)]
        old_is_gone: bool,
    },
    DrillWithKey {
        deployment: String,
        /// How long the approval shall stand.
        days: u32,
    },
    DrillOnRds {
        deployment: String,
        source: String,
        /// How long the approval shall stand.
        days: u32,
    },
    FullDisaster(Disaster),
}

/// What Ampora is to be brought up with, on the cluster of the configuration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Disaster {
    pub deployment: String,
    pub source: String,
    pub backup: String,
    pub database: String,
    /// The version of the master key.
    pub version: String,
    /// The destination of keys that leads to the Secret, and the name of the place in it.
    pub destination: String,
    pub name: String,
}

/// How a key is to leave Muster, as typed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "kebab-case")]
pub enum Wanted {
    Shown,
    Sealed { recipient: String },
    Split { recipients: [String; 2] },
    Placed { destination: String, name: String },
}

impl Wanted {
    /// As the fields of a form have it. Where none says how, a recipient means sealed and none means shown.
    #[must_use]
    pub fn typed(to: &str, recipients: [String; 2], destination: String, name: String) -> Self {
        let [recipient, second] = recipients;
        match to {
            "shown" => Self::Shown,
            "split" => Self::Split {
                recipients: [recipient, second],
            },
            "placed" => Self::Placed { destination, name },
            "sealed" => Self::Sealed { recipient },
            _ if recipient.trim().is_empty() => Self::Shown,
            _ => Self::Sealed { recipient },
        }
    }

    /// What leads to this delivery.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Self {
        match delivery {
            Delivery::ShownOnce => Self::Shown,
            Delivery::Sealed { recipient } => Self::Sealed {
                recipient: recipient.clone(),
            },
            Delivery::Split { recipients } => Self::Split {
                recipients: recipients.clone(),
            },
            Delivery::Placed(place) => Self::Placed {
                destination: place.destination.clone(),
                name: place.name.to_string(),
            },
        }
    }
}

impl Wish {
    #[must_use]
    pub fn deployment(&self) -> &str {
        match self {
            Self::RestoreDump { deployment, .. }
            | Self::RestorePitr { deployment, .. }
            | Self::RetrieveKey { deployment, .. }
            | Self::KeyCatchUp { deployment }
            | Self::RestoreRds { deployment, .. }
            | Self::Repoint { deployment, .. }
            | Self::DrillOnRds { deployment, .. }
            | Self::DrillWithKey { deployment, .. } => deployment,
            Self::FullDisaster(disaster) => &disaster.deployment,
        }
    }
}

/// Where a plan is made: by a person in the console, by the runner that checks it again, or at the command line.
#[derive(Clone, Debug)]
pub struct Planner<'a> {
    pub deployment: &'a Deployment,
    /// The whole site: where other deployments have their keys, and how keys may be handed out.
    pub settings: &'a Settings,
    pub memory: &'a Memory,
    pub actor: &'a Actor,
    pub clock: &'a Clock,
}

impl Planner<'_> {
    /// Resolves a wish.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every reason against it, so that nobody has to find them one by one.
    pub async fn plan(&self, wish: &Wish) -> Result<Plan, Error> {
        match wish {
            Wish::RestoreDump {
                source,
                backup,
                database,
                ..
            } => self.restore_dump(source, backup, database).await,
            Wish::RetrieveKey { version, delivery, .. } => self.retrieve_key(version, delivery).await,
            Wish::KeyCatchUp { .. } => self.key_catch_up().await,
            Wish::RestoreRds {
                source, at, instance, ..
            } => self.restore_rds(source, at, instance).await,
            Wish::Repoint {
                database, old_is_gone, ..
            } => self.repoint(database, *old_is_gone).await,
            Wish::DrillWithKey { days, .. } => self.drill_with_key(*days).await,
            Wish::DrillOnRds { source, days, .. } => self.drill_on_rds(source, *days).await,
            Wish::FullDisaster(disaster) => Box::pin(self.full_disaster(disaster)).await,
            Wish::RestorePitr {
                source,
                at,
                exclusive,
                affects,
                in_place,
                ..
            } => Box::pin(self.restore_pitr(source, at, *exclusive, affects, *in_place)).await,
        }
    }
}
