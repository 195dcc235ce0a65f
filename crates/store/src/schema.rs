//! Brings the schema up to this version, and refuses one that has moved on without it.

use sqlx::Connection;
use sqlx::migrate::Migrator;

use crate::{PgConnection, Result, Store, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// The version of this binary.
const BINARY: &str = env!("CARGO_PKG_VERSION");

impl Store {
    /// Applies the migrations that are missing. Several processes may do it at once; one of them does it.
    ///
    /// # Errors
    /// [`StoreError::SchemaTooNew`] if a newer Muster has changed the schema in a way that this one can't work with.
    pub async fn migrate(&self) -> Result<()> {
        // A connection of its own: building an index may take longer than any page would wait.
        let mut conn = PgConnection::connect_with(&self.pool.connect_options()).await?;
        sqlx::raw_sql("set statement_timeout = 0; set lock_timeout = 0")
            .execute(&mut conn)
            .await?;
        check(&mut conn).await?;
        let mut migrator = Migrator {
            migrations: MIGRATIONS.migrations.clone(),
            ..Migrator::DEFAULT
        };
        // A newer schema that still declares itself readable has migrations that this binary doesn't know.
        migrator
            .set_ignore_missing(true)
            .run_direct(None, &mut conn, false)
            .await?;
        check(&mut conn).await?;
        Ok(conn.close().await?)
    }
}

async fn check(conn: &mut PgConnection) -> Result<()> {
    let exists = sqlx::query_scalar!(r#"select to_regclass('muster_schema') is not null as "exists!""#)
        .fetch_one(&mut *conn)
        .await?;
    if !exists {
        return Ok(());
    }
    let min_binary = sqlx::query_scalar!("select min_binary from muster_schema")
        .fetch_one(conn)
        .await?;
    if is_older(BINARY, &min_binary) {
        return Err(StoreError::SchemaTooNew {
            min_binary,
            binary: BINARY.into(),
        });
    }
    Ok(())
}

/// Whether version `a` comes before `b`. Only the three numbers count.
fn is_older(a: &str, b: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        let core = version.split(['-', '+']).next().unwrap_or_default();
        core.split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    numbers(a) < numbers(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        for (a, b, older) in [
            ("0.1.0", "0.1.0", false),
            ("0.9.0", "0.10.0", true),
            ("1.0.0", "0.10.0", false),
            ("0.2.0-rc.1", "0.2.0", false),
        ] {
            assert_eq!(is_older(a, b), older, "{a} {b}");
        }
    }
}
