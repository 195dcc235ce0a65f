//! What is configured of a site that leading Ampora to another database needs.

use adapters::ampora::AmporaDb;
use adapters::kubernetes::{Installation, KubernetesSettings};
use adapters::postgres::{Fence, TargetServer};
use domain::plan::DatabaseName;

use super::place::Place;
use crate::Error;
use crate::settings::{Database, Deployment, Kubernetes, Restore};

/// Everything configured that it needs.
pub struct Site<'a> {
    pub deployment: &'a Deployment,
    pub restore: &'a Restore,
    pub database: &'a Database,
    pub place: Place,
    pub server: TargetServer,
}

impl<'a> Site<'a> {
    /// # Errors
    /// With everything that isn't configured.
    pub fn of(deployment: &'a Deployment) -> Result<Self, Error> {
        let place = place(deployment);
        let mut missing = Vec::new();
        if place.is_none() {
            missing.push(
                "Where Ampora runs isn’t configured: set [deployment.kubernetes], or [deployment.service] where it is a service of a machine."
                    .to_owned(),
            );
        }
        if deployment.restore.is_none() {
            missing.push(
                "The server of the restored database isn’t configured: set admin_url under [deployment.restore]."
                    .to_owned(),
            );
        }
        if deployment.database.is_none() {
            missing.push("No role may look into the restored database: set [deployment.database].".to_owned());
        }
        let (Some(place), Some(restore), Some(database)) = (place, &deployment.restore, &deployment.database) else {
            return Err(Error::Invalid(missing));
        };
        Ok(Self {
            deployment,
            restore,
            database,
            place,
            server: TargetServer::new(restore.admin.clone()),
        })
    }

    /// `None`: it is a service of a machine.
    #[must_use]
    pub const fn installation(&self) -> Option<&Installation> {
        match &self.place {
            Place::Cluster(installation) => Some(installation),
            Place::Service(_) => None,
        }
    }

    /// Where Ampora will find the server.
    #[must_use]
    pub fn seen_as(&self) -> (String, u16) {
        let admin = &self.restore.admin;
        self.restore.repoint.seen_as.clone().unwrap_or_else(|| {
            let socket = admin.get_socket().map(|folder| folder.display().to_string());
            (socket.unwrap_or_else(|| admin.get_host().to_owned()), admin.get_port())
        })
    }

    /// The old database, by the role that may close it.
    #[must_use]
    pub fn fence(&self, database: &str) -> Fence {
        let role = self.restore.repoint.fence.as_ref().unwrap_or(&self.restore.admin);
        Fence::new(role.clone(), database)
    }

    /// The new database, by the role that makes databases.
    #[must_use]
    pub fn successor(&self, database: &DatabaseName) -> Fence {
        Fence::new(self.restore.admin.clone(), database.as_str())
    }

    pub(super) fn reader(&self, database: &DatabaseName) -> AmporaDb {
        AmporaDb::new(
            self.server.reader(database, &self.database.options),
            self.database.schema.clone(),
        )
    }
}

/// A service is configured for this alone, a cluster for other questions too.
fn place(deployment: &Deployment) -> Option<Place> {
    let restore = deployment.restore.as_ref();
    if let Some(service) = restore.and_then(|restore| restore.repoint.service.clone()) {
        return Some(Place::Service(service));
    }
    let Kubernetes {
        kubeconfig,
        context,
        namespace,
        deployment,
        ..
    } = deployment.kubernetes.as_ref()?;
    let settings = KubernetesSettings {
        kubeconfig: kubeconfig.clone(),
        context: context.clone(),
    };
    Some(Place::Cluster(Installation::new(settings, namespace, deployment)))
}
