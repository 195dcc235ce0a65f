//! The live Ampora database: vital signs and the wrapped columns, read-only, and the one row that Muster may write. Every session that reads
//! turns row-level security off, so that a row that is hidden from Muster's role is an error and not a smaller number.

mod agents;
mod beyond;
mod cluster;
mod envelopes;
mod essentials;
mod heartbeat;
mod isolation;
mod schema;
mod traces;
mod vitals;

use std::time::Duration;

use domain::envelope::Layout;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{PgConnection, Row as _};

pub use agents::Heard;
pub use beyond::Since;
pub use cluster::LiveCluster;
pub use envelopes::Batch;
pub use essentials::Essentials;
pub use heartbeat::{Heartbeat, HeartbeatError};
pub use isolation::isolation;
pub use schema::{AccessTokens, Agents, Audit, Authorities, Certificates, Column, Configurations, Schema, Tokens};
pub(crate) use vitals::exact_rows;

const CONNECT: Duration = Duration::from_secs(5);

/// A connection to one deployment's database, made when it is first needed.
#[derive(Clone, Debug)]
pub struct AmporaDb {
    pool: PgPool,
    schema: Schema,
    layout: Layout,
}

/// Why the database told nothing.
#[derive(Debug, thiserror::Error)]
pub enum AmporaError {
    #[error("the Ampora database can’t be reached: {}", words(.0))]
    Unreachable(sqlx::Error),
    #[error(
        "the role hides rows from Muster (row-level security): give it BYPASSRLS, as the documentation of the read-only role says"
    )]
    HiddenRows,
    #[error("the Ampora database has no {0}; if yours is named otherwise, say so under [deployment.schema]")]
    Missing(String),
    #[error("nothing names {0}, so it isn’t read")]
    NotConfigured(&'static str),
    #[error("the Ampora database took longer over it than Muster lets it")]
    TooSlow,
    #[error("the role may not read it: {0}")]
    Denied(String),
    #[error("the Ampora database answered with an error: {}", words(.0))]
    Query(sqlx::Error),
    #[error("the Ampora database answered {0}, which Muster doesn’t understand")]
    Odd(String),
}

/// The server's own words; the driver's wrapping says nothing to a person.
fn words(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .map_or_else(|| error.to_string(), |db| db.message().to_owned())
}

impl From<sqlx::Error> for AmporaError {
    fn from(error: sqlx::Error) -> Self {
        let Some(db) = error.as_database_error() else {
            return match error {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed => {
                    Self::Unreachable(error)
                }
                other => Self::Query(other),
            };
        };
        let message = db.message().to_owned();
        // Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
        match db.code().as_deref() {
            Some("42501") if message.contains("row-level security") => Self::HiddenRows,
            Some("42501") => Self::Denied(message),
            Some("42P01" | "42703") => Self::Missing(message),
            Some("57014") => Self::TooSlow,
            Some(code)
                if code.starts_with("28") || code.starts_with("08") || code.starts_with("57P") || code == "3D000" =>
            {
                Self::Unreachable(error)
            }
            _ => Self::Query(error),
        }
    }
}

/// Whether a connection can be used again. A reading that is given up while its transaction begins leaves it open, without the driver's
/// knowledge: <https://github.com/transact-rs/sqlx/issues/4393>. By the simple protocol a statement of its own begins its transaction.
async fn has_no_transaction(conn: &mut PgConnection) -> sqlx::Result<bool> {
    let row = sqlx::raw_sql("SELECT transaction_timestamp() = statement_timestamp()").fetch_one(conn);
    row.await?.try_get(0)
}

impl AmporaDb {
    /// Prepares the connection; nothing is connected yet.
    #[must_use]
    pub fn new(options: PgConnectOptions, schema: Schema) -> Self {
        let options = options.application_name("muster").options([
            ("row_security", "off"),
            ("default_transaction_read_only", "on"),
            ("statement_timeout", "30s"),
            ("lock_timeout", "2s"),
            ("timezone", "UTC"),
            ("idle_in_transaction_session_timeout", "60s"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(CONNECT)
            .idle_timeout(Duration::from_secs(60))
            .after_release(|conn, _| Box::pin(has_no_transaction(conn)));
        Self {
            pool: pool.connect_lazy_with(options),
            schema,
            layout: Layout::default(),
        }
    }

    /// Wrapped values are taken apart by this layout.
    #[must_use]
    pub fn with_layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }

    /// The names Muster reads by.
    #[must_use]
    pub const fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Ends all its sessions.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
