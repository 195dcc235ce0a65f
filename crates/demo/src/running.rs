//! The running demo, and how it starts and ends.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use adapters::postgres::Cluster;
use anyhow::Context as _;

use crate::config::{self, CLIENT_ID, Console};
use crate::folder::{Folder, State};
use crate::idp::{ACCOUNTS, Account, Client, Provider};
use crate::secrets::Secrets;
use crate::writer::Writer;
use crate::{backups, creation, schema};

/// Told what is being done, one sentence at a time, for people who wait.
pub type Progress = dyn Fn(&str) + Send + Sync;

/// Where a demo lives.
pub struct DemoOptions {
    /// Its folder, made if it is missing. One that holds an earlier demo is picked up again; one that holds anything else is refused.
    pub dir: PathBuf,
    /// Address that the console will listen at; with port 0 a free one is chosen, see [`Demo::listen`].
    pub listen: SocketAddr,
    pub progress: Box<Progress>,
}

/// A running demo. [`Demo::stop`] ends everything it started; if it is dropped instead, its PostgreSQL server goes on, to be picked up by
/// the next demo in the same folder.
pub struct Demo {
    folder: Folder,
    cluster: Cluster,
    provider: Provider,
    writer: Writer,
    console: Console,
}

impl Demo {
    /// Makes a demo, or picks an earlier one up, and starts it.
    ///
    /// # Errors
    /// If a tool is missing or fails, or if the folder or a port can't be used. Nothing is left running then.
    pub async fn start(options: DemoOptions) -> anyhow::Result<Self> {
        let DemoOptions { dir, listen, progress } = options;
        let (folder, state) = Folder::claim(&dir)?;
        if !state.complete {
            begin_anew(&folder).await?;
        }
        progress(if state.complete {
            "Starting the earlier demo's PostgreSQL"
        } else {
            "Starting PostgreSQL"
        });
        let cluster = Cluster::start(creation::cluster(&folder)?).await?;
        match Self::start_on(folder, state, &cluster, listen, &progress).await {
            Ok(demo) => Ok(demo),
            Err(error) => {
                if let Err(leftover) = stop_cluster(&cluster).await {
                    tracing::error!(error = %leftover, "the demo's PostgreSQL could not be stopped either");
                }
                Err(error)
            }
        }
    }

    async fn start_on(
        folder: Folder,
        state: State,
        cluster: &Cluster,
        listen: SocketAddr,
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let secrets = Secrets::load(&folder)?;
        backups::configure(&folder, cluster)?;
        if !state.complete {
            creation::create(&folder, cluster, &secrets, progress).await?;
        }
        let console = Console::at(with_port(listen)?)?;
        let client = Client {
            id: CLIENT_ID,
            secret: secrets.client.clone(),
            redirect_uri: console.redirect_uri()?,
            post_logout_redirect_uri: console.public_url.clone(),
        };
        let addresses = provider_addresses(&state, console.listen.port());
        let provider = Provider::start(&addresses, client, &secrets.signing_key).await?;
        config::write(&folder, cluster, &secrets, &console, provider.issuer())?;
        folder.remember(&State {
            complete: true,
            provider_port: Some(provider.address().port()),
        })?;
        cluster.supervise();
        let options = cluster
            .connect_options(schema::DATABASE, "ampora")
            .password(&secrets.ampora);
        Ok(Self {
            folder,
            cluster: cluster.clone(),
            provider,
            writer: Writer::start(options),
            console,
        })
    }

    /// The `muster.toml` that every other command can use while the demo runs.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.folder.config()
    }

    /// Address for the console; the configuration names the same.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.console.listen
    }

    /// The identity provider's issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.provider.issuer()
    }

    /// Who can sign in, without a password.
    #[must_use]
    pub fn accounts(&self) -> &'static [Account] {
        &ACCOUNTS
    }

    /// Major version of the demo's PostgreSQL. Ampora itself needs 16; the demo takes what it finds, so the pages should say so.
    #[must_use]
    pub fn postgres_major(&self) -> u32 {
        self.cluster.binaries().major
    }

    /// Ends the writer, the identity provider and PostgreSQL. The folder stays, for another start.
    ///
    /// # Errors
    /// If PostgreSQL doesn't stop; everything else is ended then, too.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.writer.stop().await;
        self.provider.stop().await;
        stop_cluster(&self.cluster).await
    }
}

/// Removes what a demo that was cut short while it was made left behind. Too little is there to go on with, and making it takes seconds.
async fn begin_anew(folder: &Folder) -> anyhow::Result<()> {
    if folder.cluster().join("data/PG_VERSION").exists() {
        // Its server may still run; adopting and stopping it is the one safe way to find out.
        stop_cluster(&Cluster::start(creation::cluster(folder)?).await?).await?;
    }
    folder.clear()?;
    folder.remember(&State::default())
}

async fn stop_cluster(cluster: &Cluster) -> anyhow::Result<()> {
    cluster
        .stop()
        .await
        .context("the demo's PostgreSQL could not be stopped")
}

/// Port 0 means any. The console binds it a moment later; only then it is sure.
fn with_port(listen: SocketAddr) -> anyhow::Result<SocketAddr> {
    if listen.port() != 0 {
        return Ok(listen);
    }
    let probe = TcpListener::bind(listen).with_context(|| format!("no free port at {}", listen.ip()))?;
    Ok(probe.local_addr()?)
}

/// Where the identity provider tries to listen: where it did before, next to the console, anywhere; never where the console will.
fn provider_addresses(state: &State, console: u16) -> Vec<SocketAddr> {
    let ports = [state.provider_port, console.checked_add(1), Some(0)];
    let ports = ports.into_iter().flatten().filter(|port| *port != console);
    ports
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .collect()
}
