//! Muster's own PostgreSQL: every statement on it, one file an aggregate. Statements are checked against the schema when this crate is
//! compiled. What belongs to a unit of work takes a connection and leaves commit to the caller; plain reads are methods of [`Store`].

use std::time::Duration;

use domain::ids::SystemIdentifier;
use domain::time::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgPool, Row as _};

pub mod audit;
pub mod challenges;
pub mod decisions;
pub mod drills;
mod dumps;
mod error;
pub mod events;
mod facts;
pub mod findings;
mod keys;
mod leader;
pub mod notices;
mod observations;
pub mod people;
pub mod requests;
mod row;
pub mod runs;
mod schema;
pub mod sessions;
mod sign_ins;
mod summaries;
mod vitals;

pub use dumps::{DumpReading, KeptReading, ListedDump};
pub use error::{Refusal, StoreError};
pub use leader::Leadership;
pub use observations::{Readings, Subject};
pub use sign_ins::SignInAttempt;
pub use sqlx::PgConnection;
pub use vitals::VitalsAround;

/// What every function here answers with.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A unit of work. Rolled back unless it is committed.
pub type Tx = sqlx::Transaction<'static, sqlx::Postgres>;

/// How long a page may wait for a free connection before it says that the database is unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Settings of each session. Statements here leave out the filters that aren't given, so each call is planned for its own parameters
/// instead of once for all; nothing may wait, or keep others waiting, without end; and what is committed stays, whatever the server's default:
/// a step that is on record as begun must not be forgotten by a crash.
const SETTINGS: [(&str, &str); 6] = [
    ("plan_cache_mode", "force_custom_plan"),
    ("lock_timeout", "10s"),
    ("statement_timeout", "60s"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("default_transaction_isolation", "read committed"),
    ("synchronous_commit", "on"),
];

/// Advisory locks, by their second key; the first is [`LOCK_CLASS`] for all of them.
#[derive(Clone, Copy, Debug)]
enum Lock {
    Sequencer = 1,
    Leader = 2,
    Drills = 3,
    Runbooks = 4,
}

/// Keeps Muster's advisory locks apart from those of others in the same database.
const LOCK_CLASS: i32 = 0x4D75_7374;

/// The database, behind a pool of connections.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
}

/// Whether the next borrower of this connection begins with nothing open. A `begin` that is dropped while the server answers it leaves a
/// transaction that the driver knows nothing of, and what others write in it later is never committed:
/// <https://github.com/transact-rs/sqlx/issues/4393>. Asked by the simple protocol, in which a statement of its own begins its transaction.
async fn has_no_transaction(conn: &mut PgConnection) -> sqlx::Result<bool> {
    let row = sqlx::raw_sql("select transaction_timestamp() = statement_timestamp()").fetch_one(conn);
    row.await?.try_get(0)
}

impl Store {
    /// Opens a pool. The connection must be direct: locks, listening and session settings don't survive a transaction pooler.
    ///
    /// # Errors
    /// If the database doesn't answer or refuses the login.
    pub async fn connect(options: PgConnectOptions, max_connections: u32) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_release(|conn, _| Box::pin(has_no_transaction(conn)))
            .connect_with(options.application_name("muster").options(SETTINGS))
            .await?;
        Ok(Self { pool })
    }

    #[must_use]
    pub const fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a unit of work.
    ///
    /// # Errors
    /// If no connection is to be had.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(self.pool.begin().await?)
    }

    /// The database's clock, by which all deadlines run.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn now(&self) -> Result<Timestamp> {
        Ok(sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
            .fetch_one(&self.pool)
            .await?)
    }

    /// Which cluster this database lives in: Muster must never restore over its own.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn system_identifier(&self) -> Result<SystemIdentifier> {
        let signed = sqlx::query_scalar!(r#"select system_identifier as "id!" from pg_control_system()"#)
            .fetch_one(&self.pool)
            .await?;
        Ok(SystemIdentifier(domain::ids::Big(signed.cast_unsigned())))
    }

    /// Waits for statements under way and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
