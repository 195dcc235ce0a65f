//! The database that Ampora is led away from. Once Ampora runs on another one nobody may write to it any more, not even by a connection
//! that some pool still holds; its contents stay as they are.

use std::time::Duration;

use domain::ids::{Big, SystemIdentifier};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _};
use tokio::time::{sleep, timeout};

use super::identifier::quote;
use super::target::TargetError;

const CONNECTING: Duration = Duration::from_secs(10);
/// How often, and how long in all, sessions are waited for that were told to end.
const LOOKS: u32 = 40;
const BETWEEN: Duration = Duration::from_millis(250);

/// One database of a server, by a role that may close it: its owner, or a superuser.
#[derive(Clone, Debug)]
pub struct Fence {
    admin: PgConnectOptions,
    database: String,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FenceFacts {
    pub system_identifier: SystemIdentifier,
    /// Whether anybody may connect to it. `None`: there is no such database.
    pub open: Option<bool>,
    /// Client sessions on it.
    pub sessions: u64,
    /// Whether this role may close it.
    pub may_close: bool,
}

impl Fence {
    #[must_use]
    pub fn new(admin: PgConnectOptions, database: &str) -> Self {
        Self {
            admin: admin.application_name("muster restore"),
            database: database.into(),
        }
    }

    /// # Errors
    /// If the server can't be asked.
    pub async fn facts(&self) -> Result<FenceFacts, TargetError> {
        let mut conn = self.connect().await?;
        let row = sqlx::query(
            "SELECT (SELECT system_identifier::text FROM pg_control_system()) AS id, d.datallowconn AS open,
                    (SELECT count(*) FROM pg_stat_activity a WHERE a.datid = d.oid) AS sessions,
                    coalesce(pg_has_role(d.datdba, 'USAGE'), false) AS may_close
             FROM (SELECT 1) AS one LEFT JOIN pg_database d ON d.datname = $1",
        )
        .bind(&self.database)
        .fetch_one(&mut conn)
        .await?;
        conn.close().await?;
        let id: String = row.try_get("id")?;
        let sessions: i64 = row.try_get("sessions")?;
        let number = id.parse().map_err(|_| TargetError::Odd(id))?;
        Ok(FenceFacts {
            system_identifier: SystemIdentifier(Big(number)),
            open: row.try_get("open")?,
            sessions: u64::try_from(sessions).unwrap_or_default(),
            may_close: row.try_get("may_close")?,
        })
    }

    /// Lets nobody in any more and ends the sessions that are in; returns how many there were. Doing it again changes nothing.
    ///
    /// # Errors
    /// If the server refuses, or a session doesn't end.
    pub async fn close(&self) -> Result<u64, TargetError> {
        let mut conn = self.connect().await?;
        self.allow(&mut conn, false).await?;
        let before = self.sessions(&mut conn).await?;
        for _ in 0..LOOKS {
            let end =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()";
            sqlx::query(end).bind(&self.database).execute(&mut conn).await?;
            if self.sessions(&mut conn).await? == 0 {
                conn.close().await?;
                return Ok(before);
            }
            sleep(BETWEEN).await;
        }
        Err(TargetError::Refused(format!(
            "sessions on {} don’t end, so somebody may still write to it",
            self.database
        )))
    }

    /// How many sessions these roles have on it, Muster's own left out.
    ///
    /// # Errors
    /// If the server can't be asked.
    pub async fn sessions_of(&self, roles: &[String]) -> Result<u64, TargetError> {
        let mut conn = self.connect().await?;
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = $1 AND usename = ANY ($2) AND coalesce(application_name, '') NOT LIKE 'muster%'",
        )
        .bind(&self.database)
        .bind(roles)
        .fetch_one(&mut conn)
        .await?;
        conn.close().await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Lets everybody in again whom the server's own rules let in.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn open(&self) -> Result<(), TargetError> {
        let mut conn = self.connect().await?;
        self.allow(&mut conn, true).await?;
        conn.close().await?;
        Ok(())
    }

    async fn allow(&self, conn: &mut PgConnection, allowed: bool) -> Result<(), TargetError> {
        let statement = self.statement(allowed);
        match sqlx::query(AssertSqlSafe(statement.clone())).execute(conn).await {
            Ok(_) => Ok(()),
            Err(error) => Err(match TargetError::from(error) {
                TargetError::Refused(said) => TargetError::Statement { statement, said },
                other => other,
            }),
        }
    }

    /// What a person would type.
    #[must_use]
    pub fn statement(&self, allowed: bool) -> String {
        format!("ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}", quote(&self.database))
    }

    async fn sessions(&self, conn: &mut PgConnection) -> Result<u64, TargetError> {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()";
        let count: i64 = sqlx::query_scalar(count).bind(&self.database).fetch_one(conn).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// By another database: one that is open can't be closed from within.
    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        let options = self.admin.clone().database("postgres").disable_statement_logging();
        match timeout(CONNECTING, options.connect()).await {
            Ok(connected) => connected,
            Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }
}

/// Signs in once, as somebody else will, and leaves.
///
/// # Errors
/// In the server's own words.
pub async fn sign_in(options: &PgConnectOptions) -> Result<(), TargetError> {
    let options = options
        .clone()
        .application_name("muster restore")
        .disable_statement_logging();
    match timeout(CONNECTING, options.connect()).await {
        Ok(connected) => Ok(connected?.close().await?),
        Err(_) => Err(TargetError::Unreachable(sqlx::Error::PoolTimedOut)),
    }
}
