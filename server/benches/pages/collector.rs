//! What the collector asks of the store, over and over, for each deployment.

use chrono::DateTime;
use recovery::Services;
use recovery::collect::{self, keep};
use recovery::settings::Deployment;

use crate::site::{Site, readings};

/// One thing that the collector does.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    /// Each source's reading is stored, its list of backups unchanged.
    Readings,
    /// Known commit times are read for the ends of windows.
    Commits,
    /// Verdicts, standings and the line for the list of deployments.
    Standing,
    /// What is older than the rule says is forgotten; most times that is nothing.
    Prune,
}

impl Call {
    pub const ALL: [Self; 4] = [Self::Readings, Self::Commits, Self::Standing, Self::Prune];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Readings => "collector: readings stored",
            Self::Commits => "collector: commit times",
            Self::Standing => "collector: standing recorded",
            Self::Prune => "collector: history pruned",
        }
    }

    /// Does it for the deployment in the middle.
    pub async fn make(self, site: &Site, services: &Services) {
        let deployments = &services.settings.deployments;
        let deployment = &deployments[site.names().len() / 2 - 1];
        match self {
            Self::Readings => {
                readings::put_sources(
                    &services.store,
                    &deployment.name,
                    site.scale.backups,
                    services.clock.now(),
                )
                .await
            }
            Self::Commits => commits(services, deployment).await,
            Self::Standing => collect::record(services, deployment).await.expect("records"),
            Self::Prune => keep::prune(&services.store).await.expect("prunes"),
        }
    }
}

async fn commits(services: &Services, deployment: &Deployment) {
    let known = services
        .store
        .commits_known(&deployment.name, DateTime::UNIX_EPOCH)
        .await;
    assert!(!known.expect("reads").is_empty());
}
