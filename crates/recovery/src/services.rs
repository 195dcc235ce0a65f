//! What every use case needs: the store, the settings, the clock and the identity provider.

use std::sync::Arc;

use adapters::oidc::Provider;
use chrono::Utc;
use domain::time::Timestamp;
use store::Store;

use crate::Error;
use crate::settings::{Deployment, Settings};

/// Tells the time. Tests set it; nothing else in Muster reads a clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock of one's own.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// The parts, cheap to clone.
#[derive(Clone, Debug)]
pub struct Services {
    pub store: Store,
    pub settings: Arc<Settings>,
    pub clock: Clock,
    pub provider: Arc<Provider>,
    /// Whether this process holds the credentials of managers and backups. Without them it shows pages and runs nothing.
    pub works: bool,
}

impl Services {
    pub(crate) fn deployment(&self, name: &str) -> Result<&Deployment, Error> {
        self.settings
            .deployment(name)
            .ok_or_else(|| Error::NotFound(format!("deployment {name}")))
    }
}
