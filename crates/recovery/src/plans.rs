//! From a wish to a plan: facts are read, reasons against it collected, and what remains is pinned. Planning changes nothing.

mod restore_dump;
mod retrieve_key;

use domain::plan::Plan;
use domain::role::Actor;
use serde::{Deserialize, Serialize};

use crate::keys::Memory;
use crate::settings::Deployment;
use crate::{Clock, Error};

pub use restore_dump::{CHECK_KEY, CHECK_ROWS, COMPLETE, CREATE, RESTORE, SETTINGS, VERIFY, check_facts};
pub use retrieve_key::SHOW;

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
    RetrieveKey {
        deployment: String,
        version: String,
        recipient: Option<String>,
    },
}

impl Wish {
    #[must_use]
    pub fn deployment(&self) -> &str {
        match self {
            Self::RestoreDump { deployment, .. } | Self::RetrieveKey { deployment, .. } => deployment,
        }
    }
}

/// Where a plan is made: by a person in the console, by the runner that checks it again, or at the command line.
#[derive(Clone, Debug)]
pub struct Planner<'a> {
    pub deployment: &'a Deployment,
    pub reveal: crate::settings::Reveal,
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
            Wish::RetrieveKey { version, recipient, .. } => self.retrieve_key(version, recipient.as_deref()).await,
        }
    }
}
