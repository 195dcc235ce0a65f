//! Muster's own database: the one that is configured, or else a private cluster in the data directory, which lives as long as Muster does.

use std::fs;
use std::path::Path;
use std::time::Duration;

use adapters::ampora::AmporaDb;
use adapters::postgres::{Cluster, ClusterError, ClusterSpec, PgConnectOptions};
use anyhow::{Context as _, bail};
use futures::future::join_all;
use recovery::settings::Settings;
use store::Store;

use crate::config::Config;
use crate::wiring;

/// Folder of the private cluster below the data directory.
const FOLDER: &str = "postgres";
/// Owner of everything in the private cluster.
const SUPERUSER: &str = "muster";
/// The database that every new cluster has. A private cluster needs no other.
const DATABASE: &str = "postgres";
const CONNECTIONS: u32 = 20;
/// Longest wait for a protected deployment to say which cluster it is.
const ANSWER: Duration = Duration::from_secs(10);

/// The open database. [`OwnDatabase::close`] ends what was started for it.
pub struct OwnDatabase {
    pub store: Store,
    cluster: Option<Cluster>,
}

impl OwnDatabase {
    /// Opens the database of a Muster that serves: starts the private cluster if there is to be one, and brings the schema up to this version.
    ///
    /// # Errors
    /// If it can't be had, if it was set up by a newer Muster, or if it lies on a cluster that Muster protects.
    pub async fn open(config: &Config, protected: &Settings) -> anyhow::Result<Self> {
        let opened = match &config.database.url {
            Some(url) => Self::connect(wiring::options(url)?, None).await?,
            None => {
                let cluster = Cluster::start(spec(config)?).await?;
                cluster.supervise();
                Self::of_cluster(cluster).await?
            }
        };
        match opened.prepare(protected).await {
            Ok(()) => Ok(opened),
            Err(error) => {
                opened.close().await?;
                Err(error)
            }
        }
    }

    /// Lends the database to a command that reads it, whether a Muster serves from it at the moment or not.
    ///
    /// # Errors
    /// If it can't be had, or as `work`.
    pub async fn look<T>(config: &Config, work: impl AsyncFnOnce(&Store) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let database = Self::find(config).await?;
        let found = work(&database.store).await;
        database.close().await?;
        found
    }

    async fn find(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database.url {
            return Self::connect(wiring::options(url)?, None).await;
        }
        let folder = config.data_dir.join(FOLDER);
        if !folder.join("data").exists() {
            bail!(
                "there is no database yet: {} holds none and [database] url isn't set. `muster serve` makes one",
                folder.display()
            );
        }
        match Cluster::start(spec(config)?).await {
            Ok(cluster) => Self::of_cluster(cluster).await,
            Err(ClusterError::InUse { .. }) => Self::connect(of_running(&folder)?, None).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Closes all connections, and stops the private cluster.
    ///
    /// # Errors
    /// If the cluster doesn't stop.
    pub async fn close(self) -> anyhow::Result<()> {
        self.store.close().await;
        match self.cluster {
            Some(cluster) => Ok(cluster.stop().await?),
            None => Ok(()),
        }
    }

    async fn of_cluster(cluster: Cluster) -> anyhow::Result<Self> {
        let options = cluster.connect_options(DATABASE, SUPERUSER);
        match Self::connect(options, Some(cluster.clone())).await {
            Ok(opened) => Ok(opened),
            Err(error) => {
                cluster.stop().await?;
                Err(error)
            }
        }
    }

    async fn connect(options: PgConnectOptions, cluster: Option<Cluster>) -> anyhow::Result<Self> {
        Ok(Self {
            store: Store::connect(options, CONNECTIONS).await?,
            cluster,
        })
    }

    async fn prepare(&self, protected: &Settings) -> anyhow::Result<()> {
        // A cluster that Muster made for itself is nobody else's.
        if self.cluster.is_none() {
            refuse_protected(&self.store, protected).await?;
        }
        Ok(self.store.migrate().await?)
    }
}

fn spec(config: &Config) -> anyhow::Result<ClusterSpec> {
    Ok(ClusterSpec::new(config.data_dir.join(FOLDER), SUPERUSER)?)
}

/// A private cluster that another Muster has started: where its socket lies is written in `postmaster.pid`, in the fourth line (port) and
/// the fifth (folder); see `src/include/utils/pidfile.h` of PostgreSQL.
fn of_running(folder: &Path) -> anyhow::Result<PgConnectOptions> {
    let path = folder.join("data/postmaster.pid");
    let text = fs::read_to_string(&path);
    let text = text.with_context(|| {
        format!(
            "another Muster uses {}, but its server can't be found",
            folder.display()
        )
    })?;
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let (Some(port), Some(socket)) = (lines.get(3).and_then(|port| port.parse().ok()), lines.get(4)) else {
        bail!(
            "the server of another Muster is just starting in {}: try again in a few seconds",
            folder.display()
        );
    };
    let options = PgConnectOptions::new_without_pgpass().socket(socket).port(port);
    Ok(options.username(SUPERUSER).database(DATABASE))
}

/// A restore of the whole cluster would rewind Muster's own queue and approvals with it. The URL says nothing about that; the cluster's
/// system identifier does. A deployment that can't be asked now is no reason to stay down: the planner asks again.
async fn refuse_protected(store: &Store, protected: &Settings) -> anyhow::Result<()> {
    let own = store.system_identifier().await?;
    let asked = protected.deployments.iter().filter_map(|deployment| {
        let database = deployment.database.as_ref()?;
        Some(async move {
            let db = AmporaDb::new(database.options.clone(), database.schema.clone());
            let vitals = tokio::time::timeout(ANSWER, db.vitals()).await;
            (deployment.name.as_str(), vitals.ok().and_then(Result::ok))
        })
    });
    for (name, vitals) in join_all(asked).await {
        match vitals {
            Some(vitals) if vitals.system_identifier == own => bail!(
                "Muster's own database lies on the cluster of deployment {name} (system identifier {own}): a restore of that cluster would \
                 rewind Muster itself. Nothing was started. Give [database] url a cluster of its own, or leave it out"
            ),
            Some(_) => {}
            None => tracing::warn!(
                deployment = name,
                "can't be asked whether Muster's own database lies on its cluster"
            ),
        }
    }
    Ok(())
}
