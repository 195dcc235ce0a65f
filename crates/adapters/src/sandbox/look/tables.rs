//! Every table of every database, read from its first page to its last: that is what a checksum needs to speak up. A copy that runs elsewhere
//! reads them itself too, and sends a number.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::Big;
use futures::StreamExt as _;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row as _};
use tokio_util::sync::CancellationToken;

use super::super::{Copy, SandboxError, lint};
use crate::postgres::quote;
use crate::process::ProcessError;

/// `pg_amcheck` ends with this if it found something wrong, and with 1 if it could not look.
const CORRUPTION_FOUND: i32 = 2;
/// Connections of either reader at most. A restored server takes 20 of them or more.
pub(in super::super) const MOST_JOBS: u32 = 6;

/// What reading everything showed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TablesRead {
    /// Rows by database and `schema.table`.
    pub rows: BTreeMap<String, BTreeMap<String, Big>>,
    pub unreadable: Vec<TableRead>,
    /// What `pg_amcheck` found wrong, or `Ok(None)` if it isn't to be had.
    pub structure: Option<Result<(), String>>,
}

/// A table that can't be read to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableRead {
    pub database: String,
    /// `schema.table`.
    pub table: String,
    pub reason: String,
    /// What helps, where it is this server that lacks something.
    pub remedy: Option<&'static str>,
}

/// An extension that a database uses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extension {
    pub database: String,
    pub name: String,
    pub version: String,
    /// Whether this server has that version of it.
    pub available: bool,
}

impl Copy {
    /// Names of its databases that take connections.
    ///
    /// # Errors
    /// If it can't be asked.
    pub async fn databases(&self) -> Result<Vec<String>, SandboxError> {
        let pool = self.home().await;
        // The last of them is what RDS keeps for itself in each instance: it lets nobody in.
        let sql = "SELECT datname::text FROM pg_database
                   WHERE datallowconn AND has_database_privilege(oid, 'CONNECT') AND datname <> 'rdsadmin' ORDER BY 1";
        Ok(sqlx::query_scalar(sql).fetch_all(&pool).await?)
    }

    /// Extensions of all databases.
    ///
    /// # Errors
    /// If one can't be asked.
    pub async fn extensions(&self) -> Result<Vec<Extension>, SandboxError> {
        let mut found = Vec::new();
        for database in self.databases().await? {
            let pool = self.pool(&database).await;
            let rows = sqlx::query(
                "SELECT extname::text, extversion, EXISTS (SELECT FROM pg_available_extension_versions a
                                                           WHERE a.name = extname AND a.version = extversion)
                 FROM pg_extension ORDER BY 1",
            )
            .fetch_all(&pool)
            .await?;
            for row in rows {
                found.push(Extension {
                    database: database.clone(),
                    name: row.try_get(0)?,
                    version: row.try_get(1)?,
                    available: row.try_get(2)?,
                });
            }
        }
        Ok(found)
    }

    /// Reads every table of every database in full, and beside it has `pg_amcheck` look at the structure where it is installed: each with up
    /// to `jobs` connections.
    ///
    /// # Errors
    /// If a database can't be connected to at all.
    pub async fn read_tables(
        &self,
        jobs: u32,
        limit: Duration,
        cancellation: &CancellationToken,
    ) -> Result<TablesRead, SandboxError> {
        let jobs = jobs.clamp(1, MOST_JOBS);
        let enough = cancellation.child_token();
        let reading = async {
            let read = self.read_all(jobs).await;
            // What can't be read has been found; looking on would only say it twice.
            if read.as_ref().is_ok_and(|read| !read.unreadable.is_empty()) {
                enough.cancel();
            }
            read
        };
        let (read, structure) = tokio::join!(reading, self.amcheck(jobs, limit, &enough));
        let read = read?;
        let structure = match read.unreadable.is_empty() {
            true => structure?,
            false => None,
        };
        Ok(TablesRead { structure, ..read })
    }

    async fn read_all(&self, jobs: u32) -> Result<TablesRead, SandboxError> {
        let mut read = TablesRead::default();
        for database in self.databases().await? {
            let pool = self.pool(&database).await;
            let tables = tables(&mut *pool.acquire().await?).await?;
            let counting = tables.into_iter().map(|(schema, name)| {
                let (pool, here) = (pool.clone(), self.is_here());
                async move {
                    let counted = match here {
                        true => count(&pool, &schema, &name).await,
                        false => count_there(&pool, &schema, &name).await,
                    };
                    (format!("{schema}.{name}"), counted)
                }
            });
            let counted: Vec<_> = futures::stream::iter(counting)
                .buffer_unordered(usize::try_from(jobs).unwrap_or(1))
                .collect()
                .await;
            let mut rows = BTreeMap::new();
            for (table, counted) in counted {
                match counted {
                    Ok(count) => {
                        rows.insert(table, Big(count));
                    }
                    Err(error) => read.unreadable.push(unreadable(&database, table, &error)),
                }
            }
            partitioned(&mut *pool.acquire().await?, &mut rows).await?;
            read.rows.insert(database, rows);
        }
        read.unreadable
            .sort_by(|one, other| (&one.database, &one.table).cmp(&(&other.database, &other.table)));
        Ok(read)
    }

    /// `None`: it isn't installed, or the databases have no use of its extension.
    async fn amcheck(
        &self,
        jobs: u32,
        limit: Duration,
        cancellation: &CancellationToken,
    ) -> Result<Option<Result<(), String>>, SandboxError> {
        let Some(tool) = self.tool("pg_amcheck") else {
            return Ok(None);
        };
        let call = tool
            .invoke(self.arguments())
            .arg("--all")
            .arg("--install-missing")
            .arg(format!("--jobs={jobs}"))
            .low_priority();
        match call.time_limit(limit).cancelled_by(cancellation.clone()).output().await {
            Ok(_) => Ok(Some(Ok(()))),
            Err(ProcessError::Failed { status, tail, .. }) if status == CORRUPTION_FOUND => {
                Ok(Some(Err(tail.join("\n"))))
            }
            Err(ProcessError::Failed { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Tables with pages of their own; those of the system too, as far as this role may read them. The largest come first, so that none of them is left for the end.
async fn tables(conn: &mut PgConnection) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE (c.relkind = 'r' OR (c.relkind = 'm' AND c.relispopulated)) AND c.relpersistence <> 't' AND n.nspname <> 'pg_toast'
           AND (n.nspname <> 'pg_catalog' OR has_table_privilege(c.oid, 'SELECT'))
         ORDER BY pg_table_size(c.oid) DESC, 1, 2",
    )
    .fetch_all(conn)
    .await
}

/// Reads every value of a table, large ones included, and throws it away; answers how many rows there were. A count alone would leave
/// values that lie outside of the rows unread, and `pg_amcheck` doesn't unpack those that are compressed.
async fn count(pool: &PgPool, schema: &str, name: &str) -> Result<u64, sqlx::Error> {
    let copy = format!("COPY (SELECT * FROM {}.{}) TO '/dev/null'", quote(schema), quote(name));
    // Half the work of the same as text, which has each byte looked at once more.
    let binary = format!("{copy} WITH (FORMAT binary)");
    match sqlx::query(AssertSqlSafe(binary)).execute(pool).await {
        // A type may have no binary form, such as aclitem before PostgreSQL 16; every one has a text.
        Err(error) if is_undefined_function(&error) => {
            Ok(sqlx::query(AssertSqlSafe(copy)).execute(pool).await?.rows_affected())
        }
        read => Ok(read?.rows_affected()),
    }
}

/// The same by a role that may only read, which no server lets write to its files: each row is made a text, for which all of it is read,
/// and only their number comes over the network.
async fn count_there(pool: &PgPool, schema: &str, name: &str) -> Result<u64, sqlx::Error> {
    let sql = format!(
        "SELECT count((whole.*)::text) FROM ONLY {}.{} AS whole",
        quote(schema),
        quote(name)
    );
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(pool).await?;
    Ok(rows.unsigned_abs())
}

/// The code of "no binary output function available for type …", among others.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn is_undefined_function(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some("42883")
}

fn unreadable(database: &str, table: String, error: &sqlx::Error) -> TableRead {
    let told = error.as_database_error();
    let reason = told.map_or_else(|| error.to_string(), |told| told.message().to_owned());
    TableRead {
        database: database.to_owned(),
        table,
        remedy: lint::environment(&reason).map(|cause| cause.remedy),
        reason,
    }
}

/// A partitioned table has the rows of its parts.
async fn partitioned(conn: &mut PgConnection, rows: &mut BTreeMap<String, Big>) -> Result<(), sqlx::Error> {
    let parts: Vec<(String, String)> = sqlx::query_as(
        "SELECT n.nspname || '.' || c.relname, ln.nspname || '.' || l.relname
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         CROSS JOIN LATERAL pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid JOIN pg_namespace ln ON ln.oid = l.relnamespace
         WHERE c.relkind = 'p' AND NOT c.relispartition AND t.isleaf",
    )
    .fetch_all(conn)
    .await?;
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for (whole, part) in parts {
        *sums.entry(whole).or_default() += rows.get(&part).map_or(0, |rows| rows.0);
    }
    rows.extend(sums.into_iter().map(|(name, sum)| (name, Big(sum))));
    Ok(())
}
