//! Certificates that were revoked: a restore to an older state takes a revocation back, and an agent that was thrown out is in again.

use domain::time::Timestamp;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use super::super::Copy;
use super::{Lookup, table};
use crate::ampora::Certificates;
use crate::postgres::quote;

/// Revocations that are read; a fleet has some hundreds.
const MOST: u32 = 100_000;

/// One of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Revocation {
    pub certificate: String,
    pub at: Timestamp,
}

impl Copy {
    /// Those of the copy.
    ///
    /// # Errors
    /// If they can't be read.
    pub async fn revocations(&self, database: &str, names: &Certificates) -> Result<Vec<Revocation>, Lookup> {
        let pool = self.pool(database).await;
        read(&mut *pool.acquire().await?, names).await
    }
}

impl Revocation {
    /// Those of production.
    ///
    /// # Errors
    /// If it can't be asked.
    pub async fn of_production(options: &PgConnectOptions, names: &Certificates) -> Result<Vec<Self>, Lookup> {
        let options = options.clone().options([
            ("row_security", "off"),
            ("default_transaction_read_only", "on"),
            ("statement_timeout", "30s"),
        ]);
        let mut conn = options.application_name("muster drill").connect().await?;
        let all = read(&mut conn, names).await;
        conn.close().await?;
        all
    }
}

async fn read(conn: &mut PgConnection, names: &Certificates) -> Result<Vec<Revocation>, Lookup> {
    let (id, at) = (quote(&names.fingerprint), quote(&names.revoked));
    let sql = format!(
        "SELECT {id}::text, {at} FROM {} WHERE {at} IS NOT NULL ORDER BY 1 LIMIT {MOST}",
        table(&names.table)
    );
    let rows: Vec<(String, Timestamp)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await?;
    Ok(rows
        .into_iter()
        .map(|(certificate, at)| Revocation { certificate, at })
        .collect())
}
