//! What is asked of the restored copy. One file a question; each answers for itself, so that what one table hides leaves the others seen.

mod ampora;
mod audit;
mod authority;
mod configurations;
mod revocations;
mod site;
mod tables;
mod whole;

use sqlx::PgConnection;

pub use audit::AuditSpan;
pub use authority::Certificates;
pub use configurations::{Configurations, Mismatch};
pub use revocations::Revocation;
pub use site::SiteAnswer;
pub(super) use tables::MOST_JOBS;
pub use tables::{Extension, TableRead, TablesRead};
pub use whole::Whole;

/// Why a question has no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Lookup {
    /// The table or column isn't there; what isn't configured may be named otherwise.
    #[error("{0}; if yours is named otherwise, say so under [deployment.schema]")]
    Missing(String),
    /// Its pages can't be read. The check of all tables says so.
    #[error("its table can’t be read: {0}")]
    Damaged(String),
    #[error("{0}")]
    Failed(String),
}

impl Lookup {
    /// What helps, where it is the environment that lacks something.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        super::lint::environment(&self.to_string()).map(|cause| cause.remedy)
    }
}

impl From<sqlx::Error> for Lookup {
    fn from(error: sqlx::Error) -> Self {
        let Some(refusal) = error.as_database_error() else {
            return Self::Failed(error.to_string());
        };
        let message = refusal.message().to_owned();
        // Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
        match refusal.code().as_deref() {
            Some("42P01" | "42703") => Self::Missing(message),
            Some("XX001" | "XX002" | "58P01" | "58030") => Self::Damaged(message),
            _ => Self::Failed(message),
        }
    }
}

/// A table as it may be configured, `schema.table`, quoted part by part.
fn table(name: &str) -> String {
    let parts: Vec<_> = name.split('.').map(crate::postgres::quote).collect();
    parts.join(".")
}

/// Whether the database has this column.
async fn has_column(conn: &mut PgConnection, of: &str, column: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_attribute
                        WHERE attrelid = to_regclass($1) AND attname = $2 AND attnum > 0 AND NOT attisdropped)",
    )
    .bind(table(of))
    .bind(column)
    .fetch_one(conn)
    .await
}
