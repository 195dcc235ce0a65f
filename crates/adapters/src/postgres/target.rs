//! The server a dump is restored into. Muster makes a database there that wasn't there before, marks it as its own until it is whole,
//! and drops only what carries that mark.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::gap::Isolation;
use domain::ids::{Big, RunId, SystemIdentifier};
use domain::plan::{DatabaseName, Target};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::identifier::quote;
use super::locale::create_database;
use super::mark;
use crate::ampora::AmporaError;

/// The server, by a role that may create databases.
#[derive(Clone, Debug)]
pub struct TargetServer {
    admin: PgConnectOptions,
}

/// What the server is, before anything is made on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFacts {
    /// Host and port, or socket folder and port.
    pub server: String,
    pub system_identifier: SystemIdentifier,
    pub version: String,
    /// Names of its databases.
    pub databases: Vec<String>,
    pub roles: Vec<String>,
}

/// Why the target can't be used or a step on it failed.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("the server to restore into can’t be reached: {0}")]
    Unreachable(sqlx::Error),
    #[error("the server to restore into refused: {0}")]
    Refused(String),
    #[error("the server refused “{statement}”: {said}")]
    Statement { statement: String, said: String },
    #[error("the database {0} exists and isn’t this run’s: nothing was changed. Choose another name")]
    Taken(DatabaseName),
    #[error("the server answered {0}, which Muster doesn’t understand")]
    Odd(String),
    #[error(transparent)]
    Rows(#[from] AmporaError),
}

impl From<sqlx::Error> for TargetError {
    fn from(error: sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(refusal) => Self::Refused(refusal.message().to_owned()),
            None => Self::Unreachable(error),
        }
    }
}

impl TargetServer {
    #[must_use]
    pub fn new(admin: PgConnectOptions) -> Self {
        Self {
            admin: admin.application_name("muster restore"),
        }
    }

    /// How `pg_restore` reaches a database on it: everything but the password, which travels in the environment.
    #[must_use]
    pub fn arguments(&self, database: &DatabaseName) -> Vec<String> {
        let host = self
            .admin
            .get_socket()
            .map_or_else(|| self.admin.get_host().to_owned(), |dir| dir.display().to_string());
        vec![
            format!("--host={host}"),
            format!("--port={}", self.admin.get_port()),
            format!("--username={}", self.admin.get_username()),
            format!("--dbname={database}"),
        ]
    }

    /// # Errors
    /// If the server can't be asked.
    pub async fn facts(&self) -> Result<ServerFacts, TargetError> {
        let mut conn = self.connect("postgres").await?;
        let identifier: String = sqlx::query_scalar("SELECT system_identifier::text FROM pg_control_system()")
            .fetch_one(&mut conn)
            .await?;
        let version: String = sqlx::query_scalar("SELECT current_setting('server_version')")
            .fetch_one(&mut conn)
            .await?;
        let databases = sqlx::query_scalar("SELECT datname::text FROM pg_database ORDER BY 1")
            .fetch_all(&mut conn)
            .await?;
        let roles = sqlx::query_scalar("SELECT rolname::text FROM pg_roles ORDER BY 1")
            .fetch_all(&mut conn)
            .await?;
        conn.close().await?;
        let host = self
            .admin
            .get_socket()
            .map_or_else(|| self.admin.get_host().to_owned(), |dir| dir.display().to_string());
        let number = identifier.parse().map_err(|_| TargetError::Odd(identifier))?;
        Ok(ServerFacts {
            server: format!("{host}:{}", self.admin.get_port()),
            system_identifier: SystemIdentifier(Big(number)),
            version,
            databases,
            roles,
        })
    }

    /// Makes the empty database, marked as this run's. One that an earlier try of the same run left behind is dropped first; one that it
    /// had made and not marked yet is marked. `resumed`: there may have been such a try.
    ///
    /// # Errors
    /// If the name is taken by anything else.
    pub async fn create(&self, target: &Target, run: RunId, resumed: bool) -> Result<(), TargetError> {
        let mut conn = self.connect("postgres").await?;
        match mark::read(&mut conn, &target.database).await? {
            Some(Some(mark)) if mark == mark::incomplete(run) => {
                let drop = format!("DROP DATABASE {} WITH (FORCE)", quote(target.database.as_str()));
                sqlx::query(AssertSqlSafe(drop)).execute(&mut conn).await?;
                make(&mut conn, target).await?;
            }
            Some(None) if resumed && self.is_bare(&mut conn, target).await? => {}
            Some(_) => return Err(TargetError::Taken(target.database.clone())),
            None => match make(&mut conn, target).await {
                // The server carries out to its end what a worker asked for that is gone.
                Err(error) if resumed && mark::is_there_already(&error) && self.is_bare(&mut conn, target).await? => {}
                made => made?,
            },
        }
        mark::set(&mut conn, target, &mark::incomplete(run)).await?;
        conn.close().await?;
        Ok(())
    }

    /// Whether this is what the approved statement makes, and nobody has put anything into it.
    async fn is_bare(&self, conn: &mut PgConnection, target: &Target) -> Result<bool, TargetError> {
        if !mark::is_as_approved(conn, target).await? {
            return Ok(false);
        }
        let mut inside = self.connect(target.database.as_str()).await?;
        let bare = mark::is_empty(&mut inside).await?;
        inside.close().await?;
        Ok(bare)
    }

    /// Replaces the mark by one that says the database is whole; from then on Muster never drops it.
    ///
    /// # Errors
    /// If the server can't be asked.
    pub async fn complete(&self, target: &Target, run: RunId) -> Result<(), TargetError> {
        let mut conn = self.connect("postgres").await?;
        mark::set(&mut conn, target, &mark::whole(run)).await?;
        conn.close().await?;
        Ok(())
    }

    /// Runs the settings that the dump carries, renamed to the new database, and then gathers statistics, which dumps don't bring.
    ///
    /// # Errors
    /// With the statement that was refused.
    pub async fn apply(&self, target: &Target, statements: &[String]) -> Result<(), TargetError> {
        let mut conn = self.connect(target.database.as_str()).await?;
        // A role may change its own settings and nobody else's, and only owners gather statistics.
        let own = format!("SET ROLE {}", quote(&target.owner));
        sqlx::query(AssertSqlSafe(own)).execute(&mut conn).await?;
        for statement in statements {
            let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut conn).await;
            done.map_err(|error| match TargetError::from(error) {
                TargetError::Refused(said) => TargetError::Statement {
                    statement: statement.clone(),
                    said,
                },
                other => other,
            })?;
        }
        conn.close().await?;
        Ok(())
    }

    /// Exact row counts, `schema.table`, read by `reader`, a role that no policy hides rows from.
    ///
    /// # Errors
    /// If a table can't be read in full.
    pub async fn rows(
        &self,
        database: &DatabaseName,
        reader: &PgConnectOptions,
    ) -> Result<BTreeMap<String, Big>, TargetError> {
        let mut conn = self.reader(database, reader).connect().await?;
        let rows = crate::ampora::exact_rows(&mut conn).await?;
        conn.close().await?;
        Ok(rows)
    }

    /// What the owner of this database sees of other tenants than the one that is set.
    ///
    /// # Errors
    /// If nobody can look.
    pub async fn isolation(
        &self,
        database: &DatabaseName,
        reader: &PgConnectOptions,
    ) -> Result<Isolation, AmporaError> {
        let admin = self
            .admin
            .clone()
            .database(database.as_str())
            .disable_statement_logging();
        crate::ampora::isolation(&self.reader(database, reader), &admin).await
    }

    /// The reader's role and password, on this server and database, with every row visible or an error.
    #[must_use]
    pub fn reader(&self, database: &DatabaseName, reader: &PgConnectOptions) -> PgConnectOptions {
        let moved = match self.admin.get_socket() {
            Some(socket) => reader.clone().socket(socket),
            None => reader.clone().host(self.admin.get_host()),
        };
        moved
            .port(self.admin.get_port())
            .database(database.as_str())
            .options([("row_security", "off"), ("default_transaction_read_only", "on")])
            .disable_statement_logging()
    }

    async fn connect(&self, database: &str) -> Result<PgConnection, sqlx::Error> {
        let options = self.admin.clone().database(database).disable_statement_logging();
        match tokio::time::timeout(Duration::from_secs(10), options.connect()).await {
            Ok(connected) => connected,
            Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }
}

async fn make(conn: &mut PgConnection, target: &Target) -> Result<(), sqlx::Error> {
    let statement = create_database(target);
    sqlx::query(AssertSqlSafe(statement)).execute(conn).await.map(drop)
}
