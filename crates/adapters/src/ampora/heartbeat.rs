//! The heartbeat: one row that Muster renews beside Ampora's tables, so that a restored copy tells its own age to the second. Everything else
//! that Muster does with this database is reading; so a role that could do more than renew that row isn't used at all.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::{AmporaError, Column};

/// Where the row is, and its column. `docs/ampora-schema.md` has the statements that make both, and the role.
const TABLE: &str = "muster.heartbeat";
const AT: &str = "beat_at";
/// From connecting to the end: a database that hangs misses a beat.
const PATIENCE: Duration = Duration::from_secs(15);

/// Rights that the role has no use for, in words. Having them on the row itself is its work.
const BEYOND: &str = r"
WITH me AS (SELECT * FROM pg_roles WHERE rolname = current_user)
SELECT what FROM (
    SELECT 1 AS weight, w.what FROM me, LATERAL (VALUES
        (rolsuper, 'it is a superuser'), (rolcreaterole, 'it may create roles'), (rolcreatedb, 'it may create databases'),
        (rolreplication, 'it may replicate'), (rolbypassrls, 'it sees past row-level security')) w (has, what)
    WHERE w.has
    UNION ALL
    SELECT 2, 'it is a member of ' || r.rolname FROM me, pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE m.member = me.oid
    UNION ALL
    SELECT 3, 'it may create schemas in ' || current_database() WHERE has_database_privilege(current_database(), 'CREATE')
    UNION ALL
    SELECT 3, 'it may create objects in schema ' || nspname FROM pg_namespace
    WHERE nspname !~ '^pg_(toast_)?temp' AND has_schema_privilege(oid, 'CREATE')
    UNION ALL
    SELECT 4, 'it may ' || p.word || ' ' || c.oid::regclass
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p (word)
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, p.word)
      AND NOT (c.oid = to_regclass('muster.heartbeat') AND p.word <> 'REFERENCES')
    UNION ALL
    SELECT 4, 'it may ' || p.word || ' ' || c.oid::regclass
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) p (word)
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, p.word)
) rights ORDER BY weight, what LIMIT 5";

/// Whoever renews the row.
#[derive(Clone, Debug)]
pub struct Heartbeat {
    options: PgConnectOptions,
}

/// Why there was no beat.
#[derive(Debug, thiserror::Error)]
pub enum HeartbeatError {
    #[error(
        "the heartbeat isn’t written, since its role can do more than that: {}. Take these rights away (docs/ampora-schema.md)",
        .0.join(", ")
    )]
    TooMuch(Vec<String>),
    #[error(
        "there is no table muster.heartbeat, or the role may not renew its row: {0}. docs/ampora-schema.md has the statements"
    )]
    NoRow(String),
    #[error(transparent)]
    Ampora(#[from] AmporaError),
}

impl From<sqlx::Error> for HeartbeatError {
    fn from(error: sqlx::Error) -> Self {
        match AmporaError::from(error) {
            AmporaError::Missing(said) | AmporaError::Denied(said) => Self::NoRow(said),
            other => Self::Ampora(other),
        }
    }
}

impl Heartbeat {
    #[must_use]
    pub fn new(options: PgConnectOptions) -> Self {
        let options = options.application_name("muster heartbeat").options([
            ("statement_timeout", "10s"),
            ("lock_timeout", "2s"),
            ("timezone", "UTC"),
        ]);
        Self {
            options: options.disable_statement_logging(),
        }
    }

    /// The row, for whoever reads it.
    #[must_use]
    pub fn column() -> Column {
        Column::new(TABLE, AT)
    }

    /// Makes sure that the role can renew the row and nothing else. Writes nothing.
    ///
    /// # Errors
    /// If it can do more, or less, or the database can't be asked.
    pub async fn check(&self) -> Result<(), HeartbeatError> {
        self.with(async |conn| {
            modest(conn).await?;
            // Planned and not carried out: rights on the columns are looked at all the same.
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN {RENEW}"));
            sqlx::query(explain).execute(conn).await?;
            Ok(())
        })
        .await
    }

    /// Renews the row; answers the time that stands in it, of the database's clock.
    ///
    /// # Errors
    /// If the role can do more than this: nothing is written then. If it can't, or the database doesn't answer.
    pub async fn beat(&self) -> Result<DateTime<Utc>, HeartbeatError> {
        self.with(async |conn| {
            modest(conn).await?;
            let renew = sqlx::AssertSqlSafe(format!("{RENEW} RETURNING {AT}"));
            Ok(sqlx::query_scalar(renew).fetch_one(conn).await?)
        })
        .await
    }

    async fn with<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, HeartbeatError>,
    ) -> Result<T, HeartbeatError> {
        let whole = async {
            let mut conn = self.options.connect().await?;
            let done = work(&mut conn).await;
            conn.close().await?;
            done
        };
        match tokio::time::timeout(PATIENCE, whole).await {
            Ok(done) => done,
            Err(_) => Err(AmporaError::TooSlow.into()),
        }
    }
}

/// The row's time is that of the statement, and not of its transaction's beginning.
const RENEW: &str = "INSERT INTO muster.heartbeat (beat_at) VALUES (clock_timestamp())
                     ON CONFLICT (one) DO UPDATE SET beat_at = excluded.beat_at";

async fn modest(conn: &mut PgConnection) -> Result<(), HeartbeatError> {
    let beyond: Vec<String> = sqlx::query_scalar(BEYOND).fetch_all(conn).await?;
    if beyond.is_empty() {
        Ok(())
    } else {
        Err(HeartbeatError::TooMuch(beyond))
    }
}
