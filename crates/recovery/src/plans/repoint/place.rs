//! Where Ampora runs: in a cluster, or as a service of a machine. Either is read in the same way before it is changed.

use adapters::kubernetes::{Installation, Installed};
use adapters::npgsql::Connection;
use adapters::service::{Commands, Service, SetUp};
use domain::plan::{self, Ampora, DatabaseName, Setup, Workload};

/// Where it runs.
pub enum Place {
    Cluster(Installation),
    Service(Service),
}

/// How it is set up there.
pub struct Found {
    pub ampora: Ampora,
    /// The first is that of its database, a second one that of its replica.
    pub connections: Vec<Connection>,
    /// Nothing of it runs.
    pub stopped: bool,
    /// What speaks against leading it to another database.
    pub against: Vec<String>,
}

impl Place {
    /// # Errors
    /// If it can't be read or understood.
    pub async fn read(&self, database: &DatabaseName) -> Result<Found, String> {
        match self {
            Self::Cluster(installation) => workload(installation, database).await,
            Self::Service(service) => self::service(service).await,
        }
    }
}

async fn workload(installation: &Installation, database: &DatabaseName) -> Result<Found, String> {
    let installed = installation.read().await.map_err(|error| format!("{error}."))?;
    let secret = secret_name(database);
    let against = against(installation, &installed, &secret).await;
    let setup = Workload {
        cluster: installed.cluster,
        uid: installed.uid,
        container: installed.container,
        replicas: installed.replicas.max(1),
        secret,
    };
    Ok(Found {
        ampora: ampora(installation.name(), &installed.connections, Setup::Workload(setup)),
        connections: installed.connections,
        stopped: installed.replicas == 0,
        against,
    })
}

async fn against(installation: &Installation, installed: &Installed, secret: &str) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(keeper) = &installed.keeper {
        match installation.rests(keeper).await {
            Ok(true) => {}
            Ok(false) => reasons.push(format!(
                "{} would put the old connection back. Suspend it first: {}.",
                keeper.name(),
                keeper.cure()
            )),
            Err(error) => reasons.push(format!("Whether {} is suspended isn’t known: {error}.", keeper.name())),
        }
    }
    match installation.has_secret(secret).await {
        Ok(false) => {}
        Ok(true) => reasons.push(format!(
            "The Secret {secret} exists already: delete it, or restore under another name."
        )),
        Err(error) => reasons.push(format!("{error}.")),
    }
    reasons
}

/// A Secret's name has no underscores.
pub(in crate::plans) fn secret_name(database: &DatabaseName) -> String {
    format!("ampora-database-{}", database.as_str().replace('_', "-"))
}

async fn service(service: &Service) -> Result<Found, String> {
    let said = |error: &dyn std::fmt::Display| format!("{error}.");
    let SetUp { owner, connections } = service.read().await.map_err(|error| said(&error))?;
    let runs = service.runs().await.map_err(|error| said(&error))?;
    let missing = service.missing_programs().await.map_err(|error| said(&error))?;
    let against = missing.iter().map(|program| {
        format!(
            "{} has no program {program}, which the commands under [deployment.service] name.",
            service.host()
        )
    });
    let Commands { stop, start, status } = service.commands().clone();
    let setup = plan::Service {
        host: service.host().into(),
        env_file: service.env_file().into(),
        owner,
        stop,
        start,
        status,
    };
    Ok(Found {
        against: against.collect(),
        ampora: ampora(service.name(), &connections, Setup::Service(setup)),
        connections,
        stopped: runs == Some(false),
    })
}

fn ampora(name: String, connections: &[Connection], setup: Setup) -> Ampora {
    Ampora {
        name,
        variables: connections
            .iter()
            .map(|connection| connection.variable.clone())
            .collect(),
        setup,
    }
}
