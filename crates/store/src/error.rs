//! What can go wrong with the database, sorted by what the person at the console can do about it.

use domain::ids::{DrillId, RunId};
use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;

/// A statement that didn't do what it was asked for. The message is for people, the source for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "Muster’s own database doesn’t answer. What it had not confirmed may or may not be written: look again before you repeat it. \
         Check that the database runs; Muster goes on by itself once it is back."
    )]
    Unavailable(#[source] sqlx::Error),
    #[error("Somebody else is changing this at the moment. Nothing was changed. Try again in a few seconds.")]
    Busy(#[source] sqlx::Error),
    /// Names the constraint that forbids it.
    #[error("Somebody else was faster, or it exists already ({0}). Nothing was changed. Reload and look again.")]
    Conflict(String),
    #[error(
        "Row {id} of {table} contradicts itself: {what}. Nothing was done with it. Somebody changed it behind Muster’s back, or the \
         database is damaged: compare it with the audit log."
    )]
    Inconsistent {
        table: &'static str,
        id: String,
        what: String,
    },
    #[error("{what}: {expected} row expected, {found} changed. Nothing was changed. Reload and look again.")]
    RowsAffected {
        what: &'static str,
        expected: u64,
        found: u64,
    },
    /// Whoever asked holds the run no longer.
    #[error(
        "Run {0} is in other hands: its lease ran out and another worker took it over, or it is over. Nothing was written."
    )]
    LeaseLost(RunId),
    #[error(
        "Drill {0} is in other hands: its lease ran out and another worker closed it, or it is over. Nothing was written."
    )]
    DrillLost(DrillId),
    #[error(
        "The database was set up by a newer Muster: it takes version {min_binary} or later, this is {binary}. Nothing was changed. \
         Start the newer version."
    )]
    SchemaTooNew { min_binary: String, binary: String },
    #[error(
        "The database could not be brought up to this version. Each step is applied whole or not at all, so no data is lost."
    )]
    Migration(#[from] MigrateError),
    #[error("Muster’s own database refused a statement. Nothing was changed. The log says why.")]
    Refused(#[from] Refusal),
}

/// Why PostgreSQL refused, without the details it adds: those quote rows, and rows may hold tokens.
#[derive(Debug, thiserror::Error)]
#[error("{message} (SQLSTATE {code})")]
pub struct Refusal {
    pub code: String,
    pub message: String,
}

impl Refusal {
    fn new(error: &sqlx::Error) -> Self {
        let refusal = error.as_database_error();
        Self {
            code: refusal
                .and_then(|refusal| refusal.code())
                .unwrap_or("none".into())
                .into_owned(),
            message: refusal.map_or_else(|| error.to_string(), |refusal| refusal.message().to_owned()),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Database(refusal) => match refusal.kind() {
                ErrorKind::UniqueViolation | ErrorKind::ExclusionViolation => {
                    Self::Conflict(refusal.constraint().unwrap_or("a unique value").into())
                }
                _ => match refusal.code().as_deref() {
                    Some(code) if is_outage(code) => Self::Unavailable(error),
                    Some(code) if is_contention(code) => Self::Busy(error),
                    _ => Self::Refused(Refusal::new(&error)),
                },
            },
            E::Io(_) | E::Tls(_) | E::Protocol(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Self::Unavailable(error)
            }
            _ => Self::Refused(Refusal::new(&error)),
        }
    }
}

/// Classes 08 (connection), 28 (login), 53 (resources: disk full, too many connections), 57P (shut down) and 58 (system) of
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn is_outage(code: &str) -> bool {
    ["08", "28", "53", "57P", "58"]
        .iter()
        .any(|class| code.starts_with(class))
}

/// Serialisation failure, deadlock, lock time-out.
fn is_contention(code: &str) -> bool {
    ["40001", "40P01", "55P03"].contains(&code)
}
