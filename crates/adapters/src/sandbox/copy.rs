//! The restored copy: whom to ask in which of its databases. Everything is asked over the socket, or of an instance elsewhere over TLS as
//! production is, and read-only.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::Mutex;

use super::SandboxError;
use super::look::MOST_JOBS;
use crate::postgres::Binaries;
use crate::process::{RunAs, Tool};

/// A server that hangs shouldn't hang the drill.
const ACQUIRE: Duration = Duration::from_secs(20);
/// The one database that every cluster has and nobody can drop.
const EVERYWHERE: &str = "template1";

/// A restored server that takes connections.
#[derive(Debug)]
pub struct Copy {
    options: PgConnectOptions,
    /// The database that is asked about the whole server.
    home: String,
    binaries: Option<Binaries>,
    run_as: Option<RunAs>,
    /// One pool a database, by name.
    pools: Mutex<Vec<(String, PgPool)>>,
}

impl Copy {
    pub(super) fn new(options: PgConnectOptions, binaries: Binaries, run_as: Option<RunAs>) -> Self {
        Self {
            options,
            home: EVERYWHERE.into(),
            binaries: Some(binaries),
            run_as,
            pools: Mutex::new(Vec::new()),
        }
    }

    /// One that runs elsewhere, and takes a role that may only read.
    #[must_use]
    pub fn elsewhere(options: PgConnectOptions, database: &str) -> Self {
        Self {
            home: database.into(),
            ..Self::nowhere(options.application_name("muster drill"))
        }
    }

    /// One that nobody will ask.
    pub(super) fn nowhere(options: PgConnectOptions) -> Self {
        Self {
            options,
            home: EVERYWHERE.into(),
            binaries: None,
            run_as: None,
            pools: Mutex::new(Vec::new()),
        }
    }

    /// How Muster connects to one of its databases. No row is hidden, nothing of the copy runs by itself, and no limit that production sets for
    /// its own sessions cuts off the reading of a large table.
    #[must_use]
    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.options.clone().database(database).options([
            ("row_security", "off"),
            ("default_transaction_read_only", "on"),
            ("search_path", "public"),
            ("statement_timeout", "0"),
        ])
    }

    /// Name of its superuser.
    #[must_use]
    pub fn superuser(&self) -> &str {
        self.options.get_username()
    }

    /// The same as arguments of PostgreSQL's own tools.
    pub(super) fn arguments(&self) -> Vec<String> {
        let socket = self
            .options
            .get_socket()
            .map(|dir| dir.display().to_string())
            .unwrap_or_default();
        vec![
            format!("--host={socket}"),
            format!("--port={}", self.options.get_port()),
            format!("--username={}", self.options.get_username()),
            "--no-password".into(),
        ]
    }

    /// One of the server's own tools, if it is installed.
    pub(super) fn tool(&self, program: &str) -> Option<Tool> {
        let binaries = self.binaries.as_ref()?;
        let there = binaries.dir.join(program).is_file();
        there.then(|| binaries.tool(program).run_as(self.run_as.clone()))
    }

    /// Connections to a database, made when they are needed.
    pub(super) async fn pool(&self, database: &str) -> PgPool {
        let mut pools = self.pools.lock().await;
        if let Some((_, pool)) = pools.iter().find(|(name, _)| name == database) {
            return pool.clone();
        }
        let pool = PgPoolOptions::new()
            .max_connections(MOST_JOBS)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(self.options(database));
        pools.push((database.to_owned(), pool.clone()));
        pool
    }

    /// Connections to the database that is asked about the whole server.
    pub(super) async fn home(&self) -> PgPool {
        self.pool(&self.home).await
    }

    /// Whether it runs on this host, where its superuser reads it.
    pub(super) const fn is_here(&self) -> bool {
        self.binaries.is_some()
    }

    /// Whether it still recovers.
    ///
    /// # Errors
    /// If it can't be asked.
    pub async fn in_recovery(&self) -> Result<bool, SandboxError> {
        let asked = sqlx::query_scalar("SELECT pg_is_in_recovery()")
            .fetch_one(&self.home().await)
            .await;
        Ok(asked?)
    }

    /// Ends all connections.
    pub async fn close(&self) {
        for (_, pool) in self.pools.lock().await.drain(..) {
            pool.close().await;
        }
    }
}
