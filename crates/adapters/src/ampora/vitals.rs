//! Vital signs: one short read-only transaction, so that all figures are of one moment. Each sign is read by itself: one that can't be had
//! is unknown with its reason and costs no other.

mod audit;
mod fleet;
mod secrets;
mod server;
mod trust;

use std::collections::BTreeMap;

use domain::ids::Big;
use domain::vitals::{Count, Sign, Vitals, Why};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::{AmporaDb, AmporaError};
use crate::postgres::{quote, relation};

pub(super) use audit::hours;
pub(super) use server::clock;

/// Tables with more rows than this by the planner's estimate aren't counted on every reading.
const COUNTED: f32 = 200_000.0;
/// What one statement may take; the server ends it then, and the sign is unknown.
const PATIENCE: &str = "SET LOCAL statement_timeout = '5s'";

impl AmporaDb {
    /// Reads them.
    ///
    /// # Errors
    /// If the database can't be reached, or says nothing of itself. What else can't be read is an unknown sign.
    pub async fn vitals(&self) -> Result<Vitals, AmporaError> {
        let mut tx = self.pool.begin().await?;
        let conn = &mut *tx;
        begin(conn).await?;
        let mut vitals = server::read(conn).await?;
        (vitals.rows, vitals.signs.estimates) = rows(conn).await?;
        self.signs(conn, &mut vitals).await?;
        vitals.migration_head = known(&vitals.signs.migration_head).flatten();
        vitals.heartbeat = known(&vitals.signs.heartbeat).flatten();
        let (hot, archive) = (known(&vitals.signs.hot), known(&vitals.signs.archive));
        vitals.newest_audit_event = hot.and_then(|table| table.newest);
        let oldest = [hot, archive].into_iter().flatten().filter_map(|table| table.oldest);
        vitals.oldest_audit_event = oldest.min();
        let authorities = known(&vitals.signs.authorities).into_iter().flatten();
        vitals.authority_since = authorities.map(|authority| authority.not_before).min();
        vitals.signs.ended_at = clock(conn).await.ok();
        tx.rollback().await?;
        Ok(vitals)
    }

    async fn signs(&self, conn: &mut PgConnection, vitals: &mut Vitals) -> Result<(), AmporaError> {
        let (schema, at) = (&self.schema, vitals.read_at);
        let signs = &mut vitals.signs;
        macro_rules! read {
            ($($sign:ident = $reading:expr;)*) => {
                $(
                    let read = $reading.await;
                    signs.$sign = settled(conn, read).await?;
                )*
            };
        }
        read! {
            tenants = count(conn, &schema.tenants);
            users = count(conn, &schema.users);
            agents = count(conn, &schema.agents.table);
            hot = audit::table(conn, Some(&schema.audit.table), &schema.audit.at);
            archive = audit::table(conn, schema.audit.archive.as_deref(), &schema.audit.at);
            hours = hours(conn, &schema.audit, at, audit::HOURS);
            published = fleet::published(conn, &schema.configurations);
            key_ids = secrets::key_ids(conn, &schema.wrapped, &self.layout);
            authorities = trust::authorities(conn, &schema.authorities);
            chains = trust::chains(conn, &schema.authorities, &schema.agents);
            issued = count(conn, &schema.certificates.table);
            revoked = trust::revoked(conn, &schema.certificates);
            tokens = secrets::tokens(conn, &schema.tokens);
            redeemed = secrets::redeemed(conn, &schema.tokens);
            peers = secrets::peers(conn, &schema.peers);
            role_passwords = server::role_passwords(conn);
            effective = fleet::effective(conn, &schema.agents);
            row_security = server::row_security(conn);
            migration_head = fleet::migration_head(conn, &schema.migrations);
            heartbeat = fleet::heartbeat(conn, schema.heartbeat.as_ref());
            recovery_target = server::recovery_target(conn);
            position = server::position(conn);
        }
        Ok(())
    }
}

/// Makes the transaction one that only reads, sees one moment, and survives a statement that fails.
pub(super) async fn begin(conn: &mut PgConnection) -> Result<(), AmporaError> {
    for statement in [
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        PATIENCE,
        "SAVEPOINT sign",
    ] {
        sqlx::query(statement).execute(&mut *conn).await?;
    }
    Ok(())
}

fn known<T: Clone>(sign: &Sign<T>) -> Option<T> {
    sign.known().ok().cloned()
}

/// Takes a reading as a sign. A statement that failed leaves the transaction where it was before.
pub(super) async fn settled<T>(conn: &mut PgConnection, read: Result<T, AmporaError>) -> Result<Sign<T>, AmporaError> {
    let error = match read {
        Ok(value) => return Ok(Sign::Known(value)),
        Err(error @ AmporaError::Unreachable(_)) => return Err(error),
        Err(error) => error,
    };
    sqlx::query("ROLLBACK TO SAVEPOINT sign").execute(conn).await?;
    Ok(Sign::unknown(why(&error), error.to_string()))
}

const fn why(error: &AmporaError) -> Why {
    match error {
        AmporaError::HiddenRows => Why::Hidden,
        AmporaError::Missing(_) => Why::Missing,
        AmporaError::Denied(_) => Why::Denied,
        AmporaError::TooSlow => Why::TooSlow,
        AmporaError::NotConfigured(_) => Why::NotConfigured,
        AmporaError::Unreachable(_) | AmporaError::Query(_) | AmporaError::Odd(_) => Why::Odd,
    }
}

/// Rows of a table, by the planner's estimate where there are many.
async fn count(conn: &mut PgConnection, table: &str) -> Result<Count, AmporaError> {
    let relation = relation(table);
    let estimate: Option<f32> = sqlx::query_scalar("SELECT reltuples FROM pg_class WHERE oid = to_regclass($1)")
        .bind(&relation)
        .fetch_optional(&mut *conn)
        .await?;
    let estimate = estimate.ok_or_else(|| AmporaError::Missing(format!("table {table}")))?;
    if estimate >= COUNTED {
        return Ok(Count {
            rows: Big(estimate as u64),
            estimated: true,
        });
    }
    let sql = format!("SELECT count(*) FROM {relation}");
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?;
    Ok(Count::exactly(rows.unsigned_abs()))
}

/// Row counts of the tables that are small enough to be counted often, and estimates of the others. A table that can't be counted is left
/// out: the signs say what may not be read.
async fn rows(conn: &mut PgConnection) -> Result<(BTreeMap<String, Big>, BTreeMap<String, Big>), AmporaError> {
    let (mut counted, mut estimated) = (BTreeMap::new(), BTreeMap::new());
    for table in tables(conn).await? {
        if table.estimate >= COUNTED {
            estimated.insert(table.name(), Big(table.estimate as u64));
            continue;
        }
        let read = table.count(conn).await;
        if let Sign::Known(rows) = settled(conn, read).await? {
            counted.insert(table.name(), rows);
        }
    }
    Ok((counted, estimated))
}

/// Row counts of all tables, however large.
pub(crate) async fn exact_rows(conn: &mut PgConnection) -> Result<BTreeMap<String, Big>, AmporaError> {
    let mut counts = BTreeMap::new();
    for table in tables(conn).await? {
        counts.insert(table.name(), table.count(conn).await?);
    }
    Ok(counts)
}

/// A table outside of PostgreSQL's own schemas.
struct Table {
    schema: String,
    table: String,
    estimate: f32,
}

impl Table {
    fn name(&self) -> String {
        format!("{}.{}", self.schema, self.table)
    }

    async fn count(&self, conn: &mut PgConnection) -> Result<Big, AmporaError> {
        let sql = format!("SELECT count(*) FROM {}.{}", quote(&self.schema), quote(&self.table));
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await?;
        Ok(Big(count.unsigned_abs()))
    }
}

async fn tables(conn: &mut PgConnection) -> Result<Vec<Table>, AmporaError> {
    let rows = sqlx::query(
        "SELECT n.nspname, c.relname, c.reltuples FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
         ORDER BY 1, 2",
    )
    .fetch_all(conn)
    .await?;
    let table = |row: &sqlx::postgres::PgRow| {
        Ok(Table {
            schema: row.try_get(0)?,
            table: row.try_get(1)?,
            estimate: row.try_get(2)?,
        })
    };
    rows.iter().map(table).collect()
}
